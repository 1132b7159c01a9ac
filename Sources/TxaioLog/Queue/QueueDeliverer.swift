internal import CTxaio

/// Takes records out of the rings in the order of their times and hands them to the emitters.
///
/// Used by one thread.
internal final class QueueDeliverer: @unchecked Sendable {
    // Unchecked: only the delivering thread touches it after it was made.
    private static let batchCount = 256
    private static let batchBytes = 1 << 20

    private struct Entry {
        let offset: Int
        let ring: Int
    }

    private let pool: RingPool
    private let pipeline: Pipeline
    private var rings: [UnsafeMutablePointer<txaio_ring>] = []
    private var heads: [Int64] = []
    private var isTouched: [Bool] = []
    private var entries: [Entry] = []
    private var arena: UnsafeMutableRawBufferPointer
    private let cache = MessageCache()
    private var droppedBefore: UInt64 = 0

    internal init(pool: RingPool, pipeline: Pipeline) {
        self.pool = pool
        self.pipeline = pipeline
        arena = .allocate(byteCount: Self.batchBytes, alignment: 16)
        entries.reserveCapacity(Self.batchCount)
    }

    deinit { arena.deallocate() }

    /// Delivers up to 256 events; returns how many there were.
    internal func deliverBatch() -> Int {
        collect()
        let thread = txaio_thread_current()
        for entry in entries {
            txaio_thread_enter(thread)
            cache.reset()
            let ring = rings[entry.ring]
            let event = LogEvent(
                record: UnsafeRawPointer(arena.baseAddress.unsafelyUnwrapped + entry.offset),
                threadNumber: ring.pointee.thread_number,
                threadID: ring.pointee.tid,
                startID: txaio_process_current().pointee.start_id,
                cache: cache,
                isInBatch: true
            )
            pipeline.deliver(event, on: thread)
            if pipeline.usesCells {
                _ = txaio_counter_increment(&thread.pointee.delivered)
            } else {
                _ = txaio_counter_increment(&thread.pointee.redirected)
            }
            txaio_thread_leave(thread)
        }
        if !entries.isEmpty { pipeline.endBatch(on: thread) }
        for index in rings.indices where isTouched[index] {
            txaio_ring_finish(rings[index], txaio_ring_claimed(rings[index]))
            isTouched[index] = false
        }
        let count = entries.count
        entries.removeAll(keepingCapacity: true)
        return count
    }

    /// Takes the oldest records of all rings, the oldest first.
    private func collect() {
        lookForRings()
        var used = 0
        while entries.count < Self.batchCount, let index = oldest() {
            let ring = rings[index]
            let room = arena.count - used
            let free = arena.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self) + used
            let size = Int(txaio_ring_take(ring, free, UInt64(room)))
            if size > room {
                // A large record waits for a batch of its own, which gets memory of its size.
                if entries.isEmpty { grow(to: size) } else { return }
                continue
            }
            if size > 0 {
                entries.append(Entry(offset: used, ring: index))
                isTouched[index] = true
                used += (size + 15) & ~15
            }
            heads[index] = head(of: ring)
        }
    }

    private func lookForRings() {
        rings = pool.rings
        while isTouched.count < rings.count { isTouched.append(false) }
        heads.removeAll(keepingCapacity: true)
        for ring in rings { heads.append(head(of: ring)) }
    }

    private func head(of ring: UnsafeMutablePointer<txaio_ring>) -> Int64 {
        var time: Int64 = 0
        return txaio_ring_peek_time(ring, &time) ? time : .max
    }

    private func oldest() -> Int? {
        var best: Int?
        var time = Int64.max
        for index in heads.indices where heads[index] < time {
            time = heads[index]
            best = index
        }
        return best
    }

    private func grow(to size: Int) {
        arena.deallocate()
        arena = .allocate(byteCount: size, alignment: 16)
    }

    /// Says in the stream how many events found no room since it last said so.
    internal func announceDrops(_ dropped: UInt64) {
        guard dropped > droppedBefore else { return }
        let count = dropped - droppedBefore
        droppedBefore = dropped
        // As if an emitter said it: delivered at once, past the rings.
        let thread = txaio_thread_current()
        txaio_thread_enter(thread)
        defer { txaio_thread_leave(thread) }
        if pipeline.usesCells {
            announce(count)
        } else {
            LogContext(fields: nil, pipeline: pipeline).run { announce(count) }
        }
    }

    private func announce(_ count: UInt64) {
        TxaioLogger.own.warn("{count} events dropped: the queue was full.", ("count", count))
    }
}
