internal import Synchronization

/// What a future does when it is cancelled.
@usableFromInline
internal class Canceller {
    @usableFromInline internal init() {}

    /// Called once, in `cancel`, with what the future is to fail with; false where it is settled later, by what this began.
    internal func cancel(_ future: AnyTxaioFuture, with failure: FutureFailure) -> Bool { true }
}

/// The canceller that `createFuture` was given.
@usableFromInline
internal final class CancellerCall<Value: Sendable>: Canceller {
    private let body: @Sendable (TxaioFuture<Value>) -> Void

    @usableFromInline
    internal init(_ body: @escaping @Sendable (TxaioFuture<Value>) -> Void) {
        self.body = body
        super.init()
    }

    override internal func cancel(_ future: AnyTxaioFuture, with failure: FutureFailure) -> Bool {
        body(unsafeDowncast(future, to: TxaioFuture<Value>.self))
        return true
    }
}

extension AnyTxaioFuture {
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
        guard beginCancelling() else { return }
        let failure = FutureFailure(CancelledError(message: message), file: file, line: line)
        // Whoever resolves it meanwhile leaves the canceller alone: it is released here.
        if let held = takeCanceller() {
            guard held.takeRetainedValue().cancel(self, with: failure) else { return }
        }
        takeCancellation(failure)
    }

    private func beginCancelling() -> Bool {
        var found = word.load(ordering: .acquiring)
        while found & FutureWord.tags == FutureWord.pending {
            let desired = FutureWord.list(found) | FutureWord.cancelling
            let (isDone, now) = word.compareExchange(
                expected: found,
                desired: desired,
                ordering: .acquiringAndReleasing
            )
            if isDone { return true }
            found = now
        }
        return false
    }

    /// Settles it as cancelled; false where somebody was first.
    @discardableResult
    internal func takeCancellation(_ failure: FutureFailure) -> Bool {
        let tag = runtime.isCurrent ? FutureWord.takenByCancel : FutureWord.claimedByCancel
        let claim = word.claim(leaving: tag)
        guard claim.isWon else { return false }
        marks.bitwiseOr(Self.isCancelled | Self.isHandled, ordering: .acquiringAndReleasing)
        fail(with: failure, claim)
        return true
    }
}
