public import CTxaio
public import Synchronization
public import TxaioLog

/// A future of whatever result: its state, its callbacks, and the memory of its result.
///
/// Not generic, so that none of its work is done through the metadata of a result's type.
public class AnyTxaioFuture: @unchecked Sendable {
    // Unchecked: `payload` and `kind` are written by whoever wins the word, before that says so. The rest is atomic.

    /// Its runtime's, which it holds unless that is permanent.
    @usableFromInline internal final let state: UnsafeMutablePointer<RuntimeState>
    @usableFromInline internal final let word: Atomic<UInt>
    @usableFromInline @exclusivity(unchecked) internal final var payload: (UInt64, UInt64) = (0, 0)
    /// Callbacks that the loop added, or the canceller: see ``FutureSide``.
    @usableFromInline internal final let side: Atomic<UInt>
    @usableFromInline @exclusivity(unchecked) internal final var origin: FutureOrigin
    @usableFromInline @exclusivity(unchecked) internal final var kind: PayloadKind
    @usableFromInline internal final let marks: Atomic<UInt8>

    /// What lies in `payload`.
    @usableFromInline
    internal enum PayloadKind: UInt8 {
        case nothing
        /// A value whose bytes are all there is.
        case trivial
        /// A value that is, or is kept in, an object.
        case object
        /// A value that ``destroyValue()`` destroys.
        case other
        /// The storage of a ``FutureFailure``.
        case failure
    }

    /// Somebody has the error.
    @inlinable internal static var isHandled: UInt8 { 1 }
    /// It was cancelled.
    @inlinable internal static var isCancelled: UInt8 { 2 }
    /// The late result of a cancelled one came.
    @inlinable internal static var hadLateResult: UInt8 { 4 }
    /// Its memory outlives it.
    @inlinable internal static var holdsMemory: UInt8 { 8 }

    /// In memory of its own.
    @inlinable @inline(__always)
    internal init(
        on state: UnsafeMutablePointer<RuntimeState>,
        word first: UInt,
        side other: UInt,
        _ origin: FutureOrigin
    ) {
        self.state = state
        word = Atomic(first)
        side = Atomic(other)
        self.origin = origin
        kind = .nothing
        marks = Atomic(0)
        begin()
    }

    /// Sets the fields of one that was made where another of the same runtime died.
    @inlinable @inline(__always)
    internal final func begin(word first: UInt, side other: UInt, _ origin: FutureOrigin) {
        word.store(first, ordering: .relaxed)
        side.store(other, ordering: .relaxed)
        self.origin = origin
        kind = .nothing
        marks.store(Self.holdsMemory, ordering: .relaxed)
        begin()
    }

    @inlinable @inline(__always)
    internal final func begin() {
        if !state.pointee.isPermanent { _ = state.pointee.runtime.retain() }
        if isTracing { traceMade() }
    }

    deinit {
        if kind == .failure, marks.load(ordering: .relaxed) & Self.isHandled == 0 { reportUnhandled() }
        let list = FutureWord.list(word.load(ordering: .acquiring))
        let side = side.load(ordering: .relaxed)
        if list | side > FutureSide.ofAnybody { letGo(list, side) }
        switch kind {
        case .nothing, .trivial: break
        case .object, .failure: releaseObject()
        case .other: destroyValue()
        }
        leaveMemory()
        if !state.pointee.isPermanent { state.pointee.runtime.release() }
    }

    /// Leaves its memory to the loop that it dies on, if that takes more.
    @inline(__always)
    private func leaveMemory() {
        let holdsMemory = marks.load(ordering: .relaxed) & Self.holdsMemory != 0
        let memory = Unmanaged.passUnretained(self).toOpaque()
        if state.isAtWork, state.own.pointee.memory.keep(memory) {
            if !holdsMemory { txaio_hold_memory(memory) }
        } else if holdsMemory {
            txaio_release_memory(memory)
        }
    }

    /// Releases callbacks that never ran, and the canceller.
    @inline(never)
    private func letGo(_ list: UInt, _ side: UInt) {
        ReleaseList.release(FutureSide.list(side), of: runtime)
        ReleaseList.release(list, of: runtime)
        if let canceller = FutureSide.canceller(side) { canceller.release() }
    }

    /// Destroys the value in the payload, whose type only the subclass knows.
    @usableFromInline
    internal func destroyValue() {}

    private func releaseObject() {
        guard let object = UnsafeRawPointer(bitPattern: UInt(payload.0)) else { return }
        Unmanaged<AnyObject>.fromOpaque(object).release()
    }

    /// The runtime that it belongs to.
    public var runtime: TxaioRuntime { state.pointee.runtime.takeUnretainedValue() }

    /// Whether its result is there.
    @inlinable
    internal final var hasResult: Bool { FutureWord.hasResult(word.load(ordering: .acquiring)) }

    /// Whether it was resolved, rejected or cancelled; its callbacks may not have run yet.
    @inlinable
    public final var isCalled: Bool { FutureWord.isCalled(word.load(ordering: .acquiring)) }

    /// Its error, if it has one, is somebody's by now.
    @inlinable @inline(__always)
    internal final func noteHandled() {
        marks.bitwiseOr(Self.isHandled, ordering: .relaxed)
    }

    @inlinable
    internal final var isTracing: Bool {
        @inline(__always) get { txaio_cell_level(state.pointee.cell) >= LogLevel.trace.rawValue }
    }

    /// The failure; where ``kind`` says that there is one.
    @usableFromInline
    internal var failure: FutureFailure? {
        guard kind == .failure, let object = UnsafeRawPointer(bitPattern: UInt(payload.0)) else { return nil }
        return FutureFailure(storage: Unmanaged.fromOpaque(object).takeUnretainedValue())
    }

    // ------------------------------------------------------------------------------------------------ settling

    /// Decides who settles it: the winner writes the payload and then calls ``publish(_:)``.
    ///
    /// Throws where it was resolved or rejected; `nil` for the one late result after a cancellation.
    @inlinable @inline(__always)
    internal final func claim() throws(TxaioError) -> Claim? {
        try claim(leaving: state.isCurrent ? FutureWord.taken : FutureWord.claimed)
    }

    /// The same, where it is known whether the caller is on the loop.
    @inlinable @inline(__always)
    internal final func claim(leaving tag: UInt) throws(TxaioError) -> Claim? {
        let claim = word.claim(leaving: tag)
        if claim.isWon { return claim }
        try lost(claim.found)
        return nil
    }

    @usableFromInline @inline(never)
    internal final func lost(_ found: UInt) throws(TxaioError) {
        let isCancelled =
            switch found & FutureWord.tags {
            case FutureWord.claimedByCancel, FutureWord.takenByCancel: true
            default: isMarkedCancelled
            }
        guard isCancelled else { throw .alreadyResolved }
        let before = marks.bitwiseOr(Self.hadLateResult, ordering: .acquiringAndReleasing).oldValue
        if before & Self.hadLateResult != 0 { throw .alreadyResolved }
    }

    private var isMarkedCancelled: Bool {
        // What was found was read with no order: whoever published the result marked it before.
        _ = word.load(ordering: .acquiring)
        return marks.load(ordering: .acquiring) & Self.isCancelled != 0
    }

    /// Says that the result is there, and has the callbacks run.
    ///
    /// - Parameters:
    ///   - claim: What ``claim()`` gave.
    ///   - isReleasing: Whether a reference of the caller's goes with it.
    @inlinable @inline(__always)
    internal final func publish(_ claim: Claim, isReleasing: Bool = false) {
        let found = side.load(ordering: .relaxed)
        let others = FutureWord.list(claim.found)
        let isAlone = found == FutureSide.ofAnybody
        guard claim.isTaken, isAlone || (others == 0 && FutureSide.isOfLoop(found)) else {
            return publishWithCare(claim, isReleasing: isReleasing)
        }
        let list = isAlone ? others : found
        word.store(FutureWord.closed, ordering: .releasing)
        // Not before: what is traced may be code of the user's, which may look at the future.
        if isTracing { traceSettled() }
        if list != 0 {
            side.store(found & FutureSide.ofAnybody, ordering: .relaxed)
            state.call(list, of: Unmanaged.passUnretained(self), isReleasing: isReleasing)
        } else if isReleasing {
            Unmanaged.passUnretained(self).release()
        }
    }

    /// The same for one that has a canceller, or callbacks in both places, or is settled off the loop.
    @usableFromInline @inline(never)
    internal final func publishWithCare(_ claim: Claim, isReleasing: Bool) {
        // A canceller at work is released by who called it, and not looked at here: it may be gone any moment.
        let held = claim.wasCancelling ? nil : takeCanceller()
        // What is traced, and what a canceller holds, may be code of the user's, which may look at the future and add to it.
        if claim.isTaken {
            word.store(FutureWord.closed, ordering: .releasing)
            if isTracing { traceSettled() }
            state.call(takeLoopCallbacks(), FutureWord.list(claim.found), of: Unmanaged.passUnretained(self))
        } else {
            if isTracing { traceSettled() }
            publishElsewhere()
        }
        if isReleasing { Unmanaged.passUnretained(self).release() }
        if let held { held.release() }
    }

    /// Off the loop: it is queued there where it has callbacks, or may have some.
    private func publishElsewhere() {
        let isAlone = !FutureSide.isOfLoop(side.load(ordering: .relaxed))
        var found = word.load(ordering: .relaxed)
        while true {
            let list = FutureWord.list(found)
            let next = isAlone && list == 0 ? FutureWord.closed : list | FutureWord.settled
            let (isDone, now) = word.compareExchange(expected: found, desired: next, ordering: .acquiringAndReleasing)
            if isDone {
                if next != FutureWord.closed { runtime.enqueue(ReadyEntry(untaken: self)) }
                return
            }
            found = now
        }
    }

    /// Takes the failure as its result.
    @usableFromInline @inline(never)
    internal final func fail(with failure: FutureFailure, _ claim: Claim) {
        put(failure: failure)
        publish(claim)
    }

    /// Writes a failure into the payload.
    internal func put(failure: FutureFailure) {
        payload.0 = UInt64(UInt(bitPattern: Unmanaged.passRetained(failure.storage).toOpaque()))
        kind = .failure
    }

    /// Takes a failure that comes from elsewhere; nothing happens where it is done, as it may have been cancelled.
    @usableFromInline @inline(never)
    internal final func take(failure: FutureFailure) {
        if let claim = try? claim() { fail(with: failure, claim) }
    }

    /// Takes what a transform threw.
    @usableFromInline @inline(never)
    internal final func takeThrown(_ error: any Error) {
        take(failure: FutureFailure(error, file: origin.place, line: UInt(origin.line)))
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /// Adds a callback, which runs in its turn where the future is done.
    @inlinable @inline(__always)
    internal final func add(_ node: UnsafeMutablePointer<CallbackNode>) {
        let list = side.load(ordering: .relaxed)
        if FutureSide.isOfLoop(list), word.load(ordering: .acquiring) <= FutureWord.settled, state.isCurrent {
            // Before all that others add from here on.
            node.pointee.next = list
            side.store(UInt(bitPattern: node), ordering: .relaxed)
        } else if !word.add(node) {
            addLate(node)
        }
    }

    /// Adds a callback where it is the first; false where there are others, or the future is done.
    ///
    /// The node is left as it is, so that many futures can have the same.
    @inline(__always)
    internal final func addFirst(_ node: UnsafeMutablePointer<CallbackNode>, onLoop: Bool) -> Bool {
        if onLoop, side.load(ordering: .relaxed) == FutureSide.ofLoop {
            guard word.load(ordering: .acquiring) <= FutureWord.settled else { return false }
            side.store(UInt(bitPattern: node), ordering: .relaxed)
            return true
        }
        return word.addFirst(node)
    }

    @usableFromInline @inline(never)
    internal final func addLate(_ node: UnsafeMutablePointer<CallbackNode>) {
        node.pointee.next = 0
        let list = UInt(bitPattern: node)
        if state.isCurrent {
            state.call(list, of: Unmanaged.passUnretained(self), isReleasing: false)
        } else {
            runtime.enqueue(ReadyEntry(Unmanaged.passRetained(self), list: list))
        }
    }

    /// Takes what the loop added before others did; on the loop.
    internal func takeLoopCallbacks() -> UInt {
        let list = FutureSide.list(side.load(ordering: .relaxed))
        if list != 0 { side.store(FutureSide.ofLoop, ordering: .relaxed) }
        return list
    }

    /// Takes what was added to the word of one that was settled off the loop.
    internal func takeCallbacks() -> UInt {
        FutureWord.list(word.exchange(FutureWord.closed, ordering: .acquiringAndReleasing))
    }

    /// Gives it a canceller; nobody else has it yet.
    internal func hold(_ canceller: Canceller) {
        side.store(FutureSide.holding(canceller), ordering: .relaxed)
    }

    /// Takes the canceller, which only one may who won something.
    internal func takeCanceller() -> Unmanaged<Canceller>? {
        let canceller = FutureSide.canceller(side.load(ordering: .relaxed))
        if canceller != nil { side.store(FutureSide.ofAnybody, ordering: .relaxed) }
        return canceller
    }
}
