internal import CTxaio

/// A batch on its way to the emitters, and how far it empties the rings once they have it.
///
/// Used by the delivering thread alone.
internal final class Shipment {
    private let limit: Int
    @exclusivity(unchecked) internal private(set) var batch: EventBatch
    /// Up to where a ring's room comes free.
    @exclusivity(unchecked) private var marks: [(ring: UnsafeMutablePointer<txaio_ring>, until: UInt64)] = []
    /// For each emitter, which of its outbox's parcels it has the batch in; 0 where nobody waits for it.
    internal var targets: [UInt64] = []
    /// Whether an emitter that fell behind may still read the batch.
    internal var isKept = false

    internal init(limit: Int) {
        self.limit = limit
        batch = EventBatch(bytes: 1 << 20, limit: limit)
    }

    internal var count: Int { batch.entries.count }

    /// All that was taken out of the ring so far belongs to this batch, or to ones before.
    internal func mark(_ ring: UnsafeMutablePointer<txaio_ring>) { marks.append((ring, txaio_ring_claimed(ring))) }

    /// The emitters have it: frees the rings' room, and makes place for another batch.
    internal func finish(_ contexts: ContextTable) {
        if isKept { batch.hold(contexts.pin()) }
        for mark in marks { txaio_ring_finish(mark.ring, mark.until) }
        marks.removeAll(keepingCapacity: true)
        if isKept { batch = EventBatch(bytes: 1 << 20, limit: limit) } else { batch.removeAll() }
        isKept = false
    }
}
