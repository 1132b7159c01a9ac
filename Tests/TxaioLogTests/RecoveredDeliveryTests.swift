import Testing
import TxaioTesting

@testable import TxaioLog

/// Logs an event of its own for each that was recovered, and keeps a copy of the last record.
private final class Answering: LogEmitter {
    let name = "answering"
    let inner = CapturingEmitter()
    let record = Lock<[UInt64]>([])

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        if event.isRecovered { makeLogger("recovered.answer").info("saw one") }
        let size = Int(event.record.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        record.withLock { words in
            words = [UInt64](repeating: 0, count: (size + 7) / 8)
            words.withUnsafeMutableBytes {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: event.record, count: size))
            }
        }
        return inner.emit(event)
    }
}

@Suite("Events of dead processes on their way to the emitters") struct RecoveredDeliveryTests {
    @Test(.timeLimit(.minutes(5)))
    func whatIsLoggedMeanwhileIsCommittedToTheQueue() async {
        // A signal handler may have interrupted malloc: its event must not be copied into an outbox.
        await #expect(processExitsWith: .success) {
            let (answering, other) = (Answering(), CapturingEmitter(name: "other"))
            let setup = LoggingSetup(emitters: [EmitterSetup(answering), EmitterSetup(other)], delivery: .queued())
            let session = try startLogging(setup)
            makeLogger("recovered.first").info("first")
            #expect(session.flush())
            var record = answering.record.withLock { $0 }
            let outcome = record.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map {
                    RecoveredDelivery(session).deliver(
                        $0,
                        mayBeRepeated: false,
                        threadNumber: 7,
                        threadID: 8,
                        startID: 9
                    )
                }
            }
            guard case .taken = outcome else { return #expect(Bool(false)) }
            #expect(session.shutdown())
            // As any event of the queue's it reaches each emitter, that one too.
            #expect(answering.inner.messages == ["first", "first", "saw one"])
            #expect(other.messages == ["first", "first", "saw one"])
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.recovered == 1 && ledger.delivered == 2)
            #expect(ledger.emitters.allSatisfy { $0.refused == 0 && $0.handedOver == 3 })
        }
    }
}
