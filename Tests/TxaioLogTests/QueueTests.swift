import Testing
import TxaioLog
import TxaioTesting

/// Keeps events, and can be told to hold the delivering thread up.
private final class Gate: LogEmitter {
    let name = "gate"
    let inner = CapturingEmitter()
    private let isOpen: Lock<Bool>

    init(isOpen: Bool = true) { self.isOpen = Lock(isOpen) }

    func open() { isOpen.withLock { $0 = true } }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        while !isOpen.withLock({ $0 }) { _ = Deadline.after(.milliseconds(1)).remaining }
        return inner.emit(event)
    }
}

@Suite("Queued delivery") struct QueueTests {
    private static func small(_ change: (inout QueueOptions) -> Void = { _ in }) -> LogDelivery {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        change(&options)
        return .queued(options)
    }

    @Test func everyEventOfEveryTaskArrivesOnceAndInTheOrderOfItsTask() async {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.order")
        await withLogging(to: sink, delivery: Self.small { $0.overflow = .block(upTo: .seconds(60)) }) {
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<4 {
                    group.addTask {
                        for number in 0..<2_000 { log.info("{task} {number}", task: task, number: number) }
                    }
                }
            }
        }
        var next = [Int: Int128]()
        for event in sink.events {
            guard case .int(let task) = event["task"], case .int(let number) = event["number"] else { continue }
            #expect(number == next[Int(task), default: 0])
            next[Int(task)] = number + 1
        }
        #expect(next == [0: 2_000, 1: 2_000, 2: 2_000, 3: 2_000])
    }

    @Test func anEventInTheQueueIsWhatItWasAtTheCall() {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.same").bind(service: "orders")
        withLogging(to: sink, delivery: Self.small()) {
            withLogContext(["request": "r1"]) {
                log.warn("Got '{result}' from {user.name}.", ("result", [1, 2]), ("user", Named(name: "ada")))
            }
        }
        let event = sink.events.first
        #expect(event?.message == "Got '[1, 2]' from ada.")
        #expect(event?["service"] == .string("orders") && event?["request"] == .string("r1"))
        #expect(event?.level == .warn && event?.function != nil && event?.namespace == "queue.same")
    }

    private struct Named: LogRepresentable {
        let name: String
        var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["name": name] }
    }

    @Test func aFullRingDropsTheNewestCountsThemAndSaysSo() {
        let gate = Gate(isOpen: false)
        let log = makeLogger("queue.newest")
        withLogging(to: gate, delivery: Self.small()) {
            for number in 0..<5_000 { log.info("{number}", number: number) }
            gate.open()
        }
        let numbers = gate.inner.events.compactMap { $0["number"] }
        let announced = gate.inner.events.compactMap { event -> Int128? in
            guard event.namespace == "TxaioLog", case .int(let count) = event["count"] else { return nil }
            return count
        }
        #expect(numbers.count < 5_000 && numbers.count > 100)
        #expect(numbers == (0..<numbers.count).map { .int(Int128($0)) })
        #expect(announced.reduce(0, +) == Int128(5_000 - numbers.count))
    }

    @Test func aFullRingThatDropsItsOldestKeepsTheLast() {
        let gate = Gate(isOpen: false)
        let log = makeLogger("queue.oldest")
        withLogging(to: gate, delivery: Self.small { $0.overflow = .dropOldest }) {
            for number in 0..<5_000 { log.info("{number}", number: number) }
            gate.open()
        }
        let numbers = gate.inner.events.compactMap { event -> Int128? in
            guard event.namespace == "queue.oldest", case .int(let number) = event["number"] else { return nil }
            return number
        }
        #expect(numbers.count < 5_000 && numbers == numbers.sorted() && Set(numbers).count == numbers.count)
        // What the emitter had in hand, then the last ones without a gap.
        #expect(numbers.last == 4_999 && numbers.suffix(256) == Array(4_744...4_999)[...])
    }

    @Test func anInfoThatDropsTheOldestDropsNoError() {
        let gate = Gate(isOpen: false)
        let log = makeLogger("queue.oldest.errors")
        withLogging(to: gate, delivery: Self.small { $0.overflow = .dropOldest }) {
            for number in 0..<300 { log.info("{number}", number: number) }
            for number in 0..<10 { log.error("failed {number}", number: number) }
            for number in 0..<5_000 { log.info("{number}", number: number) }
            gate.open()
        }
        #expect(gate.inner.events.count { $0.level == .error } == 10)
    }

    @Test func bytesWithoutBoundForRingsAreWithinBounds() {
        let sink = CapturingEmitter()
        var options = QueueOptions()
        options.totalBytes = .max
        options.ringBytes = .max
        options.outboxBytes = .max
        withLogging(to: sink, CapturingEmitter(), delivery: .queued(options)) {
            makeLogger("queue.bound").info("there")
        }
        #expect(sink.events.map(\.template) == ["there"])
    }

    @Test func whatWaitsForRoomLosesNothingWhileTheQueueMoves() {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.block")
        withLogging(to: sink, delivery: Self.small { $0.overflow = .block(upTo: .seconds(60)) }) {
            for number in 0..<20_000 { log.info("{number}", number: number) }
        }
        #expect(sink.events.count == 20_000)
    }

    @Test func errorsFindRoomWhereInfoFindsNone() {
        let gate = Gate(isOpen: false)
        let log = makeLogger("queue.reserve")
        withLogging(to: gate, delivery: Self.small { $0.errorOverflow = .dropNewest }) {
            for number in 0..<5_000 { log.info("{number}", number: number) }
            for number in 0..<10 { log.error("failed {number}", number: number) }
            gate.open()
        }
        #expect(gate.inner.events.filter { $0.level == .error }.count == 10)
    }

    @Test func anEventThatNoRingCouldHoldIsDroppedAtOnce() {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.oversize")
        withLogging(to: sink, delivery: Self.small { $0.overflow = .block(upTo: .seconds(60)) }) {
            log.info("{text}", text: String(repeating: "x", count: 100_000))
            log.info("after")
        }
        #expect(sink.messages.filter { $0 == "after" }.count == 1)
        #expect(!sink.events.contains { $0["text"] != nil })
    }

    @Test func ringsOfThreadsThatEndedAreUsedAgain() async {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.reuse")
        let delivery = Self.small {
            $0.totalBytes = 8 * (66 << 10)
            $0.overflow = .block(upTo: .seconds(60))
        }
        await withLogging(to: sink, delivery: delivery) {
            for round in 0..<50 {
                await withTaskGroup(of: Void.self) { group in
                    for task in 0..<4 { group.addTask { log.info("{round} {task}", round: round, task: task) } }
                }
            }
        }
        #expect(sink.events.filter { $0.namespace == "queue.reuse" }.count == 200)
    }

    @Test(.timeLimit(.minutes(5)))
    func theLedgerAddsUpAsSoonAsAFlushIsOver() async {
        await #expect(processExitsWith: .success) {
            let session = try startLogging(
                LoggingSetup(emitters: [EmitterSetup(CapturingEmitter())], delivery: Self.small())
            )
            let log = makeLogger("queue.flush")
            var faults = 0
            for round in 0..<3_000 {
                for number in 0..<round % 7 + 1 { log.info("{number}", number: number) }
                guard session.flush() else { return #expect(Bool(false)) }
                let ledger = session.ledger
                if !ledger.isBalanced || ledger.waiting != 0 { faults += 1 }
            }
            #expect(faults == 0)
            #expect(session.shutdown())
        }
    }
}
