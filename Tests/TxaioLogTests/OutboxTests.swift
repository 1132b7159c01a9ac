import Synchronization
import Testing
import TxaioLog
import TxaioTesting

/// Takes no event until it is opened.
private final class Stuck: LogEmitter {
    let name = "stuck"
    let inner = CapturingEmitter()
    private let isOpen = Atomic<Bool>(false)
    let hasBegun = Atomic<Bool>(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        hasBegun.store(true, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { Platform.pause() }
        return inner.emit(event)
    }
}

/// Keeps what it gets until the batch ends, and reports it then.
private final class Batching: LogEmitter {
    let name = "batching"
    let takesBatches = true
    private let kept = Atomic<Int>(0)
    private let ledger = Lock<EmitterLedger?>(nil)

    func attach(to ledger: EmitterLedger) { self.ledger.withLock { $0 = ledger } }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        kept.wrappingAdd(1, ordering: .relaxed)
        return .accepted
    }

    func endBatch() { ledger.withLock { $0 }?.handedOver(kept.exchange(0, ordering: .relaxed)) }
}

/// Logs an event of its own for each that it gets.
private final class Chatting: LogEmitter {
    let name = "chatting"
    func emit(_ event: borrowing LogEvent) -> Acceptance {
        makeLogger("outbox.chat").info("got one")
        return .handedOver
    }
}

@Suite("Outboxes of queued delivery") struct OutboxTests {
    private static func queued(outbox: Int = 4 << 20) -> LogDelivery {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.outboxBytes = outbox
        options.overflow = .block(upTo: .seconds(60))
        options.errorOverflow = .block(upTo: .seconds(60))
        return .queued(options)
    }

    private static func setups(_ emitters: any LogEmitter...) -> [EmitterSetup] { emitters.map { EmitterSetup($0) } }

    @Test(.timeLimit(.minutes(10)))
    func aStuckEmitterHoldsUpNoOther() throws {
        let stuck = Stuck()
        let healthy = CapturingEmitter(name: "healthy")
        let log = makeLogger("outbox.stuck")
        let delivery = Self.queued(outbox: 64 << 10)
        let redirection = Redirection(Self.setups(stuck, healthy), level: .trace, delivery: delivery)
        let (_, counts) = redirection.run {
            for number in 0..<20_000 { log.info("{number}", number: number) }
            for number in 0..<10 { log.error("failed {number}", failure: number) }
            // All of them, while the other still stands in its first event.
            #expect(holds { healthy.numbers.count == 20_000 })
            #expect(stuck.inner.events.isEmpty)
            stuck.open()
        }
        #expect(healthy.numbers == Array(0..<20_000))
        #expect(counts.count == 2 && counts.allSatisfy(\.isBalanced))
        #expect(counts[1].droppedInAll == 0 && counts[1].inFlight == 0)
        // What the stuck one lost is counted by reason, and the rest it got, in order.
        let lost = counts[0].dropped[.overflow] ?? 0
        #expect(lost > 0 && counts[0].droppedInAll == lost && counts[0].inFlight == 0)
        #expect(counts[0].handedOver == UInt64(stuck.inner.events.count))
        let arrived = stuck.inner.numbers
        #expect(arrived == arrived.sorted() && Set(arrived).count == arrived.count)
        // An eighth of the outbox is for errors.
        #expect(stuck.inner.events.filter { $0.level == .error }.count == 10)
        // Told of in the stream, once when it began and at the end how many.
        let begun = healthy.messages.filter { $0.hasPrefix("Emitter 'stuck' does not keep up") }
        #expect(begun.count == 1)
        let told = healthy.events.compactMap { event -> Int128? in
            guard event["emitter"] != nil, case .int(let count) = event["count"] else { return nil }
            return count
        }
        #expect(told.count == 1)
        // The telling itself may have found no room there.
        #expect((0...1).contains(Int128(lost) - (told.first ?? 0)))
    }

    @Test(.timeLimit(.minutes(10)))
    func anEmitterThatWasSlowForAWhileLosesNothingThatItsOutboxHolds() {
        let stuck = Stuck()
        let healthy = CapturingEmitter(name: "healthy")
        let log = makeLogger("outbox.slow")
        let redirection = Redirection(Self.setups(healthy, stuck), level: .trace, delivery: Self.queued())
        let (_, counts) = redirection.run {
            for number in 0..<2_000 { log.info("{number}", number: number) }
            #expect(holds { healthy.numbers.count == 2_000 })
            stuck.open()
            for number in 2_000..<3_000 { log.info("{number}", number: number) }
        }
        #expect(stuck.inner.numbers == Array(0..<3_000))
        #expect(healthy.numbers == Array(0..<3_000))
        #expect(counts.allSatisfy { $0.isBalanced && $0.handedOver == 3_000 && $0.droppedInAll == 0 })
    }

    @Test func whatAnEmitterReportsLaterIsCountedOnce() {
        let batching = Batching()
        let healthy = CapturingEmitter(name: "healthy")
        let log = makeLogger("outbox.later")
        let redirection = Redirection(Self.setups(batching, healthy), level: .info, delivery: Self.queued())
        let (_, counts) = redirection.run {
            for number in 0..<5_000 { log.info("{number}", number: number) }
        }
        #expect(counts.allSatisfy { $0.accepted == 5_000 && $0.handedOver == 5_000 && $0.inFlight == 0 })
        #expect(counts.allSatisfy { $0.filtered == 0 && $0.refused == 0 })
    }

    @Test(.timeLimit(.minutes(10)))
    func shutdownEndsByItsDeadlineThoughAnEmitterIsStuck() async {
        await #expect(processExitsWith: .success) {
            let stuck = Stuck()
            let healthy = CapturingEmitter(name: "healthy")
            let setup = LoggingSetup(emitters: Self.setups(stuck, healthy), delivery: Self.queued())
            let session = try startLogging(setup)
            let log = makeLogger("outbox.shutdown")
            log.info("first")
            #expect(holds { stuck.hasBegun.load(ordering: .acquiring) })
            for number in 0..<1_000 { log.info("{number}", number: number) }
            let begin = ContinuousClock.now
            #expect(!session.shutdown(within: .milliseconds(500)))
            #expect(begin.duration(to: .now) < .seconds(5))
            #expect(healthy.numbers == Array(0..<1_000))
            var ledger = session.ledger
            #expect(ledger.isBalanced && ledger.delivered == 1_001)
            // The one that it stands in may still arrive; all others are given up.
            #expect(ledger.emitters[0].inFlight == 1 && ledger.emitters[0].dropped == [.deadline: 1_000])
            #expect(ledger.emitters[1].handedOver == 1_001 && ledger.emitters[1].droppedInAll == 0)
            stuck.open()
            #expect(holds { session.ledger.emitters[0].inFlight == 0 })
            ledger = session.ledger
            #expect(ledger.isBalanced && ledger.emitters[0].handedOver == 1)
            #expect(stuck.inner.messages == ["first"])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func whatAnEmitterLogsGoesToTheOtherAndDoesNotRunInACircle() async {
        await #expect(processExitsWith: .success) {
            let healthy = CapturingEmitter(name: "healthy")
            let setup = LoggingSetup(emitters: Self.setups(Chatting(), healthy), delivery: Self.queued())
            let session = try startLogging(setup)
            let log = makeLogger("outbox.circle")
            for number in 0..<500 { log.info("{number}", number: number) }
            // After the end it would be refused.
            #expect(session.flush())
            #expect(session.shutdown())
            #expect(healthy.numbers == Array(0..<500))
            #expect(healthy.messages.filter { $0 == "got one" }.count == 500)
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.delivered == 1_000)
            #expect(ledger.emitters[0].refused == 500 && ledger.emitters[0].handedOver == 500)
        }
    }
}
