/// The calls that run at one time, and the real timer that they share.
///
/// All of it belongs to the timer's lock.
package final class Bucket: @unchecked Sendable {
    // Unchecked: see above.
    package let number: Int64
    /// The real timer, once it was made.
    @exclusivity(unchecked) internal var alarm: (any DelayedCall)?
    /// Whether the timer has it no more.
    @exclusivity(unchecked) internal var isGone = false
    @exclusivity(unchecked) private var first: BatchBlock.Pointer?
    @exclusivity(unchecked) private var last: BatchBlock.Pointer?

    /// Small for a bucket of few calls.
    private static let firstCapacity: Int32 = 4

    package init(number: Int64) { self.number = number }

    @inline(__always)
    internal func add(_ call: BatchedCall, of timer: BucketedTimer) {
        if let last, !last.pointee.isFull { return last.add(call) }
        addBlock(of: timer).add(call)
    }

    @inline(never)
    private func addBlock(of timer: BucketedTimer) -> BatchBlock.Pointer {
        let capacity = last == nil ? Self.firstCapacity : BatchBlock.mostCalls
        let block = BatchBlock.make(capacity: capacity, bucket: self, owner: timer)
        block.pointee.previous = last
        if let last { last.pointee.next = block } else { first = block }
        last = block
        return block
    }

    /// Lets go of a block that is done, unless it has room for the next call; true where nothing waits in the bucket.
    internal func letGo(of block: BatchBlock.Pointer) -> Bool {
        if block != last || block.pointee.isFull {
            let (previous, next) = (block.pointee.previous, block.pointee.next)
            if let previous { previous.pointee.next = next } else { first = next }
            if let next { next.pointee.previous = previous } else { last = previous }
            block.pointee.bucket = nil
            block.retire()
        }
        guard let first else { return true }
        return first == last && first.pointee.isDone
    }

    /// Gives its blocks up, as a list.
    internal func takeBlocks() -> BatchBlock.Pointer? {
        defer { (first, last) = (nil, nil) }
        return first
    }
}
