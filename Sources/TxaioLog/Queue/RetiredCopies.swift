/// A table's copies of fields that are gone, until nothing refers to them.
///
/// Rings may refer to a copy until they have been emptied up to where they were when it was retired. A batch that was given
/// away, which pins what there was then, may until it has been read.
///
/// Pure; the table keeps it under its lock.
internal struct RetiredCopies {
    internal struct Copy: Equatable {
        let place: UnsafeMutableRawPointer
        /// In the order of their making.
        let ordinal: UInt64
    }

    /// To which rings may refer: since the last call, and from before that.
    private var retired: [Copy] = []
    private var leaving: [Copy] = []
    /// To which batches may refer.
    private var held: [Copy] = []
    private var pins: [UInt64] = []
    private var isUnpinned = false

    /// Whether there is something to be freed once rings have been emptied.
    ///
    /// What only batches hold is not weighed again before one has been read: a stuck emitter would have all of it weighed at
    /// each batch.
    internal var isWaiting: Bool { !retired.isEmpty || !leaving.isEmpty || isUnpinned && !held.isEmpty }

    internal mutating func retire(_ copy: Copy) { retired.append(copy) }

    internal mutating func pin(_ ordinal: UInt64) { pins.append(ordinal) }

    internal mutating func unpin(_ ordinal: UInt64) {
        guard let index = pins.firstIndex(of: ordinal) else { return }
        pins.remove(at: index)
        isUnpinned = true
    }

    /// The rings have been emptied up to where they were at the last call: frees what nothing refers to any more.
    ///
    /// Answers whether something has been retired since then.
    internal mutating func reclaim(_ free: (Copy) -> Void) -> Bool {
        let newest = pins.max() ?? 0
        if isUnpinned {
            isUnpinned = false
            held.removeAll { copy in
                if copy.ordinal > newest { free(copy) }
                return copy.ordinal > newest
            }
        }
        for copy in leaving {
            if copy.ordinal > newest { free(copy) } else { held.append(copy) }
        }
        leaving.removeAll(keepingCapacity: true)
        swap(&leaving, &retired)
        return !leaving.isEmpty
    }
}
