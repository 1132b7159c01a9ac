import Synchronization
import TxaioLog
import TxaioTesting

extension Parts {
    /// Temporary levels are told at both ends, though nothing else is, and end by themselves.
    static func temporaryLevels() throws {
        let sink = CapturingEmitter(name: "text")
        let log = makeLogger("Gateway")
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], rules: LevelRules(root: .off)))
        tell("threads-before", threadNames().contains("txaio-levels"))
        log.critical("before")
        try setTemporaryLevels("Gateway=trace for 2s")
        log.trace("within")
        tell(
            "threads-within",
            waitUntil { threadNames().contains("txaio-levels") || log.level == .off } && log.level == .trace
        )
        tell("ended", waitUntil { log.level == .off })
        log.critical("after")
        tell("threads-after", !waitUntil { !threadNames().contains("txaio-levels") })
        // The end is told by a thread of its own.
        _ = waitUntil { sink.events.count == 3 }
        for event in sink.events { tell("event", "\(event.level) \(event.namespace) \(event.message)") }
        tell("complete", session.shutdown())
        tell(session.ledger)
    }

    /// A child inherits temporary levels, and they end there too.
    static func temporaryLevelsInAChild() throws {
        let log = makeLogger("Gateway")
        let session = try startLogging(to: [CapturingEmitter(name: "text")])
        // A child waits for ever for a lock of Swift's runtime that another thread of its parent held: what that thread
        // uses for the first time, it has used before.
        try setTemporaryLevels("Gateway=trace for 1ms")
        _ = waitUntil { log.level == .info && !threadNames().contains("txaio-levels") }
        try setTemporaryLevels("Gateway=trace for 300ms")
        let child = fork()
        if child == 0 {
            let wasRaised = log.level == .trace
            exitProcess(!wasRaised ? 3 : waitUntil { log.level == .info } ? 0 : 4)
        }
        tell("child", wait(for: child))
        tell("ended", waitUntil { log.level == .info })
        tell("complete", session.shutdown())
        tell(session.ledger)
    }

    /// A fork finds all locks free, whatever other threads take one within another.
    static func forkWhileLevelsChange() throws {
        let log = makeLogger("probe")
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(CapturingEmitter(name: "text"))]))
        let isOver = Atomic(false)
        setGlobalLogLevel(.debug)
        let changing = startThreads(2) { thread in
            while !isOver.load(ordering: .relaxed) { setGlobalLogLevel(thread == 0 ? .debug : .info) }
        }
        var statuses: Set<Int32> = []
        for _ in 0..<100 {
            let child = fork()
            if child == 0 { exitProcess(log.level >= .info ? 0 : 3) }
            statuses.insert(wait(for: child))
        }
        isOver.store(true, ordering: .relaxed)
        join(changing)
        tell("statuses", statuses.map(String.init).joined(separator: " "))
        tell("complete", session.shutdown())
        tell(session.ledger)
    }
}
