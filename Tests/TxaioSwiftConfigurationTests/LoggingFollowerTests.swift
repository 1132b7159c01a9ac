#if SwiftConfiguration
import Configuration
import Foundation
import Logging
import ServiceLifecycle
import Testing
import TxaioConfiguration
import TxaioLog
import TxaioSwiftConfiguration

/// Logging is started once in a process, so each test has one of its own.
@Suite("Logging as a section of an application's own file") struct LoggingFollowerTests {
    private typealias Provider = ReloadingFileProvider<LoggingSnapshot<YAMLSnapshot>>

    private static func file(_ levels: String, to log: String) -> String {
        """
        http:
          port: 8080
          anchors: &a [1, 2]     # the application's own matter
          again: *a
        logging:
          version: 1
          levels: \(levels)
          emitters:
            out: { type: json, path: \(log) }

        """
    }

    private static func lines(_ path: String) -> [String] {
        (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
    }

    private static func eventually(_ condition: () -> Bool) async -> Bool {
        for _ in 0..<6_000 {
            if condition() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    @Test func theFileIsFollowedAndWhatIsWrongIsToldOnce() async {
        await #expect(processExitsWith: .success) {
            let directory = NSTemporaryDirectory() + "txaio-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let (path, log) = ("\(directory)/app.yaml", "\(directory)/log.jsonl")
            func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: path), options: .atomic) }
            try write(Self.file("{ Gateway: info }", to: log))

            let provider = try await Provider(filePath: .init(path), pollInterval: .milliseconds(10))
            let follower = try LoggingFollower(provider, file: path)
            let logger = makeLogger("Gateway.Type")
            let reader = ConfigReader(provider: provider)
            #expect(reader.int(forKey: "http.port") == 8080)
            #expect(reader.string(forKey: "logging.levels.Gateway") == "info")

            let group = ServiceGroup(services: [provider, follower], logger: Logger(label: "test"))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                #expect(logger.level == .info)
                try write(Self.file("{ Gateway: debug }", to: log))
                #expect(await Self.eventually { logger.level == .debug })
                try write(Self.file("{ Gateway: debgu }", to: log))
                #expect(await Self.eventually { LiveConfiguration.running?.lastError != nil })
                let told = "\(path): unknown level 'debgu' at 7:22; did you mean 'debug'?"
                #expect(LiveConfiguration.running?.lastError?.description == told)
                #expect(logger.level == .debug && reader.string(forKey: "logging.levels.Gateway") == "debug")
                try write(Self.file("{ Gateway: trace }", to: log))
                #expect(await Self.eventually { logger.level == .trace })
                #expect(LiveConfiguration.running?.lastError == nil && LiveConfiguration.running?.generation == 3)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            #expect(follower.session.shutdown())
            let written = Self.lines(log)
            // Though the provider reads such a file at each look.
            #expect(written.count { $0.contains("Configuration refused, generation 2 stays in force") } == 1)
            #expect(written.count { $0.contains("Gateway=debug set") } == 1)
        }
    }

    @Test func aFileWithFaultsIsAnErrorBeforeAnythingIsOpened() async throws {
        let path = NSTemporaryDirectory() + "txaio-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: path) }
        for (text, fault) in [
            ("http: { port: 1 }\n", "the file has no section 'logging' at 1:1"),
            ("logging: { version: 1 }\n", "'emitters' is missing: without one nothing is written at 1:10"),
            ("logging: debug\n", "'logging' must be a mapping at 1:10"),
            (
                "logging: &x { version: 1, emitters: { out: { type: text } } }\n",
                "anchors and aliases ('&x') are not allowed at 1:10"
            ),
            (
                "logging: { version: 1, emitters: { out: { type: text, levle: info } } }\n",
                "unknown key 'levle' at 1:55; did you mean 'level'?"
            ),
        ] {
            try Data(text.utf8).write(to: URL(filePath: path))
            do {
                _ = try await Provider(filePath: .init(path))
                Issue.record("read: \(text)")
            } catch let error as ConfigurationError {
                #expect(error.description == fault)
            }
        }
    }

    @Test func theSectionMayStandDeeperAndLoggingIsStartedOnce() async {
        await #expect(processExitsWith: .success) {
            let path = NSTemporaryDirectory() + "txaio-\(UUID().uuidString).json"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let text = #"{"app": {"log": {"version": 1, "level": "warn", "emitters": {"e": {"type": "text"}}}}}"#
            try Data(text.utf8).write(to: URL(filePath: path))
            let provider = try await ReloadingFileProvider<LoggingSnapshot<JSONSnapshot>>(
                parsingOptions: .init(section: "app.log"),
                filePath: .init(path)
            )
            let follower = try LoggingFollower(provider)
            #expect(makeLogger("Any").level == .warn)
            #expect(throws: ConfigurationError.self) { try LoggingFollower(provider) }
            #expect(follower.session.shutdown())
        }
    }

    @Test func whatEnvironmentAndCommandLineCanHoldIsReadFromAReader() throws {
        func read(_ values: [AbsoluteConfigKey: ConfigValue]) throws -> LoggingConfiguration {
            try LoggingConfiguration(
                config: ConfigReader(provider: InMemoryProvider(values: values)).scoped(to: "logging")
            )
        }
        let configuration = try read([
            "logging.levels": "warn,Gateway=debug", "logging.emitters": .init(.stringArray(["json"]), isSecret: false),
            "logging.delivery": "queued",
        ])
        #expect(configuration.rules.description == "warn,Gateway=debug")
        #expect(configuration.emitters.map(\.type) == ["json"] && configuration.queue != nil)
        #expect(try read([:]) == LoggingConfiguration(emitters: [.init("text", type: "text")]))
        let error = #expect(throws: ConfigurationError.self) {
            try read(["logging.levels": "warn,Gateway=debgu", "logging.delivery": "qeued"])
        }
        #expect(error?.faults.count == 2)
    }
}
#endif
