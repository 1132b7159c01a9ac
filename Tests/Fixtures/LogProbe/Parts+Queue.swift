import Synchronization
import TxaioLog
import TxaioTesting

extension Parts {
    static func queued(rings: Int, _ overflow: OverflowPolicy = .block(upTo: .seconds(60))) -> LogDelivery {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.totalBytes = rings * (66 << 10)
        options.overflow = overflow
        options.errorOverflow = overflow
        return .queued(options)
    }

    /// Threads come and go; their rings are few, and nothing is lost or left behind at the end.
    static func queuedThreads() throws {
        let sink = Counting()
        let setup = LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 6))
        let session = try startLogging(setup)
        let log = makeLogger("probe")
        for _ in 0..<50 {
            onThreads(4) { thread in
                for number in 0..<100 { log.info("{n}", ("n", number), ("t", thread)) }
            }
        }
        tell("complete", session.shutdown(within: .seconds(60)))
        log.info("refused")
        tell("sink", sink.count.load(ordering: .relaxed))
        tell("dropped", session.ledger.dropped)
        tell("refused", session.ledger.refused)
        tell(session.ledger)
    }

    /// Threads log while logging is ended: each event is delivered or refused.
    static func queuedShutdown() throws {
        let sink = Counting()
        let setup = LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 12))
        let session = try startLogging(setup)
        let made = Atomic<Int>(0)
        let log = makeLogger("probe")
        let loggers = startThreads(8) { _ in
            for number in 0..<20_000 {
                log.info("{n}", ("n", number))
                made.wrappingAdd(1, ordering: .relaxed)
            }
        }
        while made.load(ordering: .relaxed) < 10_000 { pause(milliseconds: 1) }
        tell("complete", session.shutdown(within: .seconds(60)))
        join(loggers)
        let ledger = session.ledger
        tell("sink-agrees", Int(ledger.delivered) == sink.count.load(ordering: .relaxed))
        tell("all", ledger.delivered + ledger.refused)
        tell(ledger)
    }

    /// A child has a queue of its own; what waits in the parent's is delivered once, by the parent.
    static func queuedFork() throws {
        let sink = Counting()
        let setup = LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 6))
        let session = try startLogging(setup)
        let log = makeLogger("probe")
        // A child that meets a lock of Swift's runtime which its parent's other thread holds waits for ever: what is made at the
        // first use is made before.
        log.info("the first", ("n", 0))
        session.flush()
        var statuses: Set<Int32> = []
        for round in 0..<10 {
            for number in 0..<50 { log.info("the parent's", ("n", number), ("round", round)) }
            let child = fork()
            if child == 0 {
                let before = sink.count.load(ordering: .relaxed)
                for number in 0..<100 { log.info("the child's", ("n", number)) }
                let isComplete = session.shutdown(within: .seconds(20))
                let own = sink.count.load(ordering: .relaxed) - before
                exitProcess(!isComplete ? 3 : own != 100 ? 4 : session.ledger.isBalanced ? 0 : 5)
            }
            statuses.insert(wait(for: child))
        }
        tell("statuses", statuses.map(String.init).joined(separator: " "))
        tell("complete", session.shutdown(within: .seconds(60)))
        tell("sink", sink.count.load(ordering: .relaxed))
        tell(session.ledger)
    }
}
