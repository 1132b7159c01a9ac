import Synchronization
import Testing
import TxaioLog
import TxaioTesting

/// Does something with each event first, and keeps it.
private final class Acting: LogEmitter {
    let name: String
    let inner = CapturingEmitter()
    private let act: @Sendable (_ number: Int) -> Void

    init(_ name: String, _ act: @escaping @Sendable (_ number: Int) -> Void = { _ in }) {
        self.name = name
        self.act = act
    }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        var number = -1
        var reader = event.fields.reader
        while let field = reader.nextField() { if case .int(let value) = field.value { number = Int(value) } }
        act(number)
        return inner.emit(event)
    }

    var numbers: [Int] { inner.numbers }
}

@Suite("What came before the start") struct CatchingUpTests {
    @Test(.timeLimit(.minutes(5)))
    func aChangeRightAfterAQueuedStartTakesNothingOfIt() async {
        await #expect(processExitsWith: .success) {
            let log = makeLogger("before.change")
            for number in 0..<2_000 { log.info("{number}", number: number) }
            let (first, second) = (Acting("first") { _ in Platform.sleep(microseconds: 20) }, Acting("second"))
            let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(first)], delivery: .queued()))
            try session.change(to: LoggingSetup(emitters: [EmitterSetup(second)]), within: .seconds(60))
            log.info("{number}", number: 2_000)
            #expect(session.shutdown(within: .seconds(60)))
            #expect(first.numbers == Array(0..<2_000) && second.numbers == [2_000])
            #expect(session.ledger.isBalanced && session.ledger.delivered == 2_001)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func anEmitterThatIsStuckInItHoldsUpAnotherThreadOnceAndNotAtEachEvent() async {
        await #expect(processExitsWith: .success) {
            let isOpen = Atomic(false)
            let hasBegun = Atomic(false)
            let log = makeLogger("before.stuck")
            log.info("{number}", number: 0)
            let sink = Acting("sink") { number in
                hasBegun.store(true, ordering: .releasing)
                while number == 0, !isOpen.load(ordering: .acquiring) { Platform.pause() }
            }
            Platform.startThread(named: "starting") { _ = try? startLogging(to: [sink]) }
            #expect(holds { hasBegun.load(ordering: .acquiring) })
            let begin = ContinuousClock.now
            // Each would wait for a second.
            for number in 1...30 { log.info("{number}", number: number) }
            #expect(begin.duration(to: .now) < .seconds(15))
            #expect(sink.numbers == Array(1...30))
            isOpen.store(true, ordering: .releasing)
            #expect(holds { sink.numbers.count == 31 })
            let session = try startLogging(to: [sink])
            #expect(session.shutdown() && session.ledger.isBalanced && session.ledger.delivered == 31)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func anEmitterMayAskForTheSessionMeanwhileAndCannotEndItYet() async {
        await #expect(processExitsWith: .success) {
            let log = makeLogger("before.asking")
            log.info("{number}", number: 0)
            let found = Lock<LoggingSession?>(nil)
            let isRefused = Atomic(false)
            let sink = Acting("sink") { number in
                guard number == 0, let session = try? startLogging(to: [CapturingEmitter()]) else { return }
                found.withLock { $0 = session }
                let isChanged = (try? session.change(to: LoggingSetup(emitters: []))) != nil
                isRefused.store(!session.shutdown() && !isChanged, ordering: .relaxed)
            }
            let session = try startLogging(to: [sink])
            #expect(found.withLock { $0 } === session && isRefused.load(ordering: .relaxed))
            log.info("{number}", number: 1)
            #expect(session.shutdown() && sink.numbers == [0, 1])
        }
    }
}
