internal import CTxaio
internal import Synchronization

/// Where 32 timers one after the other are, with one bit for each that waits.
///
/// Who clears a timer's bit runs it, or has cancelled it. So cancelling touches the timer and its block, and what stays of
/// it in the queue can be told from what waits without looking at the timer, which may be freed.
///
/// Invariant: a timer lives while its bit is set. `references` is 1 while timers are being added, and for each place 1 until
/// its timer is freed and 1 until its entry has left the queue.
internal struct TimerBlock: ~Copyable {
    internal typealias Pointer = UnsafeMutablePointer<TimerBlock>

    private let references = Atomic<Int32>(1 + 2 * Int32(capacity))
    /// Set for places that were not given out as well: nobody knows of those.
    fileprivate let waiting = Atomic<UInt32>(.max)
    /// How many blocks were made before it.
    fileprivate let number: UInt64
    fileprivate var used: UInt32 = 0

    fileprivate static let capacity: UInt32 = 32
    /// So that an index fits the lower bits of an address.
    fileprivate static let alignment = 64

    private init(number: UInt64) { self.number = number }

    /// Makes an empty one.
    internal static func make(number: UInt64) -> Pointer {
        let size = MemoryLayout<TimerBlock>.stride + Int(capacity) * MemoryLayout<Unmanaged<TimerCall>>.stride
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: alignment)
        let block = memory.bindMemory(to: TimerBlock.self, capacity: 1)
        block.initialize(to: TimerBlock(number: number))
        return block
    }

    /// Makes an empty one of the memory of one that nobody refers to.
    internal static func make(number: UInt64, of memory: Pointer) -> Pointer {
        memory.deinitialize(count: 1)
        memory.initialize(to: TimerBlock(number: number))
        return memory
    }

    @inline(__always)
    fileprivate func release(_ count: Int32) -> Bool {
        references.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }
}

extension UnsafeMutablePointer where Pointee == TimerBlock {
    @inline(__always)
    fileprivate var entries: UnsafeMutablePointer<Unmanaged<TimerCall>> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<TimerBlock>.stride)
            .assumingMemoryBound(to: Unmanaged<TimerCall>.self)
    }

    /// How many timers were ever added, if this is the latest block.
    internal var added: UInt64 { pointee.number * UInt64(TimerBlock.capacity) + UInt64(pointee.used) }

    internal var isFull: Bool { pointee.used == TimerBlock.capacity }

    /// Adds a timer that nobody else knows to a block that is not full, and keeps it alive while its bit is set.
    @inline(__always)
    internal func add(_ call: TimerCall) -> TimerPlace {
        let index = pointee.used
        pointee.used = index + 1
        let call = Unmanaged.passUnretained(call)
        txaio_retain_unshared(call.toOpaque())
        (entries + Int(index)).initialize(to: call)
        return TimerPlace(self, index)
    }

    /// No more timers will be added.
    internal func finish() { release(1 + 2 * Int32(TimerBlock.capacity - pointee.used)) }

    @inline(__always)
    fileprivate func release(_ count: Int32) {
        if pointee.release(count) { free() }
    }

    /// Gives up shares of entries of the queue; answers the block if nobody refers to it any more.
    @inline(__always)
    fileprivate func releaseEntries(_ count: Int32) -> TimerBlock.Pointer? { pointee.release(count) ? self : nil }

    @inline(never)
    internal func free() {
        deinitialize(count: 1)
        UnsafeMutableRawPointer(self).deallocate()
    }
}

/// A timer's place: its block's address and an index, in one word; 0 for none.
package struct TimerPlace {
    private let word: UInt

    internal static var none: TimerPlace { @inline(__always) get { TimerPlace(word: 0) } }

    @inline(__always)
    private init(word: UInt) { self.word = word }

    internal var isNone: Bool { @inline(__always) get { word == 0 } }

    @inline(__always)
    internal init(_ block: TimerBlock.Pointer, _ index: UInt32) { word = UInt(bitPattern: block) | UInt(index) }

    @inline(__always)
    fileprivate var block: TimerBlock.Pointer {
        // It was made from a block's address.
        TimerBlock.Pointer(bitPattern: word & ~UInt(TimerBlock.alignment - 1)).unsafelyUnwrapped
    }

    @inline(__always)
    private var index: UInt32 { UInt32(truncatingIfNeeded: word & UInt(TimerBlock.alignment - 1)) }

    /// How many timers were added before.
    internal var order: UInt64 { block.pointee.number * UInt64(TimerBlock.capacity) + UInt64(index) }

    @inline(__always)
    internal var isWaiting: Bool { block.pointee.waiting.load(ordering: .relaxed) & (1 &<< index) != 0 }

    /// Whether the caller is the one who has the timer now, and the share that keeps it alive.
    @inline(__always)
    internal func claim() -> Bool { block.pointee.waiting.clear(index) != nil }

    /// Takes the timer out; nil where it was cancelled.
    internal func take() -> TimerCall? { claim() ? block.entries[Int(index)].takeRetainedValue() : nil }

    /// Gives up a timer's share in its block.
    @inline(__always)
    internal func release() { block.release(1) }

    /// Gives up the share of an entry of the queue; answers the block if nobody refers to it any more.
    internal func releaseEntry() -> TimerBlock.Pointer? { block.releaseEntries(1) }

    /// Asks for its block, which will be changed soon.
    @inline(__always)
    internal func prefetch() { txaio_prefetch(block) }
}

/// Shares of entries of the queue in one block, to be given up at once: giving one up takes as long as all the rest.
internal struct EntryShares {
    private var block: TimerBlock.Pointer?
    private var count: Int32 = 0

    internal init() {}

    /// Adds the share of an entry; answers the block of those before if that is another, and nobody refers to it any more.
    @inline(__always)
    internal mutating func add(_ place: TimerPlace) -> TimerBlock.Pointer? {
        if block == place.block {
            count += 1
            return nil
        }
        defer { (block, count) = (place.block, 1) }
        return giveUp()
    }

    /// Gives them up; answers the block if nobody refers to it any more.
    @inline(__always)
    internal mutating func giveUp() -> TimerBlock.Pointer? { block.take()?.releaseEntries(count) }
}
