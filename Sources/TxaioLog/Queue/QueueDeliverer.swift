internal import CTxaio

/// Takes records out of the rings in the order of their times and hands them to the emitters.
///
/// Used by one thread.
internal final class QueueDeliverer: @unchecked Sendable {
    // Unchecked: only the delivering thread touches it after it was made.
    private static let batchBytes = 1 << 20

    private let pool: RingPool
    private let contexts: ContextTable
    private let pipeline: Pipeline
    // Behind a pointer: one thread uses it, so that need not be checked at each use.
    private let heads: UnsafeMutablePointer<RingHeads>
    private var batch = EventBatch(bytes: batchBytes)
    /// Where there is more than one emitter.
    private let outboxes: OutboxSet?
    private let cache = MessageCache()
    private var droppedBefore: UInt64 = 0

    internal init(pool: RingPool, contexts: ContextTable, pipeline: Pipeline, outboxes: OutboxSet?) {
        self.pool = pool
        self.contexts = contexts
        heads = .allocate(capacity: 1)
        heads.initialize(to: RingHeads())
        self.pipeline = pipeline
        self.outboxes = outboxes
    }

    deinit {
        heads.deinitialize(count: 1)
        heads.deallocate()
    }

    /// Delivers up to 256 events; returns how many there were.
    internal func deliverBatch() -> Int {
        heads.pointee.look(at: pool.rings)
        // Takes the oldest records of all rings, the oldest first.
        heads.pointee.fill(batch)
        let count = batch.entries.count
        let thread = txaio_thread_current()
        var isFree = true
        if let outboxes {
            if count > 0 { isFree = outboxes.deliver(batch, cache: cache) }
        } else {
            deliver(on: thread)
        }
        for _ in 0..<count {
            if pipeline.usesCells {
                _ = txaio_counter_increment(&thread.pointee.delivered)
            } else {
                _ = txaio_counter_increment(&thread.pointee.redirected)
            }
        }
        // An emitter that fell behind may still read it.
        if !isFree { batch.hold(contexts.pin()) }
        heads.pointee.finish()
        contexts.reclaim()
        if isFree { batch.removeAll() } else { batch = EventBatch(bytes: Self.batchBytes) }
        return count
    }

    /// Hands the batch to the only emitter, on this thread.
    private func deliver(on thread: UnsafeMutablePointer<txaio_thread>) {
        for entry in batch.entries {
            txaio_thread_enter(thread)
            cache.reset()
            pipeline.deliver(batch.event(entry, cache: cache), on: thread, atOnce: true)
            txaio_thread_leave(thread)
        }
        if !batch.isEmpty { pipeline.endBatch(on: thread) }
    }

    /// Says in the stream how many events found no room since it last said so.
    internal func announceDrops(_ dropped: UInt64) {
        guard dropped > droppedBefore else { return }
        let count = dropped - droppedBefore
        droppedBefore = dropped
        tell { TxaioLogger.own.warn("{count} events dropped: the queue was full.", ("count", count)) }
    }

    /// Says in the stream which emitters do not keep up, and what that took.
    internal func announceSlowEmitters(isLast: Bool) {
        outboxes?.review(isLast: isLast) { emitter, dropped in
            tell {
                if let dropped {
                    TxaioLogger.own.warn(
                        "{count} events dropped at emitter '{emitter}', which did not keep up.",
                        ("count", dropped),
                        ("emitter", emitter)
                    )
                } else {
                    TxaioLogger.own.warn(
                        "Emitter '{emitter}' does not keep up: what its outbox cannot hold is dropped.",
                        ("emitter", emitter)
                    )
                }
            }
        }
    }

    private func tell(_ announce: () -> Void) {
        // As if an emitter said it: delivered at once, past the rings.
        let thread = txaio_thread_current()
        txaio_thread_enter(thread)
        defer { txaio_thread_leave(thread) }
        if pipeline.usesCells {
            announce()
        } else {
            LogContext(fields: nil, pipeline: pipeline).run(announce)
        }
    }
}
