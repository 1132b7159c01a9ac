import CLogProbe
import Glibc
import Synchronization
import TxaioLog
import TxaioTesting

private let handlers = makeLogger("steps.handler")
private let handled = Atomic<Int>(0)

/// Counts events, and those that say that they are of another thread than they were logged on.
private final class Threads: LogEmitter {
    let name = "threads"
    let count = Atomic<Int>(0)
    let strangers = Atomic<Int>(0)

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        count.wrappingAdd(1, ordering: .relaxed)
        var reader = event.fields.reader
        while let field = reader.nextField() {
            if case .int(let thread) = field.value, UInt32(thread) != event.threadID {
                strangers.wrappingAdd(1, ordering: .relaxed)
            }
        }
        return .handedOver
    }
}

extension Parts {
    /// A signal whose handler logs, at each instruction of a thread's first log call.
    static func stepsOfAFirstCall() throws { try steps(of: 1_500, untilExit: false) }

    /// The same at each instruction of a thread's end.
    static func stepsOfAnEnd() throws { try steps(of: 1_500, untilExit: true) }

    private static func steps(of count: Int, untilExit: Bool) throws {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        // Room for four rings.
        options.totalBytes = 4 * (66 << 10)
        options.overflow = .dropNewest
        let sink = Threads()
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: .queued(options)))
        let log = makeLogger("steps.own")
        for step in 0..<count {
            probe_step_at(step) { _ in
                handled.wrappingAdd(1, ordering: .relaxed)
                handlers.info("handler", ("thread", Int(probe_tid())))
            }
            onThreads(1) { _ in
                if untilExit {
                    log.info("own", ("thread", Int(probe_tid())))
                    probe_step_until_exit()
                } else {
                    probe_step_begin()
                    log.info("own", ("thread", Int(probe_tid())))
                    probe_step_end()
                }
            }
            onThreads(1) { _ in log.info("later", ("thread", Int(probe_tid()))) }
            session.flush()
        }
        tell("complete", session.shutdown(within: .seconds(10)))
        tell("handled", handled.load(ordering: .relaxed))
        tell("own", sink.count.load(ordering: .relaxed) >= 2 * count)
        tell("strangers", sink.strangers.load(ordering: .relaxed))
        tell("dropped", session.ledger.dropped)
        tell(session.ledger)
    }
}
