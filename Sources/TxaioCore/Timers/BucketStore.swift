internal import Synchronization

/// The buckets of a batched timer, and the blocks to be swept: what its lock guards. Calls nobody.
internal struct BucketStore {
    private var table = BucketTable()
    /// Blocks in which much was cancelled, linked by `nextListed`, each retained.
    private var listed: BatchBlock.Pointer?
    /// Whether nobody will add calls any more: then blocks are swept at once.
    internal private(set) var isClosed = false

    /// Adds a call to the bucket of that number; answers the bucket if it was made for it.
    @inline(__always)
    internal mutating func add(_ call: BatchedCall, to number: Int64, of core: BatchCore) -> Bucket? {
        // Memory grows by calls that are added; so these are what pays for giving it back.
        if listed != nil { sweep(atMost: 1) }
        if let bucket = table.find(number) {
            bucket.add(call, of: core)
            return nil
        }
        let bucket = Bucket(number: number)
        bucket.add(call, of: core)
        table.add(bucket)
        return bucket
    }

    /// A bucket that was taken out.
    internal struct Taken {
        internal let number: Int64
        /// Its blocks, linked by `next`.
        internal let first: BatchBlock.Pointer?
        /// The calls that have places in them.
        internal let count: Int
        /// Its real timer. To be released outside the lock: it is somebody else's.
        internal let alarm: (any DelayedCall)?
    }

    /// Takes out a bucket whose time has come; nil where it is gone.
    internal mutating func take(_ bucket: Bucket) -> Taken? {
        guard !bucket.isGone else { return nil }
        bucket.isGone = true
        table.remove(bucket)
        let first = bucket.takeBlocks()
        var count = 0
        var next = first
        while let block = next {
            count += block.pointee.begin()
            next = block.pointee.next
        }
        return Taken(number: bucket.number, first: first, count: count, alarm: bucket.alarm.take())
    }

    /// Looks at a block in which calls were cancelled; answers its bucket if that has gone with the last of them.
    internal mutating func lookAt(_ block: BatchBlock.Pointer) -> Taken? {
        guard let bucket = block.pointee.bucket?.takeUnretainedValue() else { return nil }
        list(block)
        defer { if isClosed { sweep(atMost: .max) } }
        guard block.pointee.isDone else { return nil }
        if bucket.remove(block) { orphan(block) }
        guard bucket.isDone else { return nil }
        bucket.isGone = true
        table.remove(bucket)
        var next = bucket.takeBlocks()
        while let block = next {
            next = block.pointee.next
            list(block)
            orphan(block)
        }
        return Taken(number: bucket.number, first: nil, count: 0, alarm: bucket.alarm.take())
    }

    private func orphan(_ block: BatchBlock.Pointer) {
        block.pointee.bucket = nil
        block.pointee.isOrphan = true
    }

    // ---------------------------------------------------------------------------------------------------- sweeping

    private mutating func list(_ block: BatchBlock.Pointer) {
        guard !block.pointee.isListed.load(ordering: .relaxed) else { return }
        block.pointee.isListed.store(true, ordering: .relaxed)
        block.retain()
        block.pointee.nextListed = listed
        listed = block
    }

    /// Releases what was cancelled in so many blocks.
    internal mutating func sweep(atMost count: Int) {
        var left = count
        while left > 0, let block = listed {
            left -= 1
            listed = block.pointee.nextListed
            block.pointee.isListed.store(false, ordering: .relaxed)
            if block.pointee.isOrphan {
                block.release(but: 0)
                block.retire()
            } else if block.pointee.bucket != nil {
                block.release(but: block.pointee.waiting.load(ordering: .acquiring))
            }
            block.release()
        }
    }

    /// No calls will be added: gives back what can be given back, now and from now on.
    internal mutating func close() {
        isClosed = true
        sweep(atMost: .max)
    }
}
