import Synchronization
import Testing
import TxaioTesting

@testable import TxaioLog

/// Takes as many events as it is let.
private final class Counted: LogEmitter {
    let name = "counted"
    let allowed = Atomic<Int>(0)
    let taken = Atomic<Int>(0)

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        while taken.load(ordering: .acquiring) >= allowed.load(ordering: .acquiring) { Platform.pause() }
        taken.wrappingAdd(1, ordering: .releasing)
        return .handedOver
    }
}

/// Puts a copy of each event into an outbox.
private final class Copying: LogEmitter {
    let name = "copying"
    private let outbox: Outbox

    init(to outbox: Outbox) { self.outbox = outbox }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        outbox.copy(event)
        return .handedOver
    }
}

@Suite("What an outbox takes") struct OutboxBoundTests {
    @Test(.timeLimit(.minutes(10)))
    func oneEventTooLargeForItKeepsNoOtherOut() throws {
        let emitter = Counted()
        let pipeline = Pipeline([EmitterSetup(emitter)], usesCells: false)
        let slot = try #require(pipeline.slots.first)
        let outbox = Outbox(slot, limit: 64 << 10, done: Bell())
        outbox.start()
        let log = makeLogger("outbox.large")
        withLogging(to: Copying(to: outbox)) {
            log.info("{text}", ("text", String(repeating: "x", count: 70_000)))
            for number in 0..<10 { log.info("{number}", ("number", number)) }
        }
        #expect(slot.ledger.snapshot.dropped == [.overflow: 1] && slot.ledger.snapshot.inFlight == 10)
        emitter.allowed.store(.max, ordering: .releasing)
        #expect(outbox.stop(until: .after(.seconds(60))))
        #expect(emitter.taken.load(ordering: .acquiring) == 10)
    }

    @Test(.timeLimit(.minutes(10)))
    func anOutboxThatIsNeverEmptyHasNoMorePlacesThanItNeeds() throws {
        let emitter = Counted()
        let pipeline = Pipeline([EmitterSetup(emitter)], usesCells: false)
        let outbox = Outbox(try #require(pipeline.slots.first), limit: 4 << 20, done: Bell())
        outbox.start()
        let log = makeLogger("outbox.places")
        withLogging(to: Copying(to: outbox)) {
            for _ in 0..<100 { log.info("one of a hundred that wait") }
            for number in 1...5_000 {
                log.info("one more")
                emitter.allowed.store(number, ordering: .releasing)
                while emitter.taken.load(ordering: .acquiring) < number { Platform.pause() }
            }
        }
        #expect(outbox.placeCount < 400)
        emitter.allowed.store(.max, ordering: .releasing)
        #expect(outbox.stop(until: .after(.seconds(60))))
        #expect(emitter.taken.load(ordering: .acquiring) == 5_100)
    }
}
