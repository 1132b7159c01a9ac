internal import CTxaio

/// Hands events of dead processes to the emitters of a session, and knows which of them somebody took.
///
/// An event is taken once one emitter has it: what another one drops is counted there, as in any delivery. Nor is one that
/// no emitter is to get, or that its sink could never take, offered again.
package struct RecoveredDelivery {
    /// What became of one event.
    package enum Outcome: Sendable {
        case taken
        /// Only emitters keep it yet, one bit for each.
        case kept(by: UInt16)
        case lost
    }

    private static let patience = Duration.seconds(5)

    private let session: LoggingSession
    /// That of the beginning: an emitter that is retired meanwhile counts what comes too late.
    private let pipeline: Pipeline
    /// Emitters that did not flush in time: they are not waited for again.
    private var stuck: UInt16 = 0
    private var lossesBefore: [UInt64]

    package init(_ session: LoggingSession) {
        self.session = session
        pipeline = session.pipeline
        lossesBefore = pipeline.slots.map { $0.ledger.snapshot.lostBySink }
    }

    /// Offers a record from another process's rings to the emitters, on the calling thread.
    ///
    /// Its addresses must mean something in this process.
    package func deliver(
        _ record: UnsafeMutableRawPointer,
        mayBeRepeated: Bool,
        threadNumber: UInt32,
        threadID: UInt32,
        startID: UInt64
    ) -> Outcome {
        let flags = record.load(fromByteOffset: RecordLayout.flags, as: UInt8.self) & ~RecordFlag.prepared
        let mark = mayBeRepeated ? RecordFlag.recovered | RecordFlag.repeated : RecordFlag.recovered
        record.storeBytes(of: flags | mark, toByteOffset: RecordLayout.flags, as: UInt8.self)
        let thread = txaio_thread_current()
        txaio_thread_enter(thread)
        // An event of a signal handler that comes meanwhile goes to the queue where there is one, not through outboxes.
        thread.pointee.recovering += 1
        defer {
            thread.pointee.recovering -= 1
            txaio_thread_leave(thread)
        }
        let cache = MessageCache()
        let event = LogEvent(
            record: UnsafeRawPointer(record),
            threadNumber: threadNumber,
            threadID: threadID,
            startID: startID,
            message: cache.message
        )
        session.countRecovered()
        return withExtendedLifetime(cache) { pipeline.offer(event, on: thread) }
    }

    /// Waits for emitters that keep events; answers which of them have handed over all they kept since the last call.
    package mutating func settle() -> UInt16 {
        var settled: UInt16 = 0
        for (index, slot) in pipeline.slots.enumerated() where stuck & 1 << UInt16(index) == 0 {
            guard slot.emitter.flush(until: .after(Self.patience)) else {
                stuck |= 1 << UInt16(index)
                continue
            }
            let losses = slot.ledger.snapshot.lostBySink
            if losses == lossesBefore[index] { settled |= 1 << UInt16(index) }
            lossesBefore[index] = losses
        }
        return settled
    }
}

extension RecoveredDelivery.Outcome {
    /// Whether somebody has the event, where these emitters have handed over what they kept.
    package func isTaken(settled: UInt16) -> Bool {
        switch self {
        case .taken: true
        case .kept(let emitters): emitters & settled != 0
        case .lost: false
        }
    }
}

extension Pipeline {
    /// Offers an event to each emitter at once: rings hold more than outboxes, so that it waits for them.
    fileprivate func offer(
        _ event: borrowing LogEvent,
        on thread: UnsafeMutablePointer<txaio_thread>
    ) -> RecoveredDelivery.Outcome {
        let outer = thread.pointee.busy_emitter
        var (isWanted, isTaken, keepers) = (false, false, UInt16(0))
        for index in slots.indices where passes(event, slot: index) {
            isWanted = true
            let slot = slots[index]
            let own = UInt(bitPattern: ObjectIdentifier(slot.emitter))
            guard outer != own else {
                slot.ledger.refused()
                continue
            }
            thread.pointee.busy_emitter = own
            event.setBatched(false)
            let acceptance = slot.emitter.emit(event)
            slot.ledger.record(acceptance)
            thread.pointee.busy_emitter = outer
            switch acceptance {
            case .handedOver: isTaken = true
            case .accepted: keepers |= 1 << UInt16(index)
            case .dropped(let reason): if !reason.isOfSink { isTaken = true }
            }
        }
        if isTaken || !isWanted { return .taken }
        return keepers == 0 ? .lost : .kept(by: keepers)
    }
}

extension DropReason {
    /// Whether another time the event might have been taken.
    fileprivate var isOfSink: Bool { self != .oversize && self != .encoding }
}

extension EmitterCounts {
    fileprivate var lostBySink: UInt64 { dropped.reduce(0) { $0 + ($1.key.isOfSink ? $1.value : 0) } }
}
