public import CTxaio
public import Synchronization
public import TxaioLog

/// A result that is not there yet; the counterpart of asyncio's `Future` and Twisted's `Deferred`.
///
/// It is resolved, rejected or cancelled once, by whoever comes first, from any thread. Its callbacks run on the loop of its
/// runtime, in the order in which they were added, each with the original result and in the log scope it was added in.
///
/// A rejected one that nobody handled, neither an errback nor an `await`, is logged at critical when it is released, with
/// where it was made.
public final class TxaioFuture<Value: Sendable>: @unchecked Sendable {
    // Unchecked: `result` is written by whoever claims the state, and read after that was published. The rest is atomic,
    // or is the canceller's, which goes with the state as well.

    /// The runtime that it belongs to.
    public let runtime: TxaioRuntime
    @usableFromInline internal let state: Atomic<UInt8>
    @usableFromInline internal let isHandled: Atomic<Bool>
    @usableFromInline internal let line: UInt32
    @usableFromInline internal let callbacks: Atomic<UInt>
    @usableFromInline internal let file: StaticString
    @usableFromInline internal var result: Result<Value, FutureFailure>?
    @usableFromInline internal var canceller: Canceller<Value>?

    @inlinable @inline(__always)
    internal init(
        on runtime: TxaioRuntime,
        canceller: Canceller<Value>? = nil,
        file: StaticString,
        line: UInt
    ) {
        self.runtime = runtime
        self.canceller = canceller
        self.file = file
        self.line = UInt32(truncatingIfNeeded: line)
        state = Atomic(FutureState.pending)
        isHandled = Atomic(false)
        callbacks = Atomic(CallbackList.empty)
        result = nil
        if isTracing { traceMade() }
    }

    /// One that is settled from the beginning.
    @inlinable @inline(__always)
    internal init(on runtime: TxaioRuntime, settled: Result<Value, FutureFailure>, file: StaticString, line: UInt) {
        self.runtime = runtime
        canceller = nil
        self.file = file
        self.line = UInt32(truncatingIfNeeded: line)
        state = Atomic(FutureState.settled)
        isHandled = Atomic(false)
        callbacks = Atomic(CallbackList.closed)
        result = settled
        if isTracing { traceMade() }
    }

    deinit {
        if callbacks.load(ordering: .acquiring) > CallbackList.closed { releaseCallbacks() }
        if case .failure? = result, !isHandled.load(ordering: .relaxed) { reportUnhandled() }
    }

    @usableFromInline @inline(never)
    internal func releaseCallbacks() {
        var word = callbacks.load(ordering: .acquiring)
        while let node = Unmanaged<CallbackNode<Value>>.node(word) {
            word = node._withUnsafeGuaranteedRef { $0.next }
            ReleaseList.release(Unmanaged.fromOpaque(node.toOpaque()))
        }
    }

    // ------------------------------------------------------------------------------------------------ state

    /// Whether it was resolved, rejected or cancelled; its callbacks may not have run yet.
    @inlinable
    public var isCalled: Bool {
        switch state.load(ordering: .acquiring) {
        case FutureState.pending, FutureState.cancelling: false
        default: true
        }
    }

    /// Its result, if that is there already.
    ///
    /// Looking does not count as handling an error.
    public var settledResult: Result<Value, FutureFailure>? {
        state.load(ordering: .acquiring) >= FutureState.settled ? result : nil
    }

    /// Its error, if it has one, is somebody's by now.
    @inlinable @inline(__always)
    internal func noteHandled() { isHandled.store(true, ordering: .relaxed) }

    @inlinable
    internal var isTracing: Bool {
        @inline(__always) get { txaio_cell_level(runtime.futureCell) >= LogLevel.trace.rawValue }
    }

    // ------------------------------------------------------------------------------------------------ settling

    /// Fulfils it; its callbacks run.
    ///
    /// Throws `TxaioError.alreadyResolved` where it was resolved or rejected before. The first late result after a
    /// cancellation is ignored, since whoever produces it cannot know.
    @inlinable
    public func resolve(_ value: Value) throws(TxaioError) {
        switch state.claim() {
        case .won: settle(.success(value), releasingCanceller: true)
        case .wonFromCanceller: settle(.success(value), releasingCanceller: false)
        case .ignored: break
        case .lost: throw .alreadyResolved
        }
    }

    /// Fails it; its errbacks run.
    ///
    /// Throws `TxaioError.alreadyResolved` as ``resolve(_:)`` does. A ``FailedFuture`` is taken over with its place.
    public func reject(_ error: any Error, file: StaticString = #fileID, line: UInt = #line) throws(TxaioError) {
        try reject(with: FutureFailure(error, file: file, line: line))
    }

    @usableFromInline
    internal func reject(with failure: FutureFailure) throws(TxaioError) {
        switch state.claim() {
        case .won: settle(.failure(failure), releasingCanceller: true)
        case .wonFromCanceller: settle(.failure(failure), releasingCanceller: false)
        case .ignored: break
        case .lost: throw .alreadyResolved
        }
    }

    /// Writes the result that the caller won the right to write, and has the callbacks run.
    @inlinable @inline(__always)
    internal func settle(
        _ result: Result<Value, FutureFailure>,
        releasingCanceller: Bool,
        as final: UInt8 = FutureState.settled
    ) {
        self.result = result
        if releasingCanceller, canceller != nil { canceller = nil }
        state.store(final, ordering: .releasing)
        if isTracing { traceSettled() }
        if callbacks.closeIfEmpty() { return }
        if runtime.isCurrent {
            if runtime.isDraining { runtime.queue.append(self) } else { runtime.drain { runReady() } }
        } else {
            runtime.enqueue(self)
        }
    }

    // ------------------------------------------------------------------------------------------------ callbacks

    /// Runs the callbacks that were added so far, in the order of adding.
    @inlinable
    internal func runCallbacks() {
        var word = callbacks.exchange(CallbackList.closed, ordering: .acquiringAndReleasing)
        guard let first = Unmanaged<CallbackNode<Value>>.node(word) else { return }
        var node = first.takeRetainedValue()
        if node.next == CallbackList.empty { return node.run(self) }
        // The latest comes first: turn the links round.
        var before: UInt = CallbackList.empty
        while true {
            let next = node.next
            node.next = before
            guard let follower = Unmanaged<CallbackNode<Value>>.node(next) else { break }
            before = word
            word = next
            _ = Unmanaged.passRetained(node)
            node = follower.takeRetainedValue()
        }
        while true {
            node.run(self)
            guard let follower = Unmanaged<CallbackNode<Value>>.node(node.next) else { return }
            node = follower.takeRetainedValue()
        }
    }

    @inlinable
    internal func add(_ node: CallbackNode<Value>) {
        if callbacks.add(node) { return }
        if runtime.isCurrent, !runtime.isDraining {
            runtime.drain { node.run(self) }
        } else {
            addLate(node)
        }
    }

    @usableFromInline @inline(never)
    internal func addLate(_ node: CallbackNode<Value>) {
        let call = LateCall(future: self, node: node)
        if runtime.isCurrent { runtime.queue.append(call) } else { runtime.enqueue(call) }
    }
}

extension TxaioFuture: ReadyUnit {
    @inlinable
    internal func runReady() { runCallbacks() }
    @inlinable
    internal var isCallbacks: Bool { true }
}

/// A callback that was added to a future when its others had been taken already.
private final class LateCall<Value: Sendable>: ReadyUnit {
    let future: TxaioFuture<Value>
    let node: CallbackNode<Value>
    init(future: TxaioFuture<Value>, node: CallbackNode<Value>) {
        self.future = future
        self.node = node
    }
    func runReady() { node.run(future) }
    var isCallbacks: Bool { true }
}

extension Unmanaged {
    /// The node that a word of a ``CallbackList`` stands for.
    @inlinable @inline(__always)
    internal static func node(_ word: UInt) -> Unmanaged? {
        guard word > CallbackList.closed, let pointer = UnsafeRawPointer(bitPattern: word) else { return nil }
        return fromOpaque(pointer)
    }
}
