internal import Synchronization

/// A call that waits in a ``TimerService``: what the user may cancel.
///
/// Invariant: its state leaves `pending` once, by one exchange. Who makes it owns `body` from then on.
package final class TimerCall: DelayedCall, @unchecked Sendable {
    // Unchecked: `body` is touched by the one thread that changed the state, or by none.
    private enum State {
        static let pending: UInt8 = 0
        static let over: UInt8 = 1
    }

    @exclusivity(unchecked) private var body: (@Sendable () -> Void)?
    private let state: Atomic<UInt8>

    package init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        state = Atomic(State.pending)
    }

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread, no lock.
    @discardableResult
    package func cancel() -> Bool {
        guard claim() else { return false }
        body = nil
        return true
    }

    package var isPending: Bool { state.load(ordering: .relaxed) == State.pending }

    /// Runs it unless it was cancelled.
    package func run() {
        guard claim(), let body = body.take() else { return }
        body()
    }

    private func claim() -> Bool {
        // A look first: cancelling what is over costs no write.
        isPending
            && state.compareExchange(expected: State.pending, desired: State.over, ordering: .acquiringAndReleasing)
                .exchanged
    }
}
