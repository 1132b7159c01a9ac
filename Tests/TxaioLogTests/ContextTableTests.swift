import Testing
import TxaioTesting

@testable import TxaioLog

/// Memory that says how much of it the table of contexts took.
private final class CountingStorage: RingStorage {
    private let memory = MemoryRingStorage()
    private let bytes = Lock(0)

    var contextBytes: Int { bytes.withLock { $0 } }

    func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        // No ring is as small.
        if byteCount == 64 << 10 { bytes.withLock { $0 += byteCount } }
        return memory.allocate(byteCount: byteCount)
    }
}

/// Keeps events, and can be told to hold its thread up.
private final class Gate: LogEmitter {
    let name = "gate"
    let inner = CapturingEmitter()
    private let isOpen = Lock(false)

    func open() { isOpen.withLock { $0 = true } }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        while !isOpen.withLock({ $0 }) { _ = Deadline.after(.milliseconds(1)).remaining }
        return inner.emit(event)
    }
}

@Suite("Fields that records refer to") struct ContextTableTests {
    private static func waiting(_ change: (inout QueueOptions) -> Void = { _ in }) -> QueueOptions {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.totalBytes = 1 << 20
        options.overflow = .block(upTo: .seconds(60))
        change(&options)
        return options
    }

    /// Whether each event's scope is the one that it was made in.
    private static func isSound(_ events: [CapturedEvent]) -> Bool {
        events.allSatisfy { $0["number"] != nil && $0["request"] == $0["number"] }
    }

    @Test func manyShortScopesTakeNoMoreThanTheirBound() {
        let storage = CountingStorage()
        let sink = CapturingEmitter()
        let log = makeLogger("contexts.short")
        withLogging(to: sink, delivery: .queued(Self.waiting(), storage: storage)) {
            for number in 0..<20_000 {
                withLogContext(["request": number]) { log.info("{number}", ("number", number)) }
            }
        }
        #expect(sink.events.count == 20_000 && Self.isSound(sink.events))
        #expect(storage.contextBytes == 64 << 10)
    }

    @Test func manyShortLivedChildrenTakeNoMoreThanTheirBound() {
        let storage = CountingStorage()
        let sink = CapturingEmitter()
        let log = makeLogger("contexts.children")
        withLogging(to: sink, delivery: .queued(Self.waiting(), storage: storage)) {
            for number in 0..<20_000 { log.bind(request: number).info("{number}", ("number", number)) }
        }
        #expect(sink.events.count == 20_000 && Self.isSound(sink.events))
        #expect(storage.contextBytes == 64 << 10)
    }

    @Test func theNearestFieldOfANameWinsInQueuesToo() {
        let sink = CapturingEmitter()
        let child = makeLogger("contexts.nearest").bind(x: "bound", y: "bound")
        withLogging(to: sink, delivery: .queued(Self.waiting())) {
            withLogContext(["x": "outer", "w": "outer", "v": "outer"]) {
                withLogContext(["x": "scope", "y": "scope", "z": "scope", "w": "scope"]) {
                    child.info("t", ("x", "call"))
                    child.info("{x} {y} {z} {w} {v}")
                }
                child.info("t", x: "call")
            }
        }
        let fields = sink.events.map { $0.fields.map { "\($0.name)=\($0.value)" } }
        func expected(_ pairs: KeyValuePairs<String, String>) -> [String] {
            pairs.map { "\($0.key)=\(CapturedValue.string($0.value))" }
        }
        #expect(
            fields == [
                expected(["x": "call", "y": "bound", "z": "scope", "w": "scope", "v": "outer"]),
                expected(["x": "bound", "y": "bound", "z": "scope", "w": "scope", "v": "outer"]),
                expected(["x": "call", "y": "bound", "w": "outer", "v": "outer"]),
            ]
        )
        #expect(sink.events[1].message == "bound bound scope scope outer")
    }

    @Test func whatTheTableCannotHoldIsCarriedByTheRecords() {
        let storage = CountingStorage()
        let sink = CapturingEmitter()
        let log = makeLogger("contexts.full")
        let carried = ContextTable.carried
        withLogging(to: sink, delivery: .queued(Self.waiting(), storage: storage)) {
            // All at once: more than 64 KiB.
            let children = (0..<2_000).map { log.bind(request: $0, text: "some text that takes room") }
            for _ in 0..<2 {
                for (number, child) in children.enumerated() { child.info("{number}", ("number", number)) }
            }
            // Their room is there again once they are gone, and what was too long is carried always.
            withLogContext(["long": String(repeating: "x", count: 20_000), "request": 1]) {
                log.info("{number}", ("number", 1))
            }
        }
        #expect(sink.events.count == 4_001 && Self.isSound(sink.events))
        #expect(sink.events.allSatisfy { $0.fields.count == 3 })
        #expect(storage.contextBytes == 64 << 10 && ContextTable.carried > carried)
    }

    @Test func anEmitterThatFallsBehindGetsTheFieldsAsTheyWere() {
        let gate = Gate()
        let sink = CapturingEmitter()
        let log = makeLogger("contexts.behind")
        withLogging(to: sink, gate, delivery: .queued(Self.waiting { $0.outboxBytes = 64 << 20 })) {
            for number in 0..<10_000 {
                withLogContext(["request": number]) { log.info("{number}", ("number", number)) }
                if number == 9_000 { gate.open() }
            }
        }
        let held = gate.inner.events.filter { $0.namespace == "contexts.behind" }
        #expect(sink.events.count { $0.namespace == "contexts.behind" } == 10_000)
        #expect(held.count == 10_000 && Self.isSound(held))
    }

    @Test func tasksShareAScope() async {
        let sink = CapturingEmitter()
        let log = makeLogger("contexts.tasks")
        await withLogging(to: sink, delivery: .queued(Self.waiting())) {
            for request in 0..<50 {
                await withLogContext(["request": request]) {
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<4 {
                            group.addTask { for _ in 0..<10 { log.info("{number}", ("number", request)) } }
                        }
                    }
                }
            }
        }
        #expect(sink.events.count == 2_000 && Self.isSound(sink.events))
    }

    @Test func aLoggerServesOneQueueAfterAnother() {
        let child = makeLogger("contexts.later").bind(service: "orders")
        for _ in 0..<3 {
            let (storage, sink) = (CountingStorage(), CapturingEmitter())
            withLogging(to: sink, delivery: .queued(Self.waiting(), storage: storage)) {
                child.info("first")
                let (other, within) = (CountingStorage(), CapturingEmitter())
                withLogging(to: within, delivery: .queued(Self.waiting(), storage: other)) { child.info("within") }
                // The first queue has it still.
                #expect(within.events.map { $0["service"] } == [.string("orders")] && other.contextBytes == 0)
                child.info("last")
            }
            #expect(sink.events.map { $0["service"] } == [.string("orders"), .string("orders")])
            #expect(storage.contextBytes == 64 << 10)
        }
    }

    @Test func namesMadeAtRunTimeAreKeptOnce() {
        let names = ContextNames()
        func kept(_ text: String) -> UnsafeRawBufferPointer? {
            var text = text
            return text.withUTF8 { names.kept(UnsafeRawBufferPointer($0)) }
        }
        let first = kept("request")
        #expect(first.map { String(decoding: $0, as: UTF8.self) } == "request")
        #expect(
            kept("request")?.baseAddress == first?.baseAddress && kept("requests")?.baseAddress != first?.baseAddress
        )
        for number in 0..<5_000 { _ = kept("name \(number)") }
        #expect(kept("request")?.baseAddress == first?.baseAddress)
        #expect(kept("name 4000") != nil && kept("name 4999") == nil)
        #expect(kept("") == nil && kept(String(repeating: "x", count: 257)) == nil)
    }
}
