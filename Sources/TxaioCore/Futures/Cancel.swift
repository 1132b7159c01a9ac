internal import Synchronization

/// What a future does when it is cancelled.
@usableFromInline
internal class Canceller<Value: Sendable> {
    @usableFromInline internal init() {}

    /// Called once, in `cancel`; false where the future is settled later, by what this began.
    @usableFromInline
    internal func cancel(_ future: TxaioFuture<Value>) -> Bool { true }
}

/// The canceller that `createFuture` was given.
@usableFromInline
internal final class CancellerCall<Value: Sendable>: Canceller<Value> {
    private let body: @Sendable (TxaioFuture<Value>) -> Void

    @usableFromInline
    internal init(_ body: @escaping @Sendable (TxaioFuture<Value>) -> Void) {
        self.body = body
        super.init()
    }

    override internal func cancel(_ future: TxaioFuture<Value>) -> Bool {
        body(future)
        return true
    }
}

extension TxaioFuture {
    /// Cancels it: its canceller is called now, then its errbacks run with a ``CancelledError``.
    ///
    /// Does nothing where it is done, or was cancelled before. The canceller may resolve the future itself; then there is no
    /// error. A future that `gather` made is done once its members are.
    ///
    /// - Parameters:
    ///   - message: The error's text.
    ///   - file: Leave it out.
    ///   - line: Leave it out.
    public func cancel(_ message: String? = nil, file: StaticString = #fileID, line: UInt = #line) {
        let (isMine, _) = state.compareExchange(
            expected: FutureState.pending,
            desired: FutureState.cancelling,
            ordering: .acquiringAndReleasing
        )
        guard isMine else { return }
        // Whoever resolves it meanwhile leaves the canceller alone: it is released here.
        if let canceller {
            let isOver = canceller.cancel(self)
            self.canceller = nil
            if !isOver { return }
        }
        let (isCancelled, _) = state.compareExchange(
            expected: FutureState.cancelling,
            desired: FutureState.claimed,
            ordering: .acquiringAndReleasing
        )
        guard isCancelled else { return }
        let failure = FutureFailure(CancelledError(message: message), file: file, line: line)
        noteHandled()
        settle(.failure(failure), releasingCanceller: false, as: FutureState.cancelled)
    }
}
