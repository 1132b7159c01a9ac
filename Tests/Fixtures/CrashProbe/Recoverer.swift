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
        System.say("left", report.left)
        for fault in report.refused { System.say("refused", fault) }
    }

    static func recover(_ directory: String, output: String) throws {
        let session = try startLogging(to: [JSONEmitter(to: LogFile(output))], level: .trace)
        tell(try Recovery.recover(service: Service.name, directory: directory, into: session))
        session.shutdown()
        System.say("balanced", session.ledger.isBalanced)
        System.say("ledger-recovered", session.ledger.recovered)
    }

    /// Writes JSON until it has had enough, or keeps what it has.
    private final class Faulty: LogEmitter {
        let name = "faulty"
        private let inner: JSONEmitter
        private let how: String
        private let count = Lock(0)
        private let ledger = Lock<EmitterLedger?>(nil)

        init(_ how: String, _ inner: JSONEmitter) { (self.how, self.inner) = (how, inner) }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let number = count.withLock { count in
                count += 1
                return count
            }
            switch how {
            case "gone-after-300": return number <= 300 ? inner.emit(event) : .dropped(.sinkGone)
            case "gone-at-300": return number == 300 ? .dropped(.sinkGone) : inner.emit(event)
            case "too-large": return .dropped(.oversize)
            default:
                // Kept until the flush.
                return .accepted
            }
        }

        func flush(until deadline: Deadline) -> Bool {
            if how == "kept-and-lost" {
                let kept = count.withLock { count in
                    defer { count = 0 }
                    return count
                }
                ledger.withLock { $0 }?.dropped(kept, .sinkGone)
            }
            return how != "stuck"
        }

        func attach(to ledger: EmitterLedger) { self.ledger.withLock { $0 = ledger } }
    }

    /// A start whose emitter is at fault, alone or beside a good one.
    static func recover(_ directory: String, output: String, how: String, isAlone: Bool) throws {
        var emitters: [any LogEmitter] = [try Faulty(how, JSONEmitter(to: LogFile(output)))]
        if !isAlone { emitters.append(try JSONEmitter(to: LogFile(output), name: "good")) }
        let session = try startLogging(to: emitters, level: .trace)
        tell(try Recovery.recover(service: Service.name, directory: directory, into: session))
        System.say("balanced", session.ledger.isBalanced)
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
