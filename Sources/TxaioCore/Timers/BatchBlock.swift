internal import Synchronization

/// Up to 32 calls of a bucket, in the order in which they were added, and one bit for each that waits.
///
/// The bits decide everything: who clears a call's bit runs it, or has cancelled it, and owns the share of it that was the
/// block's. So cancelling touches the call and its block, no neighbour and no lock, and leaves eight bytes; who clears the
/// last bit sees that the block is done.
///
/// Invariant: `used <= capacity`, no bit is set beyond `used`, and a call lives while its bit is set. `references` is 1 for the
/// bucket or the run that has it, and 1 for each call that was or may be put into it and is not freed. What is mutable
/// belongs to the timer's lock, later to the run.
internal struct BatchBlock: ~Copyable {
    internal typealias Pointer = UnsafeMutablePointer<BatchBlock>
    internal typealias Entry = Unmanaged<BatchedCall>

    private let references: Atomic<Int32>
    /// The calls that wait.
    internal let waiting = Atomic<UInt32>(0)
    internal private(set) var used: Int32 = 0
    private let capacity: Int32
    /// The calls that waited when the bucket's time came: each keeps its place in its chunk, even if it is cancelled.
    internal private(set) var places: UInt32 = 0
    /// Retained.
    private let owner: Unmanaged<BucketedTimer>
    /// Where it belongs; nil once it is done, or the bucket's time has come.
    internal var bucket: Unmanaged<Bucket>?
    internal var next: Pointer?
    internal var previous: Pointer?

    internal static let mostCalls: Int32 = 32

    private init(capacity: Int32, bucket: Bucket, owner: BucketedTimer) {
        references = Atomic(capacity + 1)
        self.capacity = capacity
        self.bucket = .passUnretained(bucket)
        self.owner = .passRetained(owner)
    }

    /// Makes an empty one.
    internal static func make(capacity: Int32, bucket: Bucket, owner: BucketedTimer) -> Pointer {
        let capacity = min(capacity, mostCalls)
        let size = MemoryLayout<BatchBlock>.stride + Int(capacity) * MemoryLayout<Entry>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<BatchBlock>.alignment)
        let block = memory.bindMemory(to: BatchBlock.self, capacity: 1)
        block.initialize(to: BatchBlock(capacity: capacity, bucket: bucket, owner: owner))
        return block
    }

    /// What it belongs to; for those alone who hold one of its calls.
    internal var timer: BucketedTimer { owner._withUnsafeGuaranteedRef { $0 } }

    internal var isFull: Bool { used == capacity }
    /// Whether nothing in it waits.
    internal var isDone: Bool { waiting.load(ordering: .acquiring) == 0 }

    /// Clears a call's bit, and answers which are left; nil where somebody else did.
    @inline(__always)
    internal func claim(_ index: UInt32) -> UInt32? { waiting.clear(index) }

    /// From here on the calls that wait keep their places; answers how many they are.
    internal mutating func begin() -> Int {
        bucket = nil
        places = waiting.load(ordering: .acquiring)
        return places.nonzeroBitCount
    }

    fileprivate mutating func takePlace() -> UInt32 {
        defer { used += 1 }
        return UInt32(truncatingIfNeeded: used)
    }

    fileprivate var unused: Int32 { capacity - used }

    @inline(__always)
    fileprivate func release(_ count: Int32) -> Bool {
        references.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    fileprivate func releaseOwner() { owner.release() }
}

extension UnsafeMutablePointer where Pointee == BatchBlock {
    @inline(__always)
    private var entries: UnsafeMutablePointer<BatchBlock.Entry> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<BatchBlock>.stride).assumingMemoryBound(to: BatchBlock.Entry.self)
    }

    /// Adds a call to a block that is not full, and keeps it alive while its bit is set.
    @inline(__always)
    internal func add(_ call: BatchedCall) {
        let index = pointee.takePlace()
        (entries + Int(index)).initialize(to: .passRetained(call))
        call.place(in: self, at: index)
        pointee.waiting.bitwiseOr(1 &<< index, ordering: .releasing)
    }

    /// Takes a call out to run it; nil where it was cancelled.
    @inline(__always)
    internal func take(_ index: Int) -> BatchedCall? {
        guard pointee.claim(UInt32(truncatingIfNeeded: index)) != nil else { return nil }
        return entries[index].takeRetainedValue()
    }

    /// Gives up the share of the bucket or the run, once no call waits in it.
    internal func retire() { release(1 + pointee.unused) }

    /// Gives up shares of it.
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
