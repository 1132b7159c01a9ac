import Testing
import TxaioLog
import TxaioTesting

/// The contract holds emitters to their promises, and finds out those that break them.
@Suite("The contract of emitters")
struct EmitterContractTests {
    /// Keeps the events' marks; how it goes wrong is up to a test.
    private final class Marks: LogEmitter {
        enum Fault { case none, forgets, repeats, invents, lies, dawdles, keeps }
        let name = "marks"
        private let fault: Fault
        private let marks = Lock([String]())
        private let ledger = Lock(EmitterLedger?.none)

        init(_ fault: Fault) { self.fault = fault }

        func attach(to ledger: EmitterLedger) { self.ledger.withLock { $0 = ledger } }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            var mark = ""
            var reader = event.fields.reader
            while let field = reader.nextField() {
                if String(decoding: field.name, as: UTF8.self) == "mark", case .string(let bytes) = field.value {
                    mark = String(decoding: bytes, as: UTF8.self)
                }
            }
            let (text, isSpecial) = (mark, mark.hasSuffix("-17"))
            switch fault {
            case .forgets where isSpecial: return .handedOver
            case .invents where isSpecial: marks.withLock { $0 += [text, text + "0-0-0"] }
            case .repeats where isSpecial: marks.withLock { $0 += [text, text] }
            case .lies where isSpecial:
                marks.withLock { $0.append(text) }
                return .dropped(.overflow)
            case .dawdles where isSpecial:
                let clock = ContinuousClock()
                let end = clock.now + .milliseconds(400)
                while clock.now < end {}
                marks.withLock { $0.append(text) }
            case .keeps:
                marks.withLock { $0.append(text) }
                return .accepted
            default: marks.withLock { $0.append(text) }
            }
            return .handedOver
        }

        var all: [String] { marks.withLock { $0 } }
    }

    private var contract: EmitterContract {
        var contract = EmitterContract()
        contract.eventsPerThread = 40
        return contract
    }

    private func violation(_ fault: Marks.Fault, limit: Duration = .seconds(5)) -> EmitterContractViolation.Promise? {
        let emitter = Marks(fault)
        var contract = contract
        contract.timeLimit = limit
        do {
            try contract.check(emitter, readBack: { emitter.all })
            return nil
        } catch { return (error as? EmitterContractViolation)?.promise }
    }

    @Test func aCapturingEmitterKeepsItsPromises() throws {
        let emitter = CapturingEmitter()
        try EmitterContract().check(emitter, readBack: { emitter.events.map { "\($0.fields)" } }, fault: {})
        #expect(emitter.events.count == 2_000)
    }

    @Test func anEmitterThatAnswersTrulyPasses() { #expect(violation(.none) == nil) }
    @Test func anEventLostWithoutAWordIsFound() { #expect(violation(.forgets) == .exactlyOnce) }
    @Test func anEventWrittenTwiceIsFound() { #expect(violation(.repeats) == .exactlyOnce) }
    @Test func anEventThatNobodyLoggedIsFound() { #expect(violation(.invents) == .exactlyOnce) }
    @Test func anEventCountedAsLostThoughItIsThereIsFound() { #expect(violation(.lies) == .exactlyOnce) }
    @Test func eventsKeptForEverAreFound() { #expect(violation(.keeps) == .exactlyOnce) }
    @Test func anEmitterThatDawdlesIsFound() {
        #expect(violation(.dawdles, limit: .milliseconds(300)) == .boundedTime)
    }

    @Test func aViolationSaysWhatItWas() {
        let emitter = Marks(.forgets)
        #expect {
            try contract.check(emitter, readBack: { emitter.all })
        } throws: {
            "\($0)" == "an emitter broke promise 2: it says that 160 events were handed over, and the sink holds 156"
        }
    }
}
