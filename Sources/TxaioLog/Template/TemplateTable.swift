internal import Synchronization

/// A hash table of parsed templates: read by any thread at any time, written by one at a time, never emptied.
///
/// Invariant: a slot changes once, from 0 to the address of a storage that never changes again, and at least half of the
/// slots are 0, so that every search ends. A table that was outgrown stays for those who still read it.
internal struct TemplateTable: ~Copyable {
    private struct Slots {
        let mask: Int
        let first: UnsafeMutablePointer<Atomic<UInt>>
    }

    /// The address of the `Slots` in use, or 0.
    private let current = Atomic<UInt>(0)

    /// The template that `matches` accepts among those of a hash.
    @inline(__always)
    internal borrowing func find(
        _ hash: UInt64,
        _ matches: (UnsafePointer<TemplateStorage>) -> Bool
    ) -> UnsafePointer<TemplateStorage>? {
        let address = current.load(ordering: .acquiring)
        guard let slots = UnsafePointer<Slots>(bitPattern: address)?.pointee else { return nil }
        var index = Int(truncatingIfNeeded: hash) & slots.mask
        while let found = UnsafePointer<TemplateStorage>(bitPattern: slots.first[index].load(ordering: .acquiring)) {
            if matches(found) { return found }
            index = (index &+ 1) & slots.mask
        }
        return nil
    }

    /// Adds a template that is not there yet; it is the `count`th.
    ///
    /// Only one thread at a time may.
    internal borrowing func insert(_ storage: UnsafePointer<TemplateStorage>, count: Int) {
        let address = current.load(ordering: .relaxed)
        guard let slots = UnsafePointer<Slots>(bitPattern: address)?.pointee, count * 2 <= slots.mask else {
            return grow(adding: storage, count: count)
        }
        put(storage, into: slots)
    }

    private borrowing func grow(adding storage: UnsafePointer<TemplateStorage>, count: Int) {
        var size = 256
        while size < count * 4 { size *= 2 }
        let first = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: size)
        for index in 0..<size { (first + index).initialize(to: Atomic(0)) }
        let slots = UnsafeMutablePointer<Slots>.allocate(capacity: 1)
        slots.initialize(to: Slots(mask: size - 1, first: first))
        if let old = UnsafePointer<Slots>(bitPattern: current.load(ordering: .relaxed))?.pointee {
            for index in 0...old.mask {
                let kept = old.first[index].load(ordering: .relaxed)
                if let kept = UnsafePointer<TemplateStorage>(bitPattern: kept) { put(kept, into: slots.pointee) }
            }
        }
        put(storage, into: slots.pointee)
        current.store(UInt(bitPattern: slots), ordering: .releasing)
    }

    private borrowing func put(_ storage: UnsafePointer<TemplateStorage>, into slots: Slots) {
        var index = Int(truncatingIfNeeded: storage.pointee.hash) & slots.mask
        while slots.first[index].load(ordering: .relaxed) != 0 { index = (index &+ 1) & slots.mask }
        slots.first[index].store(UInt(bitPattern: storage), ordering: .releasing)
    }
}
