internal import CTxaio

/// A batch on its way to the emitters, and how far it empties the rings once they have it.
///
/// Used by the delivering thread alone.
internal final class Shipment {
    @exclusivity(unchecked) internal private(set) var batch: EventBatch
    /// Up to where rings' room comes free.
    @exclusivity(unchecked) private var marks: UnsafeMutablePointer<Mark>
    @exclusivity(unchecked) private var markCount = 0
    private var markRoom = 64
    /// For each emitter, which of its outbox's parcels it has the batch in; 0 where nobody waits for it.
    internal var targets: [UInt64] = []
    /// Whether an emitter that fell behind may still read the batch.
    internal var isKept = false

    private struct Mark {
        let ring: UnsafeMutablePointer<txaio_ring>
        let until: UInt64
    }

    internal init() {
        marks = .allocate(capacity: markRoom)
        batch = EventBatch(bytes: 1 << 20)
    }

    deinit { marks.deallocate() }

    internal var count: Int { batch.entries.count }

    /// Whether no emitter's batch is waited for.
    internal var isWithAll: Bool { targets.allSatisfy { $0 == 0 } }

    /// All that was taken out of the ring so far belongs to this batch, or to ones before.
    internal func mark(_ ring: UnsafeMutablePointer<txaio_ring>) {
        if markCount == markRoom {
            let larger = UnsafeMutablePointer<Mark>.allocate(capacity: markRoom * 2)
            larger.moveInitialize(from: marks, count: markCount)
            marks.deallocate()
            marks = larger
            markRoom *= 2
        }
        (marks + markCount).initialize(to: Mark(ring: ring, until: txaio_ring_claimed(ring)))
        markCount += 1
    }

    /// The emitters have it: makes place for another batch, and frees the rings' room.
    ///
    /// That comes last, by plain stores: who waits for it may fork at once, and a child would wait for ever for what this
    /// thread holds within Swift's runtime.
    internal func finish(_ contexts: ContextTable) {
        if isKept {
            batch.hold(contexts.pin())
            batch = EventBatch(bytes: 1 << 20)
        } else {
            batch.removeAll()
        }
        isKept = false
        let count = markCount
        markCount = 0
        for index in 0..<count { txaio_ring_finish(marks[index].ring, marks[index].until) }
    }
}
