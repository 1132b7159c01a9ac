internal import Synchronization
internal import TxaioLog

// Queued delivery: entries are kept until their batch ends, or until 64 are kept, and go by one system call.
//
// The batch is with the emitter or with the thread that works on it, never both, so that no lock is held: a fork at any
// moment finds nothing locked, and what was kept then stays the parent's.

extension JournaldEmitter {
    /// Entries beyond this are not kept: what an entry too large may need is its event.
    private static var largest: Int { 32 << 10 }

    /// For so long a batch waits at most until some of it goes, where events do not wait while there is no batch.
    private static var defaultPatience: Duration { .seconds(1) }

    /// Keeps an event's entry until the batch ends.
    internal func keep(_ event: borrowing LogEvent, _ socket: JournalSocket) -> Acceptance {
        let batch = takeBatch()
        defer { giveBatch(batch) }
        batch.encoder.encode(event, plan: plan)
        if batch.encoder.count <= min(Self.largest, socket.safeSize) {
            if !batch.keep(event) {
                // There is no room for the event's copy: those that are kept go first, and this one is written anew.
                sendKept(batch, socket)
                batch.encoder.encode(event, plan: plan)
                guard batch.keep(event) else { return send(event, until: batchDeadline) }
            }
            keptCount.wrappingAdd(1, ordering: .relaxed)
            if batch.isFull { sendKept(batch, socket) }
            return .accepted
        }
        sendKept(batch, socket)
        return send(event, until: batchDeadline)
    }

    /// Sends what is kept.
    internal func sendKept() {
        guard let socket, keptCount.load(ordering: .relaxed) > 0 else { return }
        let batch = takeBatch()
        sendKept(batch, socket)
        giveBatch(batch)
    }

    internal var batchDeadline: Deadline { .after(patience ?? Self.defaultPatience) }

    private func takeBatch() -> JournalBatch {
        if let pointer = UnsafeRawPointer(bitPattern: batchSlot.exchange(0, ordering: .acquiring)) {
            let batch = Unmanaged<JournalBatch>.fromOpaque(pointer).takeRetainedValue()
            if batch.run == ProcessRun.current { return batch }
        }
        let batch = JournalBatch(keepsEvents: fallback != nil)
        // Nobody gives up a batch within a run of the process: what was kept was the parent's.
        if batchRun.exchange(batch.run, ordering: .relaxed) != batch.run {
            report(.dropped(.forkChild), keptCount.load(ordering: .relaxed))
        }
        return batch
    }

    private func giveBatch(_ batch: JournalBatch) {
        let kept = Unmanaged.passRetained(batch)
        let (isGiven, _) = batchSlot.compareExchange(
            expected: 0,
            desired: UInt(bitPattern: kept.toOpaque()),
            ordering: .releasing
        )
        if !isGiven { kept.release() }
    }

    /// Sends a batch's entries in their order, and answers for each.
    private func sendKept(_ batch: JournalBatch, _ socket: JournalSocket) {
        guard batch.count > 0 else { return }
        var next = 0
        var deadline: Deadline?
        while next < batch.count {
            var outcome = JournalOutcome.sent
            if notes.isPending {
                deadline = deadline ?? batchDeadline
                let scratch = pool.take()
                outcome = announce(scratch, until: deadline)
                pool.give(scratch)
            }
            if !outcome.holdsUpEvents {
                let (sent, isFull) = batch.withRest(from: next) { socket.sendMany($0, from: $1, $2) }
                guard sent == 0 else {
                    hasSent(sent)
                    next += sent
                    // A journald that goes on, however slowly, gets all of them.
                    deadline = nil
                    continue
                }
                let limit = deadline ?? batchDeadline
                deadline = limit
                if isFull {
                    if socket.waitForHalf(&batch.pause, until: limit) { continue }
                    outcome = .full
                } else {
                    outcome = batch.withEntry(next) { socket.send($0, until: limit) }
                }
            }
            if outcome == .sent {
                hasSent(1)
            } else if case .gone = outcome, let events = batch.events, fallback != nil {
                report(events.withEvent(at: next) { settle(outcome, $0) }, 1)
            } else {
                report(settle(outcome, at: batch.time(next)), 1)
            }
            next += 1
        }
        batch.removeAll()
    }

    private func hasSent(_ count: Int) {
        if isOutage.load(ordering: .relaxed) { isOutage.store(false, ordering: .relaxed) }
        report(.handedOver, count)
    }

    /// Reports what became of entries that were kept.
    private func report(_ acceptance: Acceptance, _ count: Int) {
        guard count > 0 else { return }
        keptCount.wrappingSubtract(count, ordering: .relaxed)
        let ledger = ledger.withLock { $0 }
        switch acceptance {
        case .handedOver: ledger?.handedOver(count)
        case .dropped(let reason): ledger?.dropped(count, reason)
        // The fallback answers for it later, to the same ledger.
        case .accepted: break
        }
    }
}

extension JournalOutcome {
    /// Of an entry about missing events: whether those that follow must not be sent before it.
    internal var holdsUpEvents: Bool {
        switch self {
        case .full, .gone: true
        case .sent, .tooLarge, .failed: false
        }
    }
}
