internal import CTxaio

/// Takes records out of the rings in the order of their times and hands them to the emitters.
///
/// Used by one thread at a time: by the delivering one. An emitter that holds that up keeps it, and another takes its part.
internal final class QueueDeliverer: @unchecked Sendable {
    /// What a call for a batch came to.
    internal enum Turn {
        case nothing
        case delivered
        /// Another thread delivers now, and this one is to work at that outbox.
        case relieved(Outbox)
    }

    // Unchecked: only the delivering thread touches it after it was made; who takes its part does so under an outbox's lock.
    // To have each access checked for another that overlaps with it takes longer than to render an event.
    private let queue: EventQueue
    private let pool: RingPool
    private let contexts: ContextTable
    @exclusivity(unchecked) private var pipeline: Pipeline
    // Behind a pointer: one thread uses it, so that need not be checked at each use.
    private let heads: UnsafeMutablePointer<RingHeads>
    /// What is taken out next, or was last.
    @exclusivity(unchecked) private var current = Shipment()
    /// With several emitters: what was taken out before, which they are at work on.
    @exclusivity(unchecked) private var ahead = Shipment()
    /// Where there is more than one emitter.
    @exclusivity(unchecked) private var outboxes: OutboxSet?
    private let cache = MessageCache()
    private var droppedBefore: UInt64 = 0
    /// What came before the start, and is delivered first.
    @exclusivity(unchecked) private var backlog: Backlog

    internal init(
        of queue: EventQueue,
        pool: RingPool,
        contexts: ContextTable,
        pipeline: Pipeline,
        outboxes: OutboxSet?,
        backlog: Backlog
    ) {
        self.queue = queue
        self.backlog = backlog
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

    /// Whether something that came before the start has yet to be taken out.
    internal var hasBacklog: Bool { backlog.count > 0 }

    /// Takes out and delivers up to 256 events.
    ///
    /// With several emitters a batch is taken out, and then the one before waited for: both together have no more than 256.
    /// One that nobody is waited for is done with at once. What is logged during the call is left for the next, where it
    /// comes behind what it may have been logged because of; unless all is wanted.
    internal func deliverBatch(takingLatest: Bool) -> Turn {
        let end = takingLatest ? Int64.max : Clocks.ofEvents()
        guard let outboxes else {
            collect(current, limit: EventBatch.limit, end: end)
            guard current.count > 0 else { return .nothing }
            deliver(current.batch)
            finish(current)
            return .delivered
        }
        let left = EventBatch.limit - ahead.count
        collect(current, limit: outboxes.isOneLeft ? left : min(left, EventBatch.limit / 2), end: end)
        guard current.count > 0 || ahead.count > 0 else { return .nothing }
        let sole = current.count > 0 ? outboxes.put(current, cache: cache) : nil
        settle()
        if let sole {
            let (count, usesCells, queue) = (current.count, pipeline.usesCells, queue)
            switch outboxes.call(sole, current, by: self, { Self.count(count, usesCells, queue) }) {
            case .shared:
                break
            case .returned:
                free(current)
                return .delivered
            case .relieved(let outbox):
                return .relieved(outbox)
            }
        }
        if current.count > 0 {
            if current.isWithAll { finish(current) } else { swap(&current, &ahead) }
        }
        return .delivered
    }

    /// Goes on in place of a thread that an outbox's emitter keeps; the batch that it has there is its own from now on.
    internal func goOn(besides outbox: Outbox) {
        outboxes?.leaveBehind(outbox)
        current.isKept = true
        current.finish(contexts)
    }

    /// Has the calling thread deliver until the end; or until it is relieved, and then answers where it is to work.
    internal func deliver() -> Outbox? { queue.deliver(with: self) }

    /// Waits for the emitters that get the batch before, and is done with it.
    internal func settle() {
        guard ahead.count > 0 else { return }
        outboxes?.wait(for: ahead, next: current)
        finish(ahead)
    }

    /// Has other emitters get what is taken out from now on; after ``settle()``.
    internal func change(to pipeline: Pipeline, _ outboxes: [Outbox], done: Bell) {
        self.pipeline = pipeline
        self.outboxes = outboxes.isEmpty ? nil : OutboxSet(outboxes, pipeline, done: done, inPlaceOf: self.outboxes)
    }

    /// Up to where each ring is written now.
    internal var ends: [(ring: UnsafeMutablePointer<txaio_ring>, end: UInt64)] {
        pool.rings.map { ($0, txaio_ring_written($0)) }
    }

    /// Counts a batch as delivered, and frees its room: in this order, so that the ledger adds up for who waited for that.
    private func finish(_ shipment: Shipment) {
        Self.count(shipment.count, pipeline.usesCells, queue)
        free(shipment)
    }

    private func free(_ shipment: Shipment) {
        shipment.finish(contexts)
        contexts.reclaim()
    }

    /// Counts events as delivered, by this thread.
    private static func count(_ count: Int, _ usesCells: Bool, _ queue: EventQueue) {
        let thread = txaio_thread_current()
        for _ in 0..<count {
            if usesCells {
                _ = txaio_counter_increment(&thread.pointee.delivered)
            } else {
                _ = txaio_counter_increment(&thread.pointee.redirected)
            }
        }
        queue.countDelivered(count)
    }

    /// Hands a batch to the only emitter, on this thread.
    private func deliver(_ batch: EventBatch) {
        let thread = txaio_thread_current()
        // Here and once: else it is counted as referred to around each event.
        let (pipeline, cache) = (pipeline, cache)
        for entry in batch.entries {
            txaio_thread_enter(thread)
            cache.message.reset()
            pipeline.deliver(batch.event(entry, cache: cache), on: thread, atOnce: true)
            txaio_thread_leave(thread)
        }
        pipeline.endBatch(on: thread)
    }

    /// Takes the oldest records of all rings, the oldest first.
    private func collect(_ shipment: Shipment, limit: Int, end: Int64) {
        if backlog.count > 0 { return backlog.fill(shipment.batch, limit: limit) }
        heads.pointee.look(at: pool.rings, end: end)
        heads.pointee.fill(shipment, limit: limit)
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
