import Synchronization
import TxaioLog
import TxaioTesting

private let handlerLog = makeLogger("probe.handler")
private let handlerCalls = Atomic<Int>(0)

extension Parts {
    /// A handler of SIGPROF that logs, while threads log: no dead-lock, no event overwritten, the law exact.
    static func signals() throws {
        let sink = Counting()
        let log = makeLogger("probe")
        let session = try startLogging(to: [sink])
        let child = log.bind(bound: "x")
        handlerLog.info("warm", ("n", 5), ("again", 5))
        let made = Atomic<Int>(0)
        let loggers = startThreads(4) { _ in
            log.info("warm", ("n", 1), ("again", 1))
            child.info("warm", ("n", 1), ("again", 1))
            for number in 1...60_000 {
                log.info("t", ("n", number), ("again", number))
                made.wrappingAdd(1, ordering: .relaxed)
            }
        }
        profile(every: 200) { _ in
            handlerCalls.wrappingAdd(1, ordering: .relaxed)
            handlerLog.info("from a handler", ("n", 7), ("again", 7))
        }
        join(loggers)
        endProfile()
        let calls = handlerCalls.load(ordering: .relaxed)
        let all = made.load(ordering: .relaxed) + calls + 1 + 8
        let ledger = session.ledger
        tell("handler-ran", calls > 10)
        tell("made", made.load(ordering: .relaxed))
        tell("offered-is-made", Int(ledger.offered) == all)
        tell("refused-are-handlers", Int(ledger.refused) <= calls)
        // An event of a handler that interrupted the emitter itself goes to other emitters only.
        tell("sink-agrees", Int(ledger.emitters[0].handedOver) == sink.count.load(ordering: .relaxed))
        tell("broken", sink.broken.load(ordering: .relaxed))
        tell(ledger)
    }

    /// A handler that logs on threads which are just making, or giving back, what they need to log.
    static func signalsAndNewThreads() throws { try signalsAndNewThreads(.direct) }

    /// The same where the threads' first events take rings.
    static func queuedSignals() throws { try signalsAndNewThreads(queued(rings: 8)) }

    private static func signalsAndNewThreads(_ delivery: LogDelivery) throws {
        let sink = Counting()
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: delivery))
        handlerLog.info("warm", ("n", 5), ("again", 5))
        profile(every: 1_000) { _ in handlerLog.info("from a handler", ("n", 7), ("again", 7)) }
        for _ in 0..<200 { onThreads(4) { _ in spin() } }
        endProfile()
        tell("flushed", session.flush(within: .seconds(60)))
        tell("sink-agrees", Int(session.ledger.emitters[0].handedOver) == sink.count.load(ordering: .relaxed))
        tell(session.ledger)
    }

    private static func spin() {
        let clock = ContinuousClock()
        let end = clock.now + .milliseconds(1)
        // The handler comes while this holds a lock of the allocator, sooner or later.
        while clock.now < end { UnsafeMutableRawPointer.allocate(byteCount: 20_000, alignment: 16).deallocate() }
    }

    /// Children of a process in which 8 threads log go on logging: no lock is held by a thread that they lack.
    static func forkWhileThreadsLog() throws {
        let sink = Counting()
        let isRunning = Atomic<Bool>(true)
        let session = try startLogging(to: [sink])
        let log = makeLogger("probe")
        let loggers = startThreads(8) { thread in
            while isRunning.load(ordering: .relaxed) {
                log.info("t", ("n", thread))
                makeLogger("probe.\(thread)").setLevel(.info)
            }
        }
        // What the Swift runtime looks up for the first time it does under locks of its own, which a child would wait for.
        log.info("in the child", ("n", 1))
        while sink.count.load(ordering: .relaxed) < 1_000 { pause(milliseconds: 1) }
        var statuses: [Int32] = []
        for _ in 0..<20 {
            let child = fork()
            if child == 0 {
                let before = sink.count.load(ordering: .relaxed)
                for _ in 0..<100 { log.info("in the child", ("n", 1)) }
                makeLogger("probe.child").setLevel(.debug)
                onThreads(2) { _ in log.info("in the child", ("n", 1)) }
                let ledger = session.ledger
                let isRight =
                    ledger.offered == 102 && ledger.delivered == 102 && ledger.isBalanced
                    && ledger.emitters[0].offered == 102 && sink.count.load(ordering: .relaxed) - before == 102
                let isComplete = session.shutdown(within: .seconds(5))
                log.info("refused", ("n", 1))
                exitProcess(!isRight ? 3 : !isComplete ? 4 : session.ledger.refused == 1 ? 0 : 5)
            }
            statuses.append(wait(for: child))
            pause(milliseconds: 2)
        }
        isRunning.store(false, ordering: .relaxed)
        join(loggers)
        tell("statuses", Set(statuses).map(String.init).joined(separator: " "))
        tell("sink-agrees", Int(session.ledger.delivered) == sink.count.load(ordering: .relaxed))
        tell(session.ledger)
    }

    /// What waits for the start is the parent's: a child that starts logging does not deliver it a second time.
    static func forkWithABacklog() throws {
        let log = makeLogger("probe")
        for index in 0..<3 { log.info("the parent's", ("index", index)) }
        let child = fork()
        let sink = CapturingEmitter()
        if child == 0 {
            log.info("the child's")
            let session = try startLogging(to: [sink])
            let ledger = session.ledger
            exitProcess(sink.events.compactMap(\.template) == ["the child's"] && ledger.isBalanced ? 0 : 3)
        }
        tell("child", wait(for: child))
        let session = try startLogging(to: [sink])
        tell("parent", sink.events.count)
        tell(session.ledger)
    }

    /// Forks at the first event that it gets.
    private final class Forking: LogEmitter {
        let name = "forking"
        let inner = CapturingEmitter()
        let child = Lock<Int32?>(nil)

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let acceptance = inner.emit(event)
            if child.withLock({ $0 }) == nil {
                let pid = fork()
                child.withLock { $0 = pid }
                if pid == 0 { makeLogger("probe").info("the child's") }
            }
            return acceptance
        }
    }

    /// An emitter forks within what came before the start: the rest is the parent's.
    static func forkWhileCatchingUp() throws {
        let log = makeLogger("probe")
        for index in 0..<5 { log.info("the parent's", ("index", index)) }
        let sink = Forking()
        let session = try startLogging(to: [sink])
        let child = sink.child.withLock { $0 } ?? -1
        log.info("after")
        let templates = sink.inner.events.compactMap(\.template)
        let ledger = session.ledger
        if child == 0 {
            // The one within which it was forked is under way in both.
            let isRight = templates == ["the parent's", "the child's", "after"]
            exitProcess(!isRight ? 3 : ledger.isBalanced ? 0 : 4)
        }
        tell("child", wait(for: child))
        tell("parent", templates.count)
        tell(ledger)
    }

    /// What emitters and rules counted that a change has retired is the parent's.
    static func forkAfterAChange() throws {
        let (first, second) = (Counting(), CapturingEmitter())
        let noise = [try NoiseRule("probe", sample: 2)]
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(first)], noise: noise))
        let log = makeLogger("probe")
        for index in 0..<10 { log.info("t", ("n", index), ("again", index)) }
        try session.change(to: LoggingSetup(emitters: [EmitterSetup(second)]))
        let child = fork()
        if child == 0 {
            log.info("the child's")
            let ledger = session.ledger
            let isAnew = ledger.retired.isEmpty && ledger.suppressed.isEmpty && ledger.recovered == 0
            exitProcess(!isAnew ? 3 : ledger.offered == 1 && ledger.isBalanced ? 0 : 4)
        }
        tell("child", wait(for: child))
        tell("suppressed", session.ledger.suppressed.values.reduce(0, +))
        tell("retired", session.ledger.retired.count)
        tell(session.ledger)
    }

    /// What a scope kept is the parent's: a child writes nothing of it, and counts its own.
    static func forkWithinARecordedScope() throws {
        let sink = CapturingEmitter()
        let setup = LoggingSetup(
            emitters: [EmitterSetup(sink)],
            recorder: try FlightRecorder([LevelRule(pattern: "probe", level: .debug)])
        )
        let session = try startLogging(setup)
        let log = makeLogger("probe")
        withLogContext(["id": 1]) {
            log.debug("the parent's")
            let child = fork()
            if child == 0 {
                withLogContext(["inner": 1]) { log.error("the child's") }
                let isOnlyItsOwn = sink.messages == ["the child's"] && session.ledger.recorded.kept == 0
                withLogContext(["id": 2]) {
                    // Within the parent's scope.
                    log.debug("kept by nobody")
                }
                let ledger = session.ledger
                exitProcess(isOnlyItsOwn && ledger.recorded.kept == 0 && ledger.isBalanced ? 0 : 3)
            }
            tell("child", wait(for: child))
            log.error("error")
        }
        withLogContext(["id": 2]) { log.debug("not needed") }
        tell("parent", sink.events.filter { $0.namespace == "probe" }.map(\.message).joined(separator: ", "))
        let counts = session.ledger.recorded
        tell("recorded", "\(counts.kept) \(counts.written) \(counts.discarded)")
        tell(session.ledger)
    }

    /// Threads come and go: their slots are used again.
    static func threads() throws {
        let sink = Counting()
        let session = try startLogging(to: [sink])
        let log = makeLogger("probe")
        let numbers = CapturingEmitter()
        onThreads(8) { _ in for _ in 0..<10 { log.info("warm", ("n", 1)) } }
        let before = residentKibibytes()
        for _ in 0..<250 {
            onThreads(8) { thread in
                log.info("t", ("n", thread))
                log.info("t", v: [1, 2, 3])
            }
        }
        tell("grown-kib", residentKibibytes() - before)
        withLogging(to: numbers) { log.info("t") }
        let most = Lock<UInt32>(0)
        let slots = SlotNumbers()
        onThreads(8) { _ in
            withLogging(to: slots) { log.info("t") }
            most.withLock { $0 = max($0, slots.highest.load(ordering: .relaxed)) }
        }
        tell("highest-slot-is-low", most.withLock { $0 } <= 20)
        tell("taken", sink.count.load(ordering: .relaxed))
        tell(session.ledger)
    }

    /// What the events of many threads took is given back at the threads' end, though their slots stay.
    static func memoryOfThreads() throws {
        let session = try startLogging(to: [Counting()])
        let log = makeLogger("probe")
        let text = String(repeating: "x", count: 100 << 10)
        let threads = 200
        let logged = Atomic<Int>(0)
        let mayEnd = Atomic<Bool>(false)
        let before = residentNowKibibytes()
        let started = startThreads(threads) { _ in
            log.info("{text}", ("text", text))
            logged.wrappingAdd(1, ordering: .relaxed)
            while !mayEnd.load(ordering: .relaxed) { pause(milliseconds: 1) }
        }
        while logged.load(ordering: .relaxed) < threads { pause(milliseconds: 1) }
        tell("held-kib", residentNowKibibytes() - before)
        mayEnd.store(true, ordering: .relaxed)
        join(started)
        tell("kept-kib", residentNowKibibytes() - before)
        tell(session.ledger)
    }

    private final class SlotNumbers: LogEmitter {
        let name = "slots"
        let highest = Atomic<UInt32>(0)
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let number = event.threadNumber
            if number > highest.load(ordering: .relaxed) { highest.store(number, ordering: .relaxed) }
            return .handedOver
        }
    }
}
