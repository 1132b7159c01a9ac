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
    @usableFromInline internal let state: UnsafeMutablePointer<RuntimeState>
    @usableFromInline internal let word: Atomic<UInt>
    @usableFromInline @exclusivity(unchecked) internal var payload: (UInt64, UInt64) = (0, 0)
    @usableFromInline @exclusivity(unchecked) internal var canceller: Canceller?
    /// What destroys a payload that neither is trivial nor an object.
    @usableFromInline @exclusivity(unchecked) internal var destroyer: Destroyer?
    @usableFromInline internal let file: UnsafePointer<UInt8>?
    @usableFromInline internal let fileLength: UInt32
    @usableFromInline internal let line: UInt32
    @usableFromInline @exclusivity(unchecked) internal var kind: PayloadKind
    @usableFromInline internal let marks: Atomic<UInt8>

    @usableFromInline internal typealias Destroyer = (UnsafeMutableRawPointer) -> Void

    /// What lies in `payload`.
    @usableFromInline
    internal enum PayloadKind: UInt8 {
        case nothing
        /// A value whose bytes are all there is.
        case trivial
        /// A value that is, or is kept in, an object.
        case object
        /// A value that `destroyer` destroys.
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
        self.canceller = canceller
        destroyer = nil
        self.file = file.hasPointerRepresentation ? file.utf8Start : nil
        fileLength = file.hasPointerRepresentation ? UInt32(truncatingIfNeeded: file.utf8CodeUnitCount) : 0
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
        case .other: withUnsafeMutablePointer(to: &payload) { destroyer?(UnsafeMutableRawPointer($0)) }
        }
        if !state.pointee.isPermanent { state.pointee.runtime.release() }
    }

    private func releaseObject() {
        guard let object = UnsafeRawPointer(bitPattern: UInt(payload.0)) else { return }
        Unmanaged<AnyObject>.fromOpaque(object).release()
    }

    /// The runtime that it belongs to.
    public var runtime: TxaioRuntime { state.pointee.runtime.takeUnretainedValue() }

    /// Whether its result is there.
    @inlinable
    internal var hasResult: Bool { FutureWord.hasResult(word.load(ordering: .acquiring)) }

    /// Whether it was resolved, rejected or cancelled; its callbacks may not have run yet.
    @inlinable
    public var isCalled: Bool { FutureWord.isCalled(word.load(ordering: .acquiring)) }

    /// Its error, if it has one, is somebody's by now.
    @inlinable @inline(__always)
    internal func noteHandled() {
        marks.bitwiseOr(Self.isHandled, ordering: .relaxed)
    }

    @inlinable
    internal var isTracing: Bool {
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
    internal func claim() throws(TxaioError) -> Claim? {
        let claim = word.claim(leaving: state.isCurrent ? FutureWord.taken : FutureWord.claimed)
        if claim.isWon { return claim }
        try lost(claim.found)
        return nil
    }

    @usableFromInline @inline(never)
    internal func lost(_ found: UInt) throws(TxaioError) {
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
    internal func publish(_ claim: Claim, isReleasing: Bool = false) {
        // A canceller at work is released by who called it.
        if !claim.wasCancelling, canceller != nil { canceller = nil }
        if isTracing { traceSettled() }
        if word.load(ordering: .relaxed) & FutureWord.tags >= FutureWord.taken {
            word.store(FutureWord.closed, ordering: .releasing)
            let list = FutureWord.list(claim.found)
            if list != 0 { return state.call(list, of: Unmanaged.passUnretained(self), isReleasing: isReleasing) }
        } else {
            publishElsewhere()
        }
        if isReleasing { Unmanaged.passUnretained(self).release() }
    }

    /// Off the loop: it is queued there where it has callbacks.
    @usableFromInline @inline(never)
    internal func publishElsewhere() {
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
    internal func fail(with failure: FutureFailure, _ claim: Claim) {
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
    internal func take(failure: FutureFailure) {
        if let claim = try? claim() { fail(with: failure, claim) }
    }

    /// Takes what a transform threw.
    @usableFromInline @inline(never)
    internal func takeThrown(_ error: any Error) {
        take(failure: FutureFailure(error, file: place, line: UInt(line)))
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /// Adds a callback, which runs in its turn where the future is done.
    @inlinable @inline(__always)
    internal func add(_ node: UnsafeMutablePointer<CallbackNode>) {
        if !word.add(node) { addLate(node) }
    }

    @usableFromInline @inline(never)
    internal func addLate(_ node: UnsafeMutablePointer<CallbackNode>) {
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

    /// Runs callbacks that were taken, in the order of adding.
    @inlinable
    internal func run(_ list: UInt, on state: UnsafeMutablePointer<RuntimeState>) {
        guard var node = UnsafeMutablePointer<CallbackNode>(list: list) else { return }
        if node.pointee.next != 0 {
            // The latest comes first: turn the links round.
            var before: UInt = 0
            while let following = UnsafeMutablePointer<CallbackNode>(list: node.pointee.next) {
                node.pointee.next = before
                before = UInt(bitPattern: node)
                node = following
            }
            node.pointee.next = before
        }
        let address = UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque())
        while true {
            let next = node.pointee.next
            node.pointee.operate(node, state, address)
            guard let following = UnsafeMutablePointer<CallbackNode>(list: next) else { return }
            node = following
        }
    }
}
