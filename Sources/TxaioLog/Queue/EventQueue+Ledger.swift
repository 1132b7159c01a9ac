internal import CTxaio
internal import Synchronization

// What the ledger asks of queues. Threads' counters are the process's, so what a queue has counted is kept when it ends: the
// counts add up in the next session as well.

extension EventQueue {
    /// Queues that were ended: `late` are those whose thread had not ended in time, and may still deliver what they hold.
    private struct Ended {
        var late: [EventQueue] = []
        /// Records that threads dropped as their oldest in queues that are through.
        var discarded: UInt64 = 0
    }

    private static let ended = Lock(Ended())

    /// What all queues hold, and what threads dropped there as their oldest: this one's, and those that were ended.
    internal static func counts(with queue: EventQueue?) -> (waiting: UInt64, discarded: UInt64) {
        let (queues, before) = ended.withLock { ended in
            let own = queue.flatMap { $0.isRetired.load(ordering: .relaxed) ? nil : [$0] } ?? []
            return (ended.late + own, ended.discarded)
        }
        return queues.reduce(into: (0, before)) { counts, queue in
            counts.0 += queue.waiting
            counts.1 += queue.discarded
        }
    }

    /// Takes over what an ended queue has counted.
    internal func retire() {
        let isThrough = hasEnded.load(ordering: .acquiring) && waiting == 0
        let discarded = discarded
        Self.ended.withLock { ended in
            guard !isRetired.exchange(true, ordering: .relaxed) else { return }
            if isThrough { ended.discarded += discarded } else { ended.late.append(self) }
        }
    }

    /// In a child process: they are the parent's.
    internal static func forgetCounts() {
        ended.withLock { $0 = Ended() }
    }

    /// Records that are in rings, or came before the start, or were taken out and are not yet with all emitters.
    internal var waiting: UInt64 {
        let delivered = deliveredCount.load(ordering: .acquiring)
        var committed = adoptedCount.load(ordering: .relaxed)
        for ring in pool.rings {
            // In this order: what is dropped was committed before.
            let discarded = txaio_counter_load(&ring.pointee.discarded)
            atomicMemoryFence(ordering: .acquiring)
            let pushed = txaio_counter_load(&ring.pointee.pushed)
            if pushed > discarded { committed += pushed - discarded }
        }
        return committed >= delivered ? committed - delivered : 0
    }

    /// Records that threads dropped as their oldest.
    private var discarded: UInt64 {
        pool.rings.reduce(0) { $0 + txaio_counter_load(&$1.pointee.discarded) }
    }
}
