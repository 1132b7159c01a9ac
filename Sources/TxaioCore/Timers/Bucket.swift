/// The calls that run at one time, and the real timer that they share. All of it belongs to the core's lock.
internal final class Bucket: @unchecked Sendable {
    // Unchecked: see above.
    internal let number: Int64
    /// The real timer, once it was made.
    @exclusivity(unchecked) internal var alarm: (any DelayedCall)?
    /// Whether the store has it no more.
    @exclusivity(unchecked) internal var isGone = false
    @exclusivity(unchecked) private var first: BatchBlock.Pointer?
    @exclusivity(unchecked) private var last: BatchBlock.Pointer?

    /// Small for a bucket of few calls.
    private static let firstCapacity: Int32 = 4

    internal init(number: Int64) { self.number = number }

    @inline(__always)
    internal func add(_ call: BatchedCall, of core: BatchCore) {
        if let last, !last.pointee.isFull { return last.add(call) }
        addBlock(of: core).add(call)
    }

    @inline(never)
    private func addBlock(of core: BatchCore) -> BatchBlock.Pointer {
        let capacity = last == nil ? Self.firstCapacity : BatchBlock.mostCalls
        let block = BatchBlock.make(capacity: capacity, bucket: self, owner: core)
        block.pointee.previous = last
        if let last { last.pointee.next = block } else { first = block }
        last = block
        return block
    }

    /// Lets go of a block that is done; false where it stays, as it has room for the next call.
    internal func remove(_ block: BatchBlock.Pointer) -> Bool {
        guard block != last || block.pointee.isFull else { return false }
        let (previous, next) = (block.pointee.previous, block.pointee.next)
        if let previous { previous.pointee.next = next } else { first = next }
        if let next { next.pointee.previous = previous } else { last = previous }
        return true
    }

    /// Whether nothing in it waits, once blocks that are done were removed.
    internal var isDone: Bool {
        guard let first else { return true }
        return first == last && first.pointee.isDone
    }

    /// Gives its blocks up, as a list.
    internal func takeBlocks() -> BatchBlock.Pointer? {
        defer { (first, last) = (nil, nil) }
        return first
    }
}
