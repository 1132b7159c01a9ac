/// The buckets of a batched timer: what its lock guards.
///
/// Calls nobody.
internal struct BucketStore {
    private var table = BucketTable()

    /// Adds a call to the bucket of that number; answers the bucket if it was made for it.
    @inline(__always)
    internal mutating func add(_ call: BatchedCall, to number: Int64, of timer: BucketedTimer) -> Bucket? {
        if let bucket = table.find(number) {
            bucket._withUnsafeGuaranteedRef { $0.add(call, of: timer) }
            return nil
        }
        let bucket = Bucket(number: number)
        bucket.add(call, of: timer)
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
        /// Its real timer.
        ///
        /// To be released outside the lock: it is somebody else's.
        internal let alarm: (any DelayedCall)?
    }

    /// Takes out a bucket with what waits in it; nil where it is gone.
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

    /// Looks at a block whose last call was cancelled; answers its bucket if that has gone with it.
    internal mutating func lookAt(_ block: BatchBlock.Pointer) -> Taken? {
        // One was added meanwhile, or somebody else has looked.
        guard let bucket = block.pointee.bucket?.takeUnretainedValue(), block.pointee.isDone else { return nil }
        return bucket.letGo(of: block) ? take(bucket) : nil
    }
}
