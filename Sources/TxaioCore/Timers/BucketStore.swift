/// The buckets of a batched timer: what its lock guards.
///
/// Calls nobody.
internal struct BucketStore {
    private var table = BucketTable()

    /// Adds a call to the bucket of that number; answers the bucket if it was made for it.
    @inline(__always)
    internal mutating func add(
        _ body: @escaping BatchedCall.Body,
        to number: Int64,
        of timer: BucketedTimer
    ) -> (BatchPlace, made: Bucket?) {
        if let bucket = table.find(number) {
            return (bucket._withUnsafeGuaranteedRef { $0.add(body, of: timer) }, nil)
        }
        return addBucket(body, number, timer)
    }

    @inline(never)
    private mutating func addBucket(
        _ body: @escaping BatchedCall.Body,
        _ number: Int64,
        _ timer: BucketedTimer
    ) -> (BatchPlace, made: Bucket?) {
        let bucket = Bucket(number: number)
        let place = bucket.add(body, of: timer)
        table.add(bucket)
        return (place, bucket)
    }

    /// A bucket that was taken out.
    internal struct Taken {
        internal let number: Int64
        /// Its blocks, in their order.
        internal let blocks: ContiguousArray<BatchBlock.Pointer?>
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
        let blocks = bucket.takeBlocks()
        var count = 0
        for block in blocks { count += block?.pointee.begin() ?? 0 }
        return Taken(number: bucket.number, blocks: blocks, count: count, alarm: bucket.alarm.take())
    }

    /// Looks at a block whose last call was cancelled; answers its bucket if that has gone with it.
    internal mutating func lookAt(_ block: BatchBlock.Pointer) -> Taken? {
        // One was added meanwhile, or somebody else has looked.
        guard let bucket = block.pointee.bucket?.takeUnretainedValue(), block.pointee.isDone else { return nil }
        return bucket.letGo(of: block) ? take(bucket) : nil
    }
}
