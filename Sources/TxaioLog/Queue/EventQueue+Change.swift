internal import CTxaio
internal import Synchronization

// Another pipeline takes the place of the one that is in force, and the queue stays.

extension EventQueue {
    /// Has the delivering thread go on with another pipeline, once it is through with what was committed before the call.
    ///
    /// Emitters that both pipelines have keep their outboxes. Where an emitter holds the thread up until the deadline, all
    /// stays as it was.
    ///
    /// - Returns: Whether the other pipeline has taken over.
    internal func change(to pipeline: Pipeline, until deadline: Deadline) -> Bool {
        let (earlier, done) = state.withLock { ($0.outboxes, $0.done) }
        // One that had an outbox keeps it: there may be something in it. Made before the lock is taken: a signal handler may
        // wait for that which has interrupted malloc.
        let needed = pipeline.slots.count > 1 || !earlier.isEmpty
        let next = needed ? pipeline.slots.map { outbox(for: $0, among: earlier, done) } : []
        let isWithoutThread = state.withLock { state in
            if state.isWithoutThread {
                state.pipeline = pipeline
            } else {
                state.next = (pipeline, next)
                state.changes += 1
            }
            return state.isWithoutThread
        }
        if isWithoutThread { return true }
        let new = next.filter { outbox in !earlier.contains { $0 === outbox } }
        for outbox in new { outbox.start() }
        isChanging.store(true, ordering: .releasing)
        while state.withLock({ $0.next != nil }) {
            if deadline.hasPassed || hasEnded.load(ordering: .acquiring), withdraw() {
                for outbox in new { _ = outbox.stop(until: .after(.seconds(1))) }
                return false
            }
            Platform.pause()
        }
        return true
    }

    /// Thinks better of a change; answers whether it was not too late.
    private func withdraw() -> Bool {
        state.withLock { state in
            guard state.next != nil, !state.isNextTaken else { return false }
            state.next = nil
            return true
        }
    }

    private func outbox(for slot: Pipeline.Slot, among outboxes: [Outbox], _ done: Bell) -> Outbox {
        outboxes.first { $0.identity == slot.identity } ?? Outbox(slot, limit: outboxLimit, done: done)
    }

    /// On the delivering thread: hands over what came before, and goes on with the other pipeline where there is one.
    ///
    /// Answers an outbox where another thread has taken this one's part: then that will see to it.
    internal func change(_ deliverer: QueueDeliverer) -> Outbox? {
        guard isChanging.load(ordering: .relaxed), isChanging.exchange(false, ordering: .acquiring) else { return nil }
        // In this order: what was committed before that very call is what comes before.
        let number = state.withLock { $0.changes }
        let ends = deliverer.ends
        delivery: while deliverer.hasBacklog || ends.contains(where: { txaio_ring_claimed($0.ring) < $0.end }) {
            switch deliverer.deliverBatch(takingLatest: true) {
            case .nothing: break delivery
            case .delivered: break
            case .relieved(let outbox): return outbox
            }
        }
        // While there is a way back: an emitter may hold this up for as long as it likes.
        deliverer.settle()
        let next = state.withLock { state -> (pipeline: Pipeline, outboxes: [Outbox], done: Bell)? in
            // Another call has rung again.
            guard let next = state.next, state.changes == number else { return nil }
            state.isNextTaken = true
            return (next.pipeline, next.outboxes, state.done)
        }
        guard let next else { return nil }
        deliverer.change(to: next.pipeline, next.outboxes, done: next.done)
        state.withLock { state in
            state.pipeline = next.pipeline
            state.outboxes = next.outboxes
            state.next = nil
            state.isNextTaken = false
        }
        return nil
    }
}
