internal import CTxaio
internal import Synchronization

// What the ledger asks of queues. Threads' counters are the process's, so what a queue has counted is kept when it ends: the
// counts add up in the next session as well.

extension EventQueue {
    /// Those whose thread had not ended in time: it may still deliver what they hold.
    private static let late = Lock<[EventQueue]>([])
    private static let discardedBefore = Atomic<UInt64>(0)

    /// What all queues hold, and what threads dropped there as their oldest: this one's, and those that were ended.
    internal static func counts(with queue: EventQueue?) -> (waiting: UInt64, discarded: UInt64) {
        var counts = (waiting: UInt64(0), discarded: UInt64(0))
        var queues = late.withLock { $0 }
        if let queue, !queue.isRetired.load(ordering: .acquiring) { queues.append(queue) }
        for queue in queues {
            counts.waiting += queue.waiting
            counts.discarded += queue.discarded
        }
        counts.discarded += discardedBefore.load(ordering: .relaxed)
        return counts
    }

    /// Takes over what an ended queue has counted.
    internal func retire() {
        guard !isRetired.exchange(true, ordering: .acquiringAndReleasing) else { return }
        if hasEnded.load(ordering: .acquiring), waiting == 0 {
            Self.discardedBefore.wrappingAdd(discarded, ordering: .relaxed)
        } else {
            Self.late.withLock { $0.append(self) }
        }
    }

    /// In a child process: they are the parent's.
    internal static func forgetCounts() {
        late.withLock { $0 = [] }
        discardedBefore.store(0, ordering: .relaxed)
    }

    /// Records that are in rings, or taken out and not yet with all emitters.
    internal var waiting: UInt64 {
        let delivered = deliveredCount.load(ordering: .acquiring)
        var committed: UInt64 = 0
        for ring in pool.rings {
            committed &+= txaio_counter_load(&ring.pointee.pushed) &- txaio_counter_load(&ring.pointee.discarded)
        }
        return committed >= delivered ? committed - delivered : 0
    }

    /// Records that threads dropped as their oldest.
    private var discarded: UInt64 {
        pool.rings.reduce(0) { $0 + txaio_counter_load(&$1.pointee.discarded) }
    }
}
