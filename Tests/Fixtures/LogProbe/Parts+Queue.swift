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

    /// Takes nothing until it is opened.
    private final class Barred: LogEmitter {
        let name = "barred"
        let isOpen = Atomic(false)
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            while !isOpen.load(ordering: .acquiring) { pause(milliseconds: 1) }
            return .handedOver
        }
    }

    /// What one session's threads dropped as their oldest, and what an emitter held up at its end, is in the next one's ledger.
    static func queuedSessions() throws {
        let log = makeLogger("probe")
        for round in 0..<3 {
            let barred = Barred()
            let session = try startLogging(
                LoggingSetup(emitters: [EmitterSetup(barred)], delivery: queued(rings: 2, .dropOldest))
            )
            for number in 0..<10_000 { log.info("{n}", ("n", number)) }
            barred.isOpen.store(true, ordering: .releasing)
            tell("complete-\(round)", session.shutdown(within: .seconds(60)))
            tell("dropped-\(round)", session.ledger.dropped > 0)
            tell("balanced-\(round)", session.ledger.isBalanced)
        }
    }

    /// Takes its time to flush.
    private final class Reluctant: LogEmitter {
        let name = "reluctant"
        let isFlushing = Atomic(false)
        func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }
        func flush(until deadline: Deadline) -> Bool {
            isFlushing.store(true, ordering: .releasing)
            pause(milliseconds: 200)
            return true
        }
    }

    /// A start while another session is being ended waits for that, and then is as any other.
    static func startWhileStopping() throws {
        let reluctant = Reluctant()
        let noise = try NoiseRule("nobody", sample: 1)
        let first = try startLogging(
            LoggingSetup(emitters: [EmitterSetup(reluctant)], delivery: queued(rings: 2), noise: [noise])
        )
        let stopping = startThreads(1) { _ in _ = first.shutdown(within: .seconds(60)) }
        while !reluctant.isFlushing.load(ordering: .acquiring) { pause(milliseconds: 1) }
        let sink = Counting()
        let second = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 2)))
        join(stopping)
        makeLogger("probe").info("there")
        tell("complete", second.shutdown(within: .seconds(60)))
        tell("sink", sink.count.load(ordering: .relaxed))
        tell(second.ledger)
    }

    /// Of many who start at once one does; the others get its session, and leave no thread behind.
    static func queuedStarts() throws {
        let sessions = Lock<[LoggingSession]>([])
        let sink = Counting()
        onThreads(8) { _ in
            let setup = LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 6))
            if let session = try? startLogging(setup) { sessions.withLock { $0.append(session) } }
        }
        let all = sessions.withLock { $0 }
        tell("sessions", Set(all.map { ObjectIdentifier($0) }).count)
        makeLogger("probe").info("there")
        tell("complete", all.first?.shutdown(within: .seconds(60)) ?? false)
        // The last that a thread does is done when nobody waits for it any more.
        tell("threads-left", !waitUntil { !threadNames().contains("txaio-log") })
        tell("sink", sink.count.load(ordering: .relaxed))
        if let session = all.first { tell(session.ledger) }
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

    /// A value whose text logs.
    private struct Speaking: LogRepresentable, CustomStringConvertible {
        let log: TxaioLogger
        let number: Int
        var description: String {
            log.info("inner", ("n", number))
            return "spoken \(number)"
        }
    }

    /// Records of every size, of which some outgrow what their ring has room for in one piece, and all that makes a record
    /// leave its place in the ring: each arrives whole, once, in order and with its number.
    static func queuedInPlace() throws {
        let sink = CapturingEmitter()
        let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(sink)], delivery: queued(rings: 6)))
        let log = makeLogger("probe")
        let child = log.bind(service: "orders")
        var expected: [[String: CapturedValue]] = []
        func expect(_ values: [String: CapturedValue]) { expected.append(values) }
        let sizes = Array(stride(from: 0, to: 3_000, by: 13)) + Array(stride(from: 7_600, to: 8_300, by: 7)) + [20_000]
        for (index, size) in sizes.enumerated() {
            let text = String((0..<size).lazy.map { Character(Unicode.Scalar(UInt8(97 + ($0 + index) % 26))) })
            let number = Int128(index)
            log.info("{n}", ("n", index), ("text", text), ("end", index))
            expect(["n": .int(number), "text": .string(text), "end": .int(number)])
            log.info("{n}", n: index, text: text, list: Array(repeating: index, count: size % 600), end: index)
            let list = Array(repeating: CapturedValue.int(number), count: size % 600)
            expect(["n": .int(number), "text": .string(text), "list": .array(list), "end": .int(number)])
            if index % 5 == 0 {
                log.info("{d}", n: index, d: Speaking(log: log, number: index), text: text)
                expect(["n": .int(number), "text": .string(text)])
            }
            if index % 7 == 0 {
                withLogContext(["request": index]) {
                    child.info("{n}", ("n", index), ("text", text))
                    child.error("{n}", n: index, text: text)
                    log.warn("{n}", n: index)
                }
                let (request, service) = (CapturedValue.int(number), CapturedValue.string("orders"))
                expect(["n": .int(number), "text": .string(text), "request": request, "service": service])
                expect(["n": .int(number), "text": .string(text), "request": request, "service": service])
                expect(["n": .int(number), "request": request])
            }
        }
        tell("complete", session.shutdown(within: .seconds(60)))
        // A value's text is asked for more than once.
        let events = sink.events.filter { $0.template != "inner" }
        tell("missing", expected.count - events.count)
        let wrong = zip(events, expected).filter { event, values in values.contains { event[$0.key] != $0.value } }
        tell("wrong", wrong.count)
        tell("numbered", sink.events.map(\.sequence) == (1...UInt64(sink.events.count)).map { $0 })
        tell(session.ledger)
    }
}
