import Foundation
import Testing

/// One run of the program CrashProbe: what it printed, by name, and how it ended.
struct ProbeRun: Sendable {
    let values: [String: [String]]
    let status: Int32
    let isSignal: Bool
    let output: String

    /// Where SwiftPM builds the package's programs: beside the test bundle.
    static var program: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("CrashProbe")
    }

    /// Runs a part to its end; kills it, which fails the test, where it takes longer than two minutes.
    init(_ arguments: String..., program: URL = Self.program) async throws {
        let process = Self.process(arguments, program)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        try process.run()
        let watchdog = Task.detached {
            try await Task.sleep(for: .seconds(120))
            kill(process.processIdentifier, SIGKILL)
        }
        let data = await Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }.value
        await Task.detached { process.waitUntilExit() }.value
        watchdog.cancel()
        output = String(decoding: data, as: UTF8.self)
        status = process.terminationStatus
        isSignal = process.terminationReason == .uncaughtSignal
        values = output.split(separator: "\n").reduce(into: [:]) { values, line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard let name = parts.first else { return }
            values[String(name), default: []].append(parts.count > 1 ? String(parts[1]) : "")
        }
    }

    static func process(_ arguments: [String], _ program: URL = Self.program) -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        // A trap is what is asked for: no need to hear where.
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        return process
    }

    /// Copies a program that is to be run.
    ///
    /// By a process of its own: a program that any process still has open for writing cannot be executed, and what this
    /// process has open every child that another test starts just then has as well.
    static func copy(_ program: URL, to place: URL) throws {
        let copying = process([program.path, place.path], URL(fileURLWithPath: "/bin/cp"))
        try copying.run()
        copying.waitUntilExit()
        #expect(copying.terminationStatus == 0)
    }

    /// The value printed under a name, the first where there are several.
    subscript(_ name: String) -> String? { values[name]?.first }

    func number(_ name: String) -> Int { self[name].flatMap { Int($0) } ?? -1 }
}

/// A directory of ring files that goes with the test.
final class RingPlace: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "txaio-recovery-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var ringFiles: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(".rings") }.sorted().map { "\(path)/\($0)" }
    }

    /// A service starts, logs two times `count` events and four of special kinds, and dies with all in its rings.
    func death(_ how: String = "kill", count: Int = 300, program: URL = ProbeRun.program) async throws -> ProbeRun {
        try await ProbeRun("die", how, "\(count)", path, program: program)
    }

    /// Its next start; events go to the file of that name.
    func recovery(into name: String = "out.jsonl") async throws -> ProbeRun {
        let run = try await ProbeRun("recover", path, "\(path)/\(name)")
        #expect(run.status == 0 && !run.isSignal, "\(run.status) \(run.output)")
        #expect(run["balanced"] == "true", "\(run.output)")
        #expect(run["ledger-recovered"] == run["recovered"], "\(run.output)")
        return run
    }

    func events(in name: String = "out.jsonl") throws -> [Event] {
        try Event.all(in: Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    func write(_ bytes: Data, to name: String) throws -> String {
        try bytes.write(to: URL(fileURLWithPath: "\(path)/\(name)"))
        return "\(path)/\(name)"
    }
}

/// A line of the sink.
struct Event: Decodable {
    let log_time: String
    let log_level: String
    let log_namespace: String
    let log_format: String?
    let log_seq: String
    let log_recovered: Bool?
    let log_maybe_repeated: Bool?
    let message: String
    let service: String?
    let request: String?
    let thing: String?
    let user: [String: Attribute]?
    let key: [Int]?
    let n: Int?
    let t: Int?

    static func all(in lines: Data) throws -> [Event] {
        try lines.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Event.self, from: $0) }
    }

    enum Attribute: Decodable, Equatable {
        case number(Int)
        case text(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let number = try? value.decode(Int.self) {
                self = .number(number)
            } else {
                self = .text(try value.decode(String.self))
            }
        }
    }
}
