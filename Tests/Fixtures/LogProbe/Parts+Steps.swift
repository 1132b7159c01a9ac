import CLogProbe
import Glibc
import Synchronization
import TxaioLog
import TxaioTesting

private let handlers = makeLogger("steps.handler")
private let large = handlers.bind(text: String(repeating: "x", count: 20_000))
private let handled = Atomic<Int>(0)
private let sink = Threads()

private func logFromHandler(_ log: some LoggerProtocol) {
    handled.wrappingAdd(1, ordering: .relaxed)
    log.info("handler", ("thread", Int(probe_tid())))
}

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

    /// The same at each instruction of `malloc` and `free`, before logging is started.
    static func stepsOfMallocBeforeTheStart() throws {
        stepThroughMalloc { _ in logFromHandler(handlers) }
        try end(startLogging(LoggingSetup(emitters: [EmitterSetup(sink)])))
    }

    /// The same in queued delivery, with fields that its table has no room for.
    static func stepsOfMallocWithLargeFields() throws {
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: .queued()))
        stepThroughMalloc { _ in logFromHandler(large) }
        end(session)
    }

    private static func stepThroughMalloc(_ handler: @escaping @convention(c) (Int32) -> Void) {
        // Else it takes no lock.
        let isOver = Atomic(false)
        let others = startThreads(1) { _ in
            while !isOver.load(ordering: .relaxed) { pause(milliseconds: 1) }
        }
        // A thread of its own: signals may be blocked on the first.
        onThreads(1) { _ in
            makeLogger("steps.own").info("own", ("thread", Int(probe_tid())))
            // What Swift makes at the first use is not the logger's.
            handler(0)
            for step in 0..<10_000 {
                let before = handled.load(ordering: .relaxed)
                probe_step_at(step, handler)
                probe_step_begin()
                probe_churn()
                probe_step_end()
                // Until there are no more instructions.
                if handled.load(ordering: .relaxed) == before { break }
            }
        }
        isOver.store(true, ordering: .relaxed)
        join(others)
    }

    private static func end(_ session: LoggingSession) {
        tell("complete", session.shutdown(within: .seconds(10)))
        tell("handled", handled.load(ordering: .relaxed))
        tell("own", sink.count.load(ordering: .relaxed) == handled.load(ordering: .relaxed) + 1)
        tell("strangers", sink.strangers.load(ordering: .relaxed))
        tell("dropped", session.ledger.dropped)
        tell(session.ledger)
    }

    private static func steps(of count: Int, untilExit: Bool) throws {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        // Room for four rings.
        options.totalBytes = 4 * (66 << 10)
        options.overflow = .dropNewest
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: .queued(options)))
        let log = makeLogger("steps.own")
        for step in 0..<count {
            probe_step_at(step) { _ in logFromHandler(handlers) }
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
