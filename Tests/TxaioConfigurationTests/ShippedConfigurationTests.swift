#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// The files that users copy, and the schema that their editors read.
@Suite("The configuration files that come along")
struct ShippedConfigurationTests {
    static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("config")

    static var files: [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return all.filter { $0.hasSuffix(".yaml") }.sorted()
    }

    @Test func theThreeAreThere() {
        #expect(Self.files == ["development.yaml", "logging.yaml", "production.yaml"])
    }

    @Test(arguments: files)
    func eachIsSoundAndNamesItsSchema(file: String) throws {
        let path = Self.directory.appendingPathComponent(file).path
        let configuration = try LoggingConfiguration(contentsOf: path)
        #expect(!configuration.emitters.isEmpty)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.hasPrefix("# yaml-language-server: $schema=logging.schema.json\n"))
    }

    @Test func theDemonstrationsFileGoesToAllThreeEmitters() throws {
        let path = Self.directory.appendingPathComponent("logging.yaml").path
        let configuration = try LoggingConfiguration(contentsOf: path)
        #expect(configuration.emitters.map(\.type) == ["text", "json", "journald"])
        #expect(configuration.rules.level(for: "Anything") == .info)
        #expect(configuration.rules.level(for: "NIOCore.Channel") == .warn)
    }

    @Test func theSchemaKnowsTheKeysThatTheReaderKnows() throws {
        let schema = try Self.schema()
        #expect(Self.paths(schema, in: schema).sorted() == ConfigurationReader.knownKeys.sorted())
        for type in ["text", "json", "journald"] {
            let options = try #require(Self.definition("#/definitions/\(type)", in: schema))
            let known = EmitterRegistry.knownOptions(of: type) + ConfigurationReader.emitterKeys
            #expect(Self.paths(options, in: schema).sorted() == known.sorted(), "\(type)")
        }
    }

    @Test func theSchemaKnowsTheLevels() throws {
        let level = try #require(Self.definition("#/definitions/level", in: Self.schema()))
        #expect(level["enum"] as? [String] == LogLevel.allCases.map(\.description))
    }

    private typealias Object = [String: Any]

    private static func schema() throws -> Object {
        let data = try Data(contentsOf: directory.appendingPathComponent("logging.schema.json"))
        return try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    }

    private static func definition(_ reference: String, in schema: Object) -> Object? {
        let name = reference.dropFirst("#/definitions/".count)
        return (schema["definitions"] as? Object)?[String(name)] as? Object
    }

    /// The keys of an object's properties, and with a dot those of objects in them.
    private static func paths(_ object: Object, in schema: Object) -> [String] {
        var paths: [String] = []
        for (key, value) in object["properties"] as? Object ?? [:] {
            paths.append(key)
            guard var property = value as? Object else { continue }
            if let reference = property["$ref"] as? String {
                property = Self.definition(reference, in: schema) ?? property
            }
            paths += Self.paths(property, in: schema).map { "\(key).\($0)" }
        }
        return paths
    }
}
#endif
