#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// What a run that was killed left in its rings, and the next run with the same file.
@Suite("Recovery at the start")
struct RecoveryAtStartTests {
    /// A file whose queue lies in the directory.
    private static func configuration(_ directory: String, _ emitter: String, _ queue: String = "") throws -> String {
        let path = "\(directory)/\(UUID().uuidString).yaml"
        let text = """
            version: 1
            emitters: { out: { \(emitter) } }
            delivery: queued
            queue: { service: orders, directory: \(directory), total: 8 MiB\(queue) }
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private static func ringFiles(_ directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { $0.hasSuffix(".rings") }
    }

    @Test(.timeLimit(.minutes(10)))
    func whatAKilledRunLeftComesOutAtTheNextStart() async {
        let directory = TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
            try EmitterRegistry.register("stuck") { options in
                try options.finish()
                return Stuck(name: options.name)
            }
            try startLogging(configuration: Self.configuration(path, "type: stuck"))
            let log = makeLogger("Orders").bind(shard: 7)
            for number in 0..<1_000 { log.info("Order {number} is {state}.", number: number, state: "new") }
            kill(getpid(), SIGKILL)
        }
        #expect(Self.ringFiles(directory.path).count == 1)
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            // Not a ring file: it stays where it is, and is told of.
            try Data("not a ring file".utf8).write(to: URL(fileURLWithPath: path + "/orders.foreign.rings"))
            let session = try startLogging(
                configuration: Self.configuration(path, "type: json, path: \(path)/out.jsonl")
            )
            #expect(Self.ringFiles(path).count == 2)
            makeLogger("Orders").info("alive")
            #expect(session.shutdown())
            #expect(Self.ringFiles(path) == ["orders.foreign.rings"])

            let lines = try jsonLines(path + "/out.jsonl")
            let recovered = lines.filter { $0["log_recovered"] as? Bool == true }
            #expect(recovered.compactMap { $0["number"] as? Int } == Array(0..<1_000))
            #expect(recovered.allSatisfy { $0["log_namespace"] as? String == "Orders" && $0["shard"] as? Int == 7 })
            #expect(recovered.last?["message"] as? String == "Order 999 is new.")
            let repeated = recovered.filter { $0["log_maybe_repeated"] as? Bool == true }.count
            #expect((0...256).contains(repeated))

            let told = lines.filter { $0["log_namespace"] as? String == "TxaioRecovery" }
            #expect(told.compactMap { $0["log_level"] as? String } == ["warn", "info"])
            let fault = told.first?["fault"] as? String ?? ""
            #expect(fault.hasPrefix("not a ring file, left alone: \(path)/orders.foreign.rings"))
            let counts = ["recovered", "files", "maybe_repeated", "skipped", "unresolved"].map {
                told.last?[$0] as? Int
            }
            #expect(counts == [1_000, 1, repeated, 0, 0])
            #expect(lines.count == 1_003)
            #expect(session.ledger.recovered == 1_000 && session.ledger.isBalanced)
            #expect(session.ledger.emitters[0].balance(with: session.ledger))
        }
    }

    @Test func aRunThatEndedInOrderLeavesNothingAndNothingIsTold() async {
        let directory = TemporaryDirectory()
        await #expect(processExitsWith: .success) { [path = directory.path as String] in
            let file = try Self.configuration(path, "type: json, path: \(path)/out.jsonl")
            let session = try startLogging(configuration: file)
            #expect(Self.ringFiles(path).count == 1)
            let mode = try FileManager.default.attributesOfItem(atPath: "\(path)/\(Self.ringFiles(path)[0])")
            #expect(mode[.posixPermissions] as? Int == 0o600)
            makeLogger("Orders").info("one")
            #expect(session.shutdown())
            #expect(Self.ringFiles(path).isEmpty)
            #expect(try startLogging(configuration: file).shutdown())
            #expect(try jsonLines(path + "/out.jsonl").compactMap { $0["message"] as? String } == ["one"])
        }
    }

    @Test func withoutSurvivalNoFileIsMade() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let path = try directory.write(
                Array(
                    """
                    version: 1
                    emitters: { out: { type: json, path: \(directory.path)/out.jsonl } }
                    delivery: queued
                    queue: { survive: false }
                    """.utf8
                )
            )
            let session = try startLogging(configuration: path)
            makeLogger("Orders").info("one")
            #expect(Self.ringFiles(directory.path).isEmpty)
            #expect(session.shutdown())
            #expect(try jsonLines(directory.path + "/out.jsonl").count == 1)
        }
    }

    @Test func aDirectoryThatIsNotThereIsOneFaultAndClosesTheEmitters() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let path = try directory.write(
                Array(
                    """
                    version: 1
                    emitters: { out: { type: text } }
                    delivery: queued
                    queue: { directory: /nonexistent, service: orders }
                    """.utf8
                )
            )
            let error = #expect(throws: ConfigurationError.self) { try startLogging(configuration: path) }
            let told = error?.description ?? ""
            #expect(told.hasPrefix("\(path): the queue's file cannot be had: cannot make /nonexistent/orders."))
            #expect(told.hasSuffix(".rings: No such file or directory at 4:8"))
        }
    }
}

/// An emitter that never returns.
private final class Stuck: LogEmitter {
    let name: String
    init(name: String) { self.name = name }
    func emit(_ event: borrowing LogEvent) -> Acceptance {
        while true { sleep(60) }
    }
}

extension EmitterCounts {
    /// Whether all that was delivered or recovered came here.
    fileprivate func balance(with ledger: LoggingLedger) -> Bool {
        ledger.delivered + ledger.recovered == filtered + accepted + refused
    }
}
#endif
