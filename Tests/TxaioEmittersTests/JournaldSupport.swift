import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// A real journald: the one that `scripts/with-journald` runs beside all tests, or private ones for faults.
enum Journald {
    static let directory = ProcessInfo.processInfo.environment["TXAIO_JOURNAL_DIR"]

    static var isThere: Bool { directory != nil }

    /// Notes that a test met a real journald.
    static func met(_ test: String = Test.current?.name ?? "?") {
        guard let path = ProcessInfo.processInfo.environment["TXAIO_JOURNAL_TESTS_MET"] else { return }
        guard let file = FileHandle(forWritingAtPath: path) else { return }
        defer { try? file.close() }
        _ = try? file.seekToEnd()
        try? file.write(contentsOf: Data("\(test)\n".utf8))
    }

    /// A name that no other test has.
    static func identifier(_ name: String = #function) -> String {
        "t-\(name.prefix { $0 != "(" })-\(UUID().uuidString.prefix(8))"
    }

    /// Waits until all that was sent is stored.
    static func sync() throws {
        let result = try run(["journald-sync"])
        try #require(result.status == 0, "journald-sync: \(result.errors)")
    }

    /// All entries of an identifier, in order.
    static func entries(of identifier: String, more: [String] = []) throws -> [JournalEntry] {
        met()
        try sync()
        let directory = try #require(directory)
        let result = try run(
            ["journalctl", "-D", directory, "-o", "export", "--all", "SYSLOG_IDENTIFIER=\(identifier)"] + more
        )
        return JournalEntry.parse(result.output)
    }

    /// Options of an emitter beside others: it waits where tests that run meanwhile have filled journald's queue.
    static func options(_ change: (inout JournaldOptions) -> Void = { _ in }) -> JournaldOptions {
        var options = JournaldOptions()
        options.whenFull = .wait(upTo: .seconds(60))
        change(&options)
        return options
    }

    /// Makes an emitter with an identifier of its own, runs `body` with it, and reads back what it wrote.
    static func written(
        _ transport: JournaldOptions.Transport = .native,
        with options: JournaldOptions = Journald.options(),
        name: String = #function,
        _ body: (TxaioLogger) -> Void
    ) throws -> [JournalEntry] {
        var options = options
        options.transport = transport
        options.identifier = identifier(name)
        let emitter = try JournaldEmitter(options: options)
        let counts = withLoggingLedger(to: emitter) { body(makeLogger("tests.journald")) }
        let entries = try entries(of: options.identifier ?? "")
        #expect(counts.first?.handedOver == UInt64(entries.count), "what was handed over is stored")
        #expect(counts.first?.droppedInAll == 0)
        return entries
    }

    /// The transports that this build has.
    static var transports: [JournaldOptions.Transport] {
        #if LibSystemd
        [.native, .libsystemd]
        #else
        [.native]
        #endif
    }

    // ------------------------------------------------------------------------------------------------ programs

    struct Result {
        var status: Int32
        var output: [UInt8]
        var errors: String
    }

    static func run(_ command: [String], environment: [String: String] = [:], input: Data? = nil) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // Threads of a Swift program hold back signals, and a program that they start would inherit that.
        let open = "use POSIX; sigprocmask(SIG_SETMASK, POSIX::SigSet->new); exec @ARGV or exit 127"
        process.arguments = ["perl", "-e", open, "timeout", "--kill-after=10", "120"] + command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ content: Data = Data()) throws -> FileHandle {
            let url = folder.appendingPathComponent(name)
            try content.write(to: url)
            return try FileHandle(forUpdating: url)
        }
        // Files, not pipes: neither side can hold up the other.
        let (output, errors) = (try file("out"), try file("err"))
        process.standardInput = try file("in", input ?? Data())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus,
            output: [UInt8](try Data(contentsOf: folder.appendingPathComponent("out"))),
            errors: String(decoding: try Data(contentsOf: folder.appendingPathComponent("err")), as: UTF8.self)
        )
    }

    /// `scripts/with-journald`, for a journald of one's own.
    static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("scripts/with-journald").path

    /// The program of `Tests/Fixtures/JournaldProbe`, which is built beside the tests.
    static let probe = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("JournaldProbe").path

    /// Whether a journald of one's own can be had: where the real paths are used there is but one.
    static var canHaveOwn: Bool { isThere && ProcessInfo.processInfo.environment["TXAIO_JOURNAL_INPLACE"] != "1" }

    /// Runs a scenario of the probe with a journald of its own, and gives what it found as names and values.
    static func probe(
        _ scenario: String...,
        journald: [String] = [],
        prefix: [String] = [],
        test: String = Test.current?.name ?? "?"
    ) throws -> ProbeReport {
        met(test)
        let result = try run([script] + journald + ["--"] + prefix + [probe] + scenario)
        let report = ProbeReport(result)
        #expect(result.status == 0, "\(report)")
        return report
    }
}

/// What a scenario of the probe printed: `name value` a line.
struct ProbeReport: CustomStringConvertible {
    let values: [String: Int]
    let description: String
    let errors: String

    init(_ result: Journald.Result) {
        let text = String(decoding: result.output, as: UTF8.self)
        var values: [String: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: " ")
            if parts.count == 2, let value = Int(parts[1]) { values[String(parts[0])] = value }
        }
        self.values = values
        errors = result.errors
        description = "status \(result.status)\n\(text)\n\(result.errors)"
    }

    subscript(_ name: String) -> Int { values[name] ?? -1 }
}

/// One entry, as the Journal Export Format has it: exact bytes, every value of a field.
struct JournalEntry {
    private var fields: [String: [[UInt8]]] = [:]

    /// The only value of a field.
    func bytes(_ name: String) -> [UInt8]? { fields[name]?.first }
    /// The only value of a field as text.
    subscript(_ name: String) -> String? { bytes(name).map { String(decoding: $0, as: UTF8.self) } }
    /// All values of a field.
    func all(_ name: String) -> [[UInt8]] { fields[name] ?? [] }
    /// All fields but those that journald adds.
    var names: Set<String> { Set(fields.keys.filter { !$0.hasPrefix("_") }) }

    static func parse(_ bytes: [UInt8]) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var entry = JournalEntry()
        var at = 0
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 0x0A) ?? bytes.count
            let line = bytes[at..<end]
            at = end + 1
            if line.isEmpty {
                if !entry.fields.isEmpty { entries.append(entry) }
                entry = JournalEntry()
            } else if let equals = line.firstIndex(of: 0x3D) {
                let name = String(decoding: line[..<equals], as: UTF8.self)
                entry.fields[name, default: []].append(Array(line[(equals + 1)...]))
            } else {
                guard at + 8 <= bytes.count else { break }
                var length = 0
                for index in (0..<8).reversed() { length = length << 8 | Int(bytes[at + index]) }
                guard at + 8 + length < bytes.count else { break }
                let name = String(decoding: line, as: UTF8.self)
                entry.fields[name, default: []].append(Array(bytes[(at + 8)..<(at + 8 + length)]))
                at += 8 + length + 1
            }
        }
        if !entry.fields.isEmpty { entries.append(entry) }
        return entries
    }
}

extension Trait where Self == ConditionTrait {
    /// For tests that need a real journald.
    static var journald: Self { .enabled(if: Journald.isThere, "needs a real journald: scripts/with-journald") }
    /// For tests that need a journald of their own.
    static var ownJournald: Self {
        .enabled(if: Journald.canHaveOwn, "needs a journald of its own: scripts/with-journald")
    }
}
