public import CTxaio
public import Synchronization
public import TxaioLog

/// A future of whatever result: its state, its callbacks, and the memory of its result.
///
/// Not generic, so that none of its work is done through the metadata of a result's type.
public class AnyTxaioFuture: @unchecked Sendable {
    // Unchecked: `payload` and `kind` are written by whoever wins the word, before that says so. The rest is atomic, or is the
    // canceller's, which goes with the word as well.

    /// Its runtime's, which it holds unless that is permanent.
    @usableFromInline internal final let state: UnsafeMutablePointer<RuntimeState>
    @usableFromInline internal final let word: Atomic<UInt>
    @usableFromInline @exclusivity(unchecked) internal final var payload: (UInt64, UInt64) = (0, 0)
    /// Held; by hand, since few have one.
    @usableFromInline @exclusivity(unchecked) internal final var canceller: Unmanaged<Canceller>?
    @usableFromInline internal final let file: UnsafePointer<UInt8>?
    @usableFromInline internal final let line: UInt32
    @usableFromInline internal final let fileLength: UInt16
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

    @inlinable @inline(__always)
    internal init(
        on state: UnsafeMutablePointer<RuntimeState>,
        word first: UInt,
        canceller: Canceller?,
        file: StaticString,
        line: UInt
    ) {
        self.state = state
        word = Atomic(first)
        self.canceller = canceller.map { Unmanaged.passRetained($0) }
        if file.hasPointerRepresentation {
            self.file = file.utf8Start
            fileLength = UInt16(truncatingIfNeeded: file.utf8CodeUnitCount)
        } else {
            self.file = nil
            fileLength = 0
        }
        self.line = UInt32(truncatingIfNeeded: line)
        kind = .nothing
        marks = Atomic(0)
        if !state.pointee.isPermanent { _ = state.pointee.runtime.retain() }
        if isTracing { traceMade() }
    }

    deinit {
        if kind == .failure, marks.load(ordering: .relaxed) & Self.isHandled == 0 { reportUnhandled() }
        let list = FutureWord.list(word.load(ordering: .acquiring))
        if list != 0 { ReleaseList.release(list, of: runtime) }
        switch kind {
        case .nothing, .trivial: break
        case .object, .failure: releaseObject()
        case .other: destroyValue()
        }
        if let canceller { canceller.release() }
        if !state.pointee.isPermanent { state.pointee.runtime.release() }
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
        // A canceller at work is released by who called it, and not looked at here: it may be gone any moment.
        let held = claim.wasCancelling ? nil : canceller
        if held != nil { canceller = nil }
        let list = claim.isTaken ? FutureWord.list(claim.found) : 0
        // What is traced, and what a canceller holds, may be code of the user's, which may look at the future and add to it.
        if claim.isTaken { word.store(FutureWord.closed, ordering: .releasing) }
        if isTracing { traceSettled() }
        if !claim.isTaken { publishElsewhere() }
        if list != 0 {
            state.call(list, of: Unmanaged.passUnretained(self), isReleasing: isReleasing)
        } else if isReleasing {
            Unmanaged.passUnretained(self).release()
        }
        if let held { held.release() }
    }

    /// Off the loop: it is queued there where it has callbacks.
    @usableFromInline @inline(never)
    internal final func publishElsewhere() {
        var found = word.load(ordering: .relaxed)
        while true {
            let list = FutureWord.list(found)
            let next = list == 0 ? FutureWord.closed : list | FutureWord.settled
            let (isDone, now) = word.compareExchange(expected: found, desired: next, ordering: .acquiringAndReleasing)
            if isDone {
                if list != 0 { runtime.enqueue(ReadyEntry(untaken: self)) }
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
        take(failure: FutureFailure(error, file: place, line: UInt(line)))
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /// Adds a callback, which runs in its turn where the future is done.
    @inlinable @inline(__always)
    internal final func add(_ node: UnsafeMutablePointer<CallbackNode>) {
        if !word.add(node) { addLate(node) }
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

    /// Takes the callbacks of one that was settled off the loop.
    internal func takeCallbacks() -> UInt {
        FutureWord.list(word.exchange(FutureWord.closed, ordering: .acquiringAndReleasing))
    }
}
