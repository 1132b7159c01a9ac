import Synchronization
import TxaioLog
import TxaioTesting

extension Parts {
    static func shutdown() throws {
        let sink = Counting()
        let log = makeLogger("probe")
        let session = try startLogging(to: [sink])
        for _ in 0..<5 { log.info("t", ("n", 1)) }
        tell("flushed", session.flush())
        tell("complete", session.shutdown())
        tell("closed", sink.isClosed.load(ordering: .relaxed))
        for _ in 0..<3 { log.info("t", ("n", 1)) }
        log.debug("turned away by its cell, counted nowhere")
        tell("again", session.shutdown())
        tell("taken", sink.count.load(ordering: .relaxed))
        tell("after-close", sink.afterClose.load(ordering: .relaxed))
        tell(session.ledger)
    }

    /// The law at rest, after 8 threads logged across the end.
    static func shutdownWhileThreadsLog() throws {
        let (first, second) = (Counting("first"), Counting("second"))
        let isRunning = Atomic<Bool>(true)
        let made = Atomic<Int>(0)
        let session = try startLogging(to: [first, second])
        let log = makeLogger("probe")
        let loggers = startThreads(8) { thread in
            var number = thread + 1
            while isRunning.load(ordering: .relaxed) {
                log.info("t", ("n", number), ("again", number))
                made.wrappingAdd(1, ordering: .relaxed)
                number += 8
            }
        }
        pause(milliseconds: 50)
        tell("complete", session.shutdown())
        pause(milliseconds: 20)
        isRunning.store(false, ordering: .relaxed)
        join(loggers)
        let ledger = session.ledger
        tell("some-before", ledger.delivered > 0)
        tell("some-after", ledger.refused > 0)
        tell("offered-is-made", Int(ledger.offered) == made.load(ordering: .relaxed))
        tell("sink-agrees", Int(ledger.delivered) == first.count.load(ordering: .relaxed))
        tell("sinks-agree", first.sum.load(ordering: .relaxed) == second.sum.load(ordering: .relaxed))
        tell("after-close", first.afterClose.load(ordering: .relaxed) + second.afterClose.load(ordering: .relaxed))
        tell("broken", first.broken.load(ordering: .relaxed))
        tell(ledger)
    }

    /// Shuts logging down from within `emit`.
    private final class Ending: LogEmitter {
        let name = "ending"
        let session = Atomic<Bool>(false)
        nonisolated(unsafe) var end: (() -> Bool)?
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            if let end {
                self.end = nil
                tell("ended", end())
            }
            return .handedOver
        }
    }

    static func shutdownFromAnEmitter() throws {
        let (ending, counting) = (Ending(), Counting())
        var session: LoggingSession? = try startLogging(to: [ending, counting])
        ending.end = { [weak session] in session?.shutdown() ?? false }
        let log = makeLogger("probe")
        for _ in 0..<3 { log.info("t", ("n", 1)) }
        tell("taken", counting.count.load(ordering: .relaxed))
        if let session { tell(session.ledger) }
        session = nil
    }

    /// After the end logging can be started anew.
    static func restart() throws {
        let (first, second) = (CapturingEmitter(name: "first"), CapturingEmitter(name: "second"))
        let log = makeLogger("probe")
        let old = try startLogging(to: [first])
        log.info("one")
        tell("complete", old.shutdown())
        log.info("between")
        let session = try startLogging(to: [second], level: .debug)
        log.debug("two")
        tell("old-has-no-say", old.shutdown())
        log.debug("three")
        tell("first", first.events.compactMap(\.template).joined(separator: " "))
        tell("second", second.events.compactMap(\.template).joined(separator: " "))
        tell("offered", session.ledger.offered)
        tell("refused", session.ledger.refused)
    }

    /// Keeps events until it is flushed.
    private final class Keeping: LogEmitter {
        let name = "keeping"
        private let kept = Atomic<Int>(0)
        private nonisolated(unsafe) var ledger: EmitterLedger?
        func attach(to ledger: EmitterLedger) { self.ledger = ledger }
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            kept.wrappingAdd(1, ordering: .relaxed)
            return .accepted
        }
        func flush(until deadline: Deadline) -> Bool {
            let count = kept.exchange(0, ordering: .relaxed)
            ledger?.handedOver(count)
            tell("flushed-at-exit", count)
            return true
        }
    }

    /// What emitters keep back is flushed at the process's exit, though nobody asked for it.
    static func exit() throws {
        try startLogging(to: [Keeping()])
        for _ in 0..<6 { makeLogger("probe").info("t") }
    }
}
