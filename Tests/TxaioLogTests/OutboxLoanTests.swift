import Synchronization
import Testing
import TxaioTesting

@testable import TxaioLog

/// Gets stuck in its so many'th event until that is allowed.
private final class Gate: LogEmitter {
    let name: String
    let inner = CapturingEmitter()
    let allowed: Atomic<Int>
    let begun = Atomic<Int>(0)

    init(_ name: String, allowed: Int = 0) {
        self.name = name
        self.allowed = Atomic(allowed)
    }

    func open() { allowed.store(.max, ordering: .releasing) }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        let number = begun.wrappingAdd(1, ordering: .releasing).newValue
        while allowed.load(ordering: .acquiring) < number { Platform.pause() }
        return inner.emit(event)
    }

    var numbers: [Int] { inner.numbers }
}

@Suite("An emitter that the delivering thread calls itself") struct OutboxLoanTests {
    private static var queued: LogDelivery {
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.overflow = .block(upTo: .seconds(60))
        return .queued(options)
    }

    /// Runs `body` where the second emitter is stuck in event `stuckAt`, in which the delivering thread called it itself:
    /// the first was behind until then, and goes on now.
    private static func run(
        _ first: Gate,
        _ second: Gate,
        stuckAt: Int,
        _ body: (TxaioLogger, Int) throws -> Void
    ) rethrows
        -> [EmitterCounts]
    {
        let log = makeLogger("outbox.loan")
        let setups = [EmitterSetup(first), EmitterSetup(second)]
        let (_, counts) = try Redirection(setups, level: .trace, delivery: queued).run {
            for number in 0..<stuckAt - 1 { log.info("{number}", number: number) }
            // The first is behind by then, and nothing is on its way to the second.
            #expect(holds { second.begun.load(ordering: .acquiring) == stuckAt - 1 })
            var number = stuckAt - 1
            for _ in 0..<10 {
                log.info("{number}", number: number)
                number += 1
            }
            #expect(holds { second.begun.load(ordering: .acquiring) == stuckAt })
            first.open()
            try body(log, number)
        }
        return counts
    }

    @Test(.timeLimit(.minutes(10)))
    func whereItIsStuckTheOthersGoOn() {
        let (first, second) = (Gate("first"), Gate("second", allowed: 2_999))
        let counts = Self.run(first, second, stuckAt: 3_000) { log, next in
            for number in next..<next + 5_000 { log.info("{number}", number: number) }
            // While the second stands in the same event.
            #expect(holds { first.numbers.count == next + 5_000 })
            #expect(second.begun.load(ordering: .acquiring) == 3_000)
            second.open()
            #expect(holds { second.numbers.count == next + 5_000 })
            // And each can be the one again that all wait for.
            for number in next + 5_000..<next + 6_000 { log.info("{number}", number: number) }
        }
        #expect(first.numbers == Array(0..<9_009) && second.numbers == first.numbers)
        #expect(counts.allSatisfy { $0.isBalanced && $0.handedOver == $0.accepted && $0.inFlight == 0 })
    }

    @Test(.timeLimit(.minutes(10)))
    func bothMayGetStuckInTurns() {
        let (first, second) = (Gate("first"), Gate("second", allowed: 999))
        let counts = Self.run(first, second, stuckAt: 1_000) { log, next in
            var next = next
            for (one, other) in [(first, second), (second, first), (first, second)] {
                // The other is stuck and this one goes on, until this one is stuck and the other goes on.
                for _ in 0..<2_000 {
                    log.info("{number}", number: next)
                    next += 1
                }
                #expect(holds { one.numbers.last == next - 1 })
                one.allowed.store(one.begun.load(ordering: .acquiring), ordering: .releasing)
                log.info("{number}", number: next)
                next += 1
                #expect(holds { one.begun.load(ordering: .acquiring) > one.allowed.load(ordering: .acquiring) })
                other.open()
                #expect(holds { other.numbers.last == next - 1 })
            }
            first.open()
            second.open()
        }
        #expect(first.numbers == second.numbers && first.numbers == Array(0..<first.numbers.count))
        #expect(first.numbers.count == 7_012)
        #expect(counts.allSatisfy { $0.isBalanced && $0.inFlight == 0 && $0.droppedInAll == 0 })
    }

    @Test(.timeLimit(.minutes(10)))
    func aShutdownKeepsToItsTimeAndTheLedgerAddsUp() async {
        await #expect(processExitsWith: .success) {
            let (first, second) = (Gate("first"), Gate("second", allowed: 999))
            let setups = [EmitterSetup(first), EmitterSetup(second)]
            let session = try startLogging(LoggingSetup(emitters: setups, delivery: Self.queued))
            let log = makeLogger("outbox.loan.end")
            for number in 0..<999 { log.info("{number}", number: number) }
            #expect(holds { second.numbers.count == 999 })
            for number in 999..<1_020 { log.info("{number}", number: number) }
            #expect(holds { second.begun.load(ordering: .acquiring) == 1_000 })
            first.open()
            #expect(holds { first.numbers == Array(0..<1_020) })
            let begin = ContinuousClock.now
            #expect(!session.shutdown(within: .milliseconds(300)))
            #expect(begin.duration(to: .now) < .seconds(5))
            #expect(session.ledger.isBalanced)
            second.open()
            #expect(holds { session.ledger.emitters[1].inFlight == 0 && session.ledger.waiting == 0 })
            let ledger = session.ledger
            #expect(ledger.isBalanced)
            for counts in ledger.emitters {
                #expect(counts.isBalanced && ledger.delivered == counts.filtered + counts.accepted + counts.refused)
            }
            #expect(second.numbers == Array(0..<second.numbers.count))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func aChangeOfTheOutputsComesToPassAlthoughItIsStuck() async {
        await #expect(processExitsWith: .success) {
            let (first, second, third) = (Gate("first"), Gate("second", allowed: 999), Gate("third"))
            third.open()
            let setups = [EmitterSetup(first), EmitterSetup(second)]
            let session = try startLogging(LoggingSetup(emitters: setups, delivery: Self.queued))
            let log = makeLogger("outbox.loan.change")
            for number in 0..<999 { log.info("{number}", number: number) }
            #expect(holds { second.numbers.count == 999 })
            log.info("{number}", number: 999)
            #expect(holds { second.begun.load(ordering: .acquiring) == 1_000 })
            first.open()
            let isChanged = Atomic(false)
            Platform.startThread(named: "changing") {
                let other = LoggingSetup(emitters: [EmitterSetup(first), EmitterSetup(third)])
                isChanged.store((try? session.change(to: other, within: .seconds(60))) != nil, ordering: .releasing)
            }
            // What comes before goes where it would have gone, to the stuck one too.
            var next = 1_000
            #expect(
                holds {
                    log.info("{number}", number: next)
                    next += 1
                    return third.begun.load(ordering: .acquiring) > 10
                }
            )
            #expect(second.begun.load(ordering: .acquiring) == 1_000)
            second.open()
            #expect(holds { isChanged.load(ordering: .acquiring) } && session.shutdown(within: .seconds(60)))
            #expect(first.numbers == Array(0..<next) && second.numbers + third.numbers == first.numbers)
            #expect(session.ledger.isBalanced)
        }
    }
}
