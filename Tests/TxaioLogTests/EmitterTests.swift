import Testing
import TxaioLog
import TxaioTesting

/// What the pipeline does for its emitters, seen through a capture's own pipeline.
@Suite("The pipeline and its emitters")
struct EmitterTests {
    /// Logs from within `emit`, as an emitter does that tells of its troubles.
    private final class Chatty: LogEmitter {
        let name: String
        private let log: TxaioLogger
        private let seen = Lock([String]())

        init(_ name: String) {
            self.name = name
            log = makeLogger("emitters.\(name)")
        }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let namespace = String(decoding: event.namespace, as: UTF8.self)
            seen.withLock { $0.append(namespace) }
            log.warn("told by an emitter", ("by", name), ("of", namespace))
            return .handedOver
        }
        var namespaces: [String] { seen.withLock { $0 } }
    }

    private final class Answering: LogEmitter {
        let name: String
        private let answer: Acceptance
        init(_ name: String, _ answer: Acceptance) {
            self.name = name
            self.answer = answer
        }
        func emit(_ event: borrowing LogEvent) -> Acceptance { answer }
    }

    @Test func anEmitterThatLogsReachesTheOthersOnly() {
        let (chatty, plain) = (Chatty("chatty"), CapturingEmitter())
        let counts = withLoggingLedger(to: chatty, plain) { makeLogger("emitters").info("said") }
        #expect(chatty.namespaces == ["emitters"])
        #expect(plain.events.map(\.namespace) == ["emitters.chatty", "emitters"])
        #expect(counts[0].refused == 1 && counts[0].accepted == 1)
        #expect(counts[1].refused == 0 && counts[1].accepted == 2)
        #expect(counts.allSatisfy { $0.isBalanced && $0.offered == 2 })
    }

    @Test func theOuterEventIsWholeAfterAnEmitterLogged() {
        let (chatty, plain) = (Chatty("chatty-first"), CapturingEmitter())
        let long = String(repeating: "x", count: 20_000)
        withLogging(to: chatty, plain) {
            for index in 0..<50 { makeLogger("emitters").info("said {index}", ("index", index), ("long", long)) }
        }
        let outer = plain.events.filter { $0.namespace == "emitters" }
        #expect(outer.map { $0["index"] } == (0..<50).map { .int($0) })
        #expect(outer.allSatisfy { $0["long"] == .string(long) && $0.template == "said {index}" })
    }

    /// Logs first, and then looks at the event.
    private final class Late: LogEmitter {
        let name: String
        private let log: TxaioLogger
        private let seen = Lock([String]())

        init(_ name: String) {
            self.name = name
            log = makeLogger("emitters.\(name)")
        }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            log.warn("told by {who}", ("who", name), ("more", String(repeating: name, count: 20)))
            let message = event.message
            seen.withLock { $0.append(message) }
            return .handedOver
        }
        var messages: [String] { seen.withLock { $0 } }
    }

    @Test func whatIsRefusedInTheDepthDoesNotLieOverWhatAnEmitterReads() {
        let (first, second) = (Late("late-first"), Late("late-second"))
        let counts = withLoggingLedger(to: first, second) { makeLogger("emitters").info("said") }
        #expect(first.messages == ["said", "told by late-second"])
        #expect(second.messages == ["told by late-first", "said"])
        #expect(counts.allSatisfy { $0.isBalanced })
    }

    @Test func aRingOfThreeEmittersThatLogEnds() {
        let ring = [Chatty("ring1"), Chatty("ring2"), Chatty("ring3")]
        let counts = withLoggingLedger(to: ring[0], ring[1], ring[2]) { makeLogger("emitters").info("said") }
        for emitter in ring {
            // The event itself, and what each of the other two said of it.
            #expect(emitter.namespaces.count == 3)
            #expect(!emitter.namespaces.contains("emitters.\(emitter.name)"))
        }
        #expect(counts.allSatisfy { $0.isBalanced && $0.accepted == 3 && $0.refused == 1 })
    }

    @Test func aCapturesEmittersGetWhatItsLevelLetsPass() {
        let sink = CapturingEmitter()
        let counts = withLoggingLedger(to: sink, level: .warn) {
            // Another capture may let debug events through the cell meanwhile: this one's emitter does not see them.
            withLogging(to: CapturingEmitter(), level: .trace) {}
            makeLogger("emitters.minimum", level: .trace).info("too verbose")
            makeLogger("emitters.minimum", level: .trace).warn("passes")
        }
        #expect(sink.events.map(\.level) == [.warn])
        #expect(counts[0].filtered == 1 && counts[0].accepted == 1 && counts[0].isBalanced)
    }

    @Test func eachAnswerIsCountedAsWhatItIs() {
        let emitters: [Answering] = [
            Answering("over", .handedOver), Answering("kept", .accepted), Answering("lost", .dropped(.sinkGone)),
        ]
        let counts = withLoggingLedger(to: emitters[0], emitters[1], emitters[2]) {
            for _ in 0..<7 { makeLogger("emitters").info("said") }
        }
        #expect(counts.map(\.accepted) == [7, 7, 7])
        #expect(counts.map(\.handedOver) == [7, 0, 0])
        #expect(counts.map(\.inFlight) == [0, 7, 0])
        #expect(counts[2].dropped == [.sinkGone: 7])
        #expect(counts.allSatisfy { $0.isBalanced })
    }

    @Test func aLedgerCountsEveryReason() {
        let ledger = EmitterLedger(name: "reasons")
        for reason in DropReason.all { ledger.record(.dropped(reason)) }
        for _ in 0..<5 { ledger.record(.accepted) }
        ledger.handedOver(3)
        ledger.dropped(1, .deadline)
        ledger.handedOver(0)
        ledger.handedOver(-4)
        ledger.dropped(-1, .overflow)
        let counts = ledger.snapshot
        #expect(counts.dropped.count == DropReason.all.count)
        #expect(counts.dropped[.deadline] == 2)
        #expect(counts.accepted == 12 && counts.handedOver == 3 && counts.inFlight == 1)
        #expect(counts.isBalanced)
    }

    @Test func deadlinesBearEveryDuration() {
        #expect(Deadline.after(.seconds(-5)).hasPassed)
        #expect(Deadline.after(Duration(secondsComponent: .min, attosecondsComponent: 0)).hasPassed)
        let never = Deadline.after(Duration(secondsComponent: .max, attosecondsComponent: 0))
        #expect(!never.hasPassed && never.remaining > .seconds(1_000_000))
        let soon = Deadline.after(.seconds(60))
        #expect(!soon.hasPassed && soon.remaining <= .seconds(60) && soon.remaining > .seconds(50))
        #expect(soon < never)
    }
}
