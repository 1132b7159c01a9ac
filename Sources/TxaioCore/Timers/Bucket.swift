internal import Synchronization

/// The calls that run at one time, and the real timer that they share. All of it belongs to the timer's lock.
internal final class Bucket: @unchecked Sendable {
    // Unchecked: see above.
    internal let number: Int64
    /// The real timer, once it was made.
    @exclusivity(unchecked) internal var alarm: (any DelayedCall)?
    /// Whether the table has it no more.
    @exclusivity(unchecked) internal var isGone = false
    @exclusivity(unchecked) private var first: BatchBlock.Pointer?
    @exclusivity(unchecked) private var last: BatchBlock.Pointer?

    /// Small for a bucket of few calls.
    private static let firstCapacity: Int32 = 4
    private static let capacity: Int32 = 32

    internal init(number: Int64) { self.number = number }

    @inline(__always)
    internal func add(_ call: BatchedCall, of timer: BucketedTimer) {
        if let last, !last.pointee.isFull { return last.add(call) }
        addBlock(of: timer).add(call)
    }

    @inline(never)
    private func addBlock(of timer: BucketedTimer) -> BatchBlock.Pointer {
        let block = BatchBlock.make(capacity: last == nil ? Self.firstCapacity : Self.capacity, bucket: self, owner: timer)
        block.pointee.previous = last
        if let last { last.pointee.next = block } else { first = block }
        last = block
        return block
    }

    /// Sweeps a block of its own; true where nothing waits in the bucket any more.
    internal func sweep(_ block: BatchBlock.Pointer) -> Bool {
        block.sweep()
        // The last block stays while it has room, for the next call.
        if block.pointee.isFinished, block != last || block.pointee.isFull { remove(block) }
        guard let first else { return true }
        return first == last && first.pointee.isFinished
    }

    private func remove(_ block: BatchBlock.Pointer) {
        let (previous, next) = (block.pointee.previous, block.pointee.next)
        if let previous { previous.pointee.next = next } else { first = next }
        if let next { next.pointee.previous = previous } else { last = previous }
        block.pointee.bucket = nil
        block.retire()
    }

    /// Takes the calls out, as a list of blocks that nobody sweeps any more, with the number of those that wait.
    internal func takeAll() -> (first: BatchBlock.Pointer?, count: Int) {
        var count = 0
        var next = first
        while let block = next {
            block.pointee.bucket = nil
            block.pointee.hasBegun.store(true, ordering: .relaxed)
            count += Int(block.pointee.used - block.pointee.finished.load(ordering: .acquiring))
            next = block.pointee.next
        }
        defer { (first, last) = (nil, nil) }
        return (first, count)
    }
}
