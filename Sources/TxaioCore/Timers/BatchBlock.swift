internal import Synchronization

/// Some calls of a bucket, in the order in which they were added.
///
/// Blocks are what a bucket is made of and what is given back: cancelling a call touches the call and its block, no neighbour
/// and no lock. Only every so often (see `threshold`) has it the block swept, so that in each block what was cancelled does not
/// outnumber what waits, and a block in which nothing waits is gone.
///
/// Invariant: `finished <= used <= capacity`; `references` is 1 while a bucket has it, and 1 for each call that was or may
/// be put into it and is not freed. `used`, `bucket` and the links belong to the timer's lock, later to the one that runs it.
internal struct BatchBlock: ~Copyable {
    internal typealias Pointer = UnsafeMutablePointer<BatchBlock>

    private let references: Atomic<Int32>
    /// How many were cancelled before the bucket began.
    internal let finished = Atomic<Int32>(0)
    /// Who cancels as the so-manieth, or later, sweeps.
    private let threshold = Atomic<Int32>(0)
    private var sweepsAt: Int32
    internal private(set) var used: Int32 = 0
    private let capacity: Int32
    /// Whether the bucket's time has come: from then on each call keeps its place in its chunk.
    internal let hasBegun = Atomic(false)
    /// Retained.
    private let owner: Unmanaged<BucketedTimer>
    internal var bucket: Unmanaged<Bucket>?
    internal var next: Pointer?
    internal var previous: Pointer?

    private init(capacity: Int32, bucket: Bucket, owner: BucketedTimer) {
        references = Atomic(capacity + 1)
        self.capacity = capacity
        sweepsAt = max(1, capacity / 2)
        self.bucket = .passUnretained(bucket)
        self.owner = .passRetained(owner)
    }

    internal typealias Entry = Unmanaged<BatchedCall>?

    internal static func make(capacity: Int32, bucket: Bucket, owner: BucketedTimer) -> Pointer {
        let size = MemoryLayout<BatchBlock>.stride + Int(capacity) * MemoryLayout<Entry>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<BatchBlock>.alignment)
        let block = memory.bindMemory(to: BatchBlock.self, capacity: 1)
        block.initialize(to: BatchBlock(capacity: capacity, bucket: bucket, owner: owner))
        return block
    }

    /// The timer that it belongs to; for those alone who hold one of its calls.
    internal var timer: BucketedTimer { owner._withUnsafeGuaranteedRef { $0 } }

    internal var isFull: Bool { used == capacity }

    /// Whether nothing in it waits.
    internal var isFinished: Bool { finished.load(ordering: .acquiring) >= used }
}

extension UnsafeMutablePointer where Pointee == BatchBlock {
    @inline(__always)
    private var entries: UnsafeMutablePointer<BatchBlock.Entry> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<BatchBlock>.stride).assumingMemoryBound(to: BatchBlock.Entry.self)
    }

    /// Adds a call to a block that is not full, which holds it from now on.
    @inline(__always)
    internal func add(_ call: BatchedCall) {
        (entries + Int(pointee.used)).initialize(to: .passRetained(call))
        pointee.addedOne()
        call.block = self
    }

    /// Takes a call out, by its place; nil where it was swept.
    @inline(__always)
    internal func take(_ index: Int32) -> BatchedCall? {
        guard let call = entries[Int(index)] else { return nil }
        entries[Int(index)] = nil
        return call.takeRetainedValue()
    }

    /// Whether a call is in that place which counts in its chunk; lets go of one that does not.
    internal func peek(_ index: Int32) -> Bool {
        guard let call = entries[Int(index)] else { return false }
        if call._withUnsafeGuaranteedRef({ $0.hasPlace }) { return true }
        entries[Int(index)] = nil
        call.release()
        return false
    }

    /// Releases the calls that were cancelled; under the timer's lock, as they hold nothing of the user's any more.
    internal func sweep() {
        for index in 0..<pointee.used {
            guard let call = entries[Int(index)], call._withUnsafeGuaranteedRef({ !$0.isPending }) else { continue }
            entries[Int(index)] = nil
            call.release()
        }
        pointee.swept()
    }

    /// Gives up the bucket's share of it, once all its calls were taken out.
    internal func retire() { release(1 + pointee.unused) }

    /// Gives up a call's share.
    @inline(__always)
    internal func release(_ count: Int32 = 1) {
        if pointee.release(count) { free() }
    }

    @inline(never)
    private func free() {
        pointee.releaseOwner()
        deinitialize(count: 1)
        UnsafeMutableRawPointer(self).deallocate()
    }
}

extension BatchBlock {
    /// Counts a call that was cancelled; true where the block is to be swept.
    @inline(__always)
    internal func finishOne() -> Bool {
        finished.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue >= threshold.load(ordering: .acquiring)
    }

    @inline(__always)
    fileprivate mutating func addedOne() {
        used += 1
        threshold.store(min(used, sweepsAt), ordering: .releasing)
    }

    fileprivate mutating func swept() {
        let finished = finished.load(ordering: .relaxed)
        sweepsAt = finished + max(1, (capacity - finished) / 2)
        threshold.store(min(used, sweepsAt), ordering: .releasing)
    }

    fileprivate var unused: Int32 { capacity - used }

    @inline(__always)
    fileprivate func release(_ count: Int32) -> Bool {
        references.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    fileprivate func releaseOwner() { owner.release() }
}
