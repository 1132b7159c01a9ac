import TxaioEmitters
import TxaioLog
import TxaioRecovery

/// The service at its next start.
enum Recoverer {
    private static func tell(_ report: RecoveryReport) {
        System.say("files", report.files)
        System.say("recovered", report.recovered)
        System.say("maybe-repeated", report.maybeRepeated)
        System.say("skipped", report.skipped)
        System.say("unresolved", report.unresolved)
        for fault in report.refused { System.say("refused", fault) }
    }

    static func recover(_ directory: String, output: String) throws {
        let session = try startLogging(to: [JSONEmitter(to: LogFile(output))], level: .trace)
        tell(try Recovery.recover(service: Service.name, directory: directory, into: session))
        session.shutdown()
        System.say("balanced", session.ledger.isBalanced)
        System.say("ledger-recovered", session.ledger.recovered)
    }

    /// Four threads at once.
    static func recoverTogether(_ directory: String, output: String) throws {
        let session = try startLogging(to: [JSONEmitter(to: LogFile(output))], level: .trace)
        let sums = Lock((files: 0, recovered: 0))
        let threads = (0..<4).map { _ in
            System.onThread {
                guard let report = try? Recovery.recover(service: Service.name, directory: directory, into: session)
                else { return }
                sums.withLock { $0 = ($0.files + report.files, $0.recovered + report.recovered) }
            }
        }
        for thread in threads { System.join(thread) }
        session.shutdown()
        System.say("files", sums.withLock { $0.files })
        System.say("recovered", sums.withLock { $0.recovered })
    }

    // ------------------------------------------------------------------------------------------------ hostile files

    /// Reads COUNT files, each a real one with something changed.
    static func mutate(_ directory: String, file: String, seed: UInt64, count: Int) throws {
        guard let real = System.read(file) else { return System.say("no", file) }
        let session = try startLogging(
            to: [JSONEmitter(to: LogFile("/dev/null")), TextEmitter(to: LogFile("/dev/null"))],
            level: .trace
        )
        var random = Random(state: seed)
        var (recovered, refused, skipped) = (0, 0, 0)
        for number in 0..<count {
            let path = "\(directory)/\(Service.name).\(number).rings"
            guard System.write(Mutation.of(real, &random), to: path) else { return System.say("no", path) }
            let report = try Recovery.recover(service: Service.name, directory: directory, into: session)
            if report.refused.isEmpty == System.exists(path) { System.say("wrong", "\(number): \(report)") }
            System.remove(path)
            recovered += report.recovered
            skipped += report.skipped
            refused += report.refused.count
        }
        session.shutdown()
        System.say("files", count)
        System.say("recovered", recovered)
        System.say("skipped", skipped)
        System.say("refused", refused)
        System.say("balanced", session.ledger.isBalanced)
    }
}
