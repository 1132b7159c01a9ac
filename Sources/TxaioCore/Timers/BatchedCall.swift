internal import Synchronization

/// A call that waits in a ``BucketedTimer``: what the user may cancel.
///
/// Invariant: its state leaves `pending` once, by one exchange. Who makes it owns `body` and `scope` from then on.
internal final class BatchedCall: DelayedCall, @unchecked Sendable {
    // Unchecked: what is mutable belongs to the one who changed the state; `block` is set before anybody else knows the call.
    internal typealias Body = @Sendable () throws -> Void

    private enum State {
        static let pending: UInt8 = 0
        static let ran: UInt8 = 1
        static let cancelled: UInt8 = 2
        /// Cancelled after its bucket had begun: its place in its chunk stays.
        static let cancelledLate: UInt8 = 3
    }

    @exclusivity(unchecked) private var body: Body?
    @exclusivity(unchecked) private var scope: (any AnyObject & Sendable)?
    /// Where it waits; nil for a call that never comes.
    @exclusivity(unchecked) internal var block: BatchBlock.Pointer?
    private let state = Atomic(State.pending)

    internal init(_ body: @escaping Body, in context: CapturedContext) {
        self.body = body
        scope = context.scope
    }

    deinit { block?.release() }

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread; no lock but now and then to sweep.
    @discardableResult
    internal func cancel() -> Bool {
        guard isPending else { return false }
        guard let block else { return end() }
        let isLate = block.pointee.hasBegun.load(ordering: .relaxed)
        guard end(isLate ? State.cancelledLate : State.cancelled) else { return false }
        if !isLate, block.pointee.finishOne() { block.pointee.timer.sweep(block) }
        return true
    }

    /// Cancels it without regard to its block.
    @inline(__always) @discardableResult
    internal func end(_ reason: UInt8 = State.cancelled) -> Bool {
        guard state.compareExchange(expected: State.pending, desired: reason, ordering: .acquiringAndReleasing).exchanged else {
            return false
        }
        body = nil
        scope = nil
        return true
    }

    @inline(__always)
    internal var isPending: Bool { state.load(ordering: .relaxed) == State.pending }

    /// Whether it counts in its chunk.
    internal var hasPlace: Bool { state.load(ordering: .relaxed) != State.cancelled }

    /// Runs it, in the scope in which it was added, unless it was cancelled.
    internal func run() throws {
        guard state.compareExchange(expected: State.pending, desired: State.ran, ordering: .acquiringAndReleasing).exchanged,
            let body = body.take()
        else { return }
        let context = CapturedContext(scope: scope.take())
        try context.run(body)
    }
}
