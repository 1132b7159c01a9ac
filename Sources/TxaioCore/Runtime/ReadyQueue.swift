/// Something that waits for its turn on a runtime's loop: a closure, or callbacks of a future.
@usableFromInline
internal struct ReadyEntry: @unchecked Sendable {
    // Unchecked: futures and closures are Sendable, and a list of callbacks is whoever's took it.

    /// Retained for the entry: whoever takes it releases it.
    @usableFromInline internal let owner: Unmanaged<AnyObject>
    @usableFromInline internal let list: UInt

    /// In place of a list: the future has its callbacks still.
    private static var untaken: UInt { 1 }

    /// Callbacks of a future, a reference to which goes with it.
    internal init(_ future: Unmanaged<AnyTxaioFuture>, list: UInt) {
        owner = Unmanaged.fromOpaque(future.toOpaque())
        self.list = list
    }

    internal init(untaken future: AnyTxaioFuture) {
        owner = Unmanaged.passRetained(future)
        list = Self.untaken
    }

    internal init(_ closure: ReadyClosure) {
        owner = Unmanaged.passRetained(closure)
        list = 0
    }

    /// Whether it is a closure, and no callback.
    internal var isClosure: Bool { list == 0 }

    /// Runs it, once.
    internal func run(on state: UnsafeMutablePointer<RuntimeState>) {
        let address = UnsafeRawPointer(owner.toOpaque())
        switch list {
        case 0: owner._withUnsafeGuaranteedRef { unsafeDowncast($0, to: ReadyClosure.self).body() }
        case Self.untaken:
            address.with(AnyTxaioFuture.self) { future in
                // First: what is added from here on comes after all of these.
                let list = future.takeCallbacks()
                state.run(future.takeLoopCallbacks(), of: address)
                state.run(list, of: address)
            }
        default: state.run(list, of: address)
        }
        owner.release()
    }

    /// Lets it go: it will never run.
    internal func drop(of runtime: TxaioRuntime) {
        switch list {
        case 0: break
        case Self.untaken:
            let address = UnsafeRawPointer(owner.toOpaque())
            // What a loop of its own thread has added, only that may take; else it goes with the future.
            ReleaseList.release(address.with(AnyTxaioFuture.self) { $0.takeCallbacks() }, of: runtime)
        default: ReleaseList.release(list, of: runtime)
        }
        owner.release()
    }
}

/// A closure that waits for its turn.
internal final class ReadyClosure: Sendable {
    internal let body: @Sendable () -> Void
    internal init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// What is ready to run on a loop, first in, first out; the loop's thread alone touches it.
///
/// That callbacks go through it, and never call each other, is what keeps chains from growing the stack.
@usableFromInline
internal struct ReadyQueue {
    /// A ring; as many places as `mask` says and one more.
    private var places: UnsafeMutablePointer<ReadyEntry>
    private var mask: Int
    private var first = 0
    private var count = 0
    private static var least: Int { 64 }
    /// More room than this is given back when the queue has run empty.
    private static var keptRoom: Int { 4_096 }

    internal init() {
        places = .allocate(capacity: Self.least)
        mask = Self.least - 1
    }

    internal var isEmpty: Bool { count == 0 }

    @inline(__always)
    internal mutating func append(_ entry: ReadyEntry) {
        if count > mask { resize(to: (mask &+ 1) &* 2) }
        (places + ((first &+ count) & mask)).initialize(to: entry)
        count &+= 1
    }

    internal mutating func next() -> ReadyEntry? {
        guard count > 0 else {
            if mask >= Self.keptRoom { resize(to: Self.least) }
            return nil
        }
        let entry = (places + first).move()
        first = (first &+ 1) & mask
        count &-= 1
        return entry
    }

    @inline(never)
    private mutating func resize(to capacity: Int) {
        let larger = UnsafeMutablePointer<ReadyEntry>.allocate(capacity: capacity)
        for index in 0..<count { (larger + index).initialize(to: (places + ((first + index) & mask)).move()) }
        places.deallocate()
        places = larger
        mask = capacity - 1
        first = 0
    }

    /// Gives its memory back; it is empty.
    internal mutating func deallocate() { places.deallocate() }
}
