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
    /// Its blocks at their positions, nil where one is done: taking one out touches no other.
    @exclusivity(unchecked) private var blocks: ContiguousArray<BatchBlock.Pointer?> = []
    /// How many are there: at most one more than calls wait.
    @exclusivity(unchecked) private(set) internal var blockCount = 0
    /// The one that calls are added to; nil where that is done and full.
    @exclusivity(unchecked) private var last: BatchBlock.Pointer?

    internal var positionCount: Int { blocks.count }

    /// Small for a bucket of few calls.
    private static let firstCapacity = 4

    package init(number: Int64) { self.number = number }

    @inline(__always)
    internal func add(_ body: @escaping BatchedCall.Body, of timer: BucketedTimer) -> BatchPlace {
        if let last, !last.pointee.isFull { return last.add(body) }
        return addBlock(of: timer).add(body)
    }

    @inline(never)
    private func addBlock(of timer: BucketedTimer) -> BatchBlock.Pointer {
        if blockCount * 2 < blocks.count { closeUp() }
        let capacity = blockCount == 0 ? Self.firstCapacity : BatchBlock.mostCalls
        let block = BatchBlock.make(capacity: capacity, at: blocks.count, bucket: self, owner: timer)
        blocks.append(block)
        blockCount += 1
        last = block
        return block
    }

    /// Takes the gaps out, once there are more of them than blocks.
    private func closeUp() {
        blocks.removeAll { $0 == nil }
        for (position, block) in blocks.enumerated() { block?.pointee.position = position }
    }

    /// Lets go of a block that is done, unless it has room for the next call; true where nothing waits in the bucket.
    internal func letGo(of block: BatchBlock.Pointer) -> Bool {
        if block != last || block.pointee.isFull {
            blocks[block.pointee.position] = nil
            blockCount -= 1
            if block == last { last = nil }
            block.pointee.bucket = nil
            block.retire()
        }
        guard blockCount > 0 else { return true }
        guard blockCount == 1, let last else { return false }
        return last.pointee.isDone
    }

    /// Gives its blocks up, in their order.
    internal func takeBlocks() -> ContiguousArray<BatchBlock.Pointer?> {
        defer { (blocks, blockCount, last) = ([], 0, nil) }
        return blocks
    }
}
