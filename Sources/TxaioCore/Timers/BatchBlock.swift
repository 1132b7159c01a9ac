internal import Synchronization

/// Up to 16 calls of a bucket, in the order in which they were added, and one bit for each that waits.
///
/// The bits decide everything: who clears a call's bit owns what is to be called, and runs it or releases it. So cancelling
/// touches the block alone, no neighbour and no lock, and leaves 16 bytes; who clears the last bit sees that the block is done.
///
/// Invariant: `used <= capacity`, and an entry holds what is to be called from before it is counted in `used` until its bit is
/// cleared. Bits beyond `used` are set, and nobody knows of them: so adding a call changes no bit. `references` is 1 for the
/// bucket or the run that has the block, and 1 for each handle that was or may be made and is not freed. What is mutable
/// belongs to the timer's lock, later to the run.
internal struct BatchBlock: ~Copyable {
    internal typealias Pointer = UnsafeMutablePointer<BatchBlock>

    /// A call: within a structure, as a bare closure in memory would be wrapped by one more.
    internal struct Entry {
        internal let body: BatchedCall.Body
    }

    private let references: Atomic<Int32>
    /// The calls that wait, and the entries that are free.
    private let waiting = Atomic<UInt32>(.max)
    /// Changed under the lock, looked at without it.
    private let used = Atomic<UInt32>(0)
    private let capacity: UInt16
    /// The calls that waited when the bucket's time came: each keeps its place in its chunk, even if it is cancelled.
    internal private(set) var places: UInt16 = 0
    /// Retained.
    private let owner: Unmanaged<BucketedTimer>
    /// Where it belongs; nil once it is done, or the bucket's time has come.
    internal var bucket: Unmanaged<Bucket>?
    /// Its index among the bucket's blocks.
    internal var position: Int

    /// So many that an index fits the lower bits of an address, which is what `malloc` aligns to.
    internal static let mostCalls = 16
    fileprivate static var alignment: Int { @inline(__always) get { 16 } }

    private init(capacity: Int, position: Int, bucket: Bucket, owner: BucketedTimer) {
        references = Atomic(Int32(truncatingIfNeeded: capacity) + 1)
        self.capacity = UInt16(truncatingIfNeeded: capacity)
        self.position = position
        self.bucket = .passUnretained(bucket)
        self.owner = .passRetained(owner)
    }

    /// Makes an empty one.
    internal static func make(capacity: Int, at position: Int, bucket: Bucket, owner: BucketedTimer) -> Pointer {
        let capacity = min(capacity, mostCalls)
        let size = MemoryLayout<BatchBlock>.stride + capacity * MemoryLayout<Entry>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
        let block = memory.bindMemory(to: BatchBlock.self, capacity: 1)
        block.initialize(to: BatchBlock(capacity: capacity, position: position, bucket: bucket, owner: owner))
        return block
    }

    /// Has its timer look at it, as nothing in it waits; for those alone who hold one of its handles, and with it the timer.
    @inline(never)
    fileprivate static func lookAt(_ block: Pointer) {
        block.pointee.owner._withUnsafeGuaranteedRef { $0.lookAt(block) }
    }

    /// For those who have the lock, or the block.
    @inline(__always)
    internal var isFull: Bool { used.load(ordering: .relaxed) == UInt32(capacity) }

    /// Whether nothing in it waits; certain for those who have the lock.
    ///
    /// Acquiring, as what its calls held is released then.
    internal var isDone: Bool { isDone(after: waiting.load(ordering: .acquiring)) }

    /// Whether nothing in it waits where these bits are set.
    ///
    /// Without the lock it may be that there is a call more. Then whoever cancels that one finds the block done.
    @inline(__always)
    fileprivate func isDone(after left: UInt32) -> Bool { left & given == 0 }

    /// The bits that were given out.
    ///
    /// Relaxed: who knows a call knows that it is counted.
    @inline(__always)
    private var given: UInt32 { (1 &<< used.load(ordering: .relaxed)) &- 1 }

    /// Clears a call's bit, and answers which are left; nil where somebody else did.
    @inline(__always)
    fileprivate func claim(_ index: UInt32) -> UInt32? { waiting.clear(index) }

    /// From here on the calls that wait keep their places; answers how many they are.
    internal mutating func begin() -> Int {
        bucket = nil
        places = UInt16(truncatingIfNeeded: waiting.load(ordering: .acquiring) & given)
        return places.nonzeroBitCount
    }

    @inline(__always)
    fileprivate func takePlace() -> UInt32 {
        let index = used.load(ordering: .relaxed)
        used.store(index &+ 1, ordering: .relaxed)
        return index
    }

    fileprivate var unused: Int32 { Int32(capacity) - Int32(truncatingIfNeeded: used.load(ordering: .relaxed)) }

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

    /// Adds a call to a block that is not full, with a share in the block.
    @inline(__always)
    internal func add(_ body: @escaping BatchedCall.Body) -> BatchPlace {
        let index = pointee.takePlace()
        (entries + Int(index)).initialize(to: BatchBlock.Entry(body: body))
        return BatchPlace(self, index)
    }

    /// Takes a call out to run it; nil where it was cancelled.
    @inline(__always)
    internal func take(_ index: Int) -> BatchedCall.Body? {
        guard pointee.claim(UInt32(truncatingIfNeeded: index)) != nil else { return nil }
        return (entries + index).move().body
    }

    /// Keeps a call from running, and releases what it holds; nil where it ran or was cancelled, else whether that was the last.
    @inline(__always)
    fileprivate func cancel(_ index: UInt32) -> Bool? {
        guard let left = pointee.claim(index) else { return nil }
        // Moved, as deinitialising goes through the type's witness table.
        _ = (entries + Int(index)).move()
        return pointee.isDone(after: left)
    }

    /// Gives up the share of the bucket or the run, once no call waits in it.
    internal func retire() { release(1 + pointee.unused) }

    /// Gives up shares of it.
    @inline(__always)
    fileprivate func release(_ count: Int32) {
        if pointee.release(count) { free() }
    }

    @inline(never)
    private func free() {
        pointee.releaseOwner()
        deinitialize(count: 1)
        UnsafeMutableRawPointer(self).deallocate()
    }
}

/// A call's place: its block's address and an index, in one word, with a share in the block; 0 for none.
internal struct BatchPlace {
    private let word: UInt

    internal static var none: BatchPlace { @inline(__always) get { BatchPlace(word: 0) } }

    private init(word: UInt) { self.word = word }

    @inline(__always)
    fileprivate init(_ block: BatchBlock.Pointer, _ index: UInt32) { word = UInt(bitPattern: block) | UInt(index) }

    @inline(__always)
    private var block: BatchBlock.Pointer? { BatchBlock.Pointer(bitPattern: word & ~UInt(BatchBlock.alignment - 1)) }

    @inline(__always)
    private var index: UInt32 { UInt32(truncatingIfNeeded: word & UInt(BatchBlock.alignment - 1)) }

    /// Keeps the call from running, and releases what it holds; false where it ran or was cancelled.
    @inline(__always)
    internal func cancel() -> Bool {
        guard let block, let isLast = block.cancel(index) else { return false }
        if isLast { BatchBlock.lookAt(block) }
        return true
    }

    /// Gives up the share in the block.
    @inline(__always)
    internal func release() { block?.release(1) }
}
