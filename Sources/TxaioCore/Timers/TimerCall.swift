internal import Synchronization

/// A call that waits in a ``TimerService``: what the user may cancel.
///
/// Invariant: its state leaves `pending` once, by one exchange. Who makes it owns what the call holds from then on.
package class TimerCall: DelayedCall, @unchecked Sendable {
    // Unchecked: what subclasses hold is touched by the one thread that changed the state, or by none.
    private enum State {
        static let pending: UInt8 = 0
        static let over: UInt8 = 1
    }

    private let state: Atomic<UInt8>

    package init(isPending: Bool) { state = Atomic(isPending ? State.pending : State.over) }

    /// Does what it is there for, and releases what it holds.
    package func perform() {}

    /// Releases what it holds.
    package func drop() {}

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread, no lock.
    @discardableResult
    package final func cancel() -> Bool {
        guard claim() else { return false }
        drop()
        return true
    }

    package final var isPending: Bool { state.load(ordering: .relaxed) == State.pending }

    /// Runs it unless it was cancelled.
    package final func run() {
        if claim() { perform() }
    }

    private func claim() -> Bool {
        // A look first: cancelling what is over costs no write.
        isPending
            && state.compareExchange(expected: State.pending, desired: State.over, ordering: .acquiringAndReleasing)
                .exchanged
    }
}

/// A call of a closure.
package final class ClosureCall: TimerCall, @unchecked Sendable {
    @exclusivity(unchecked) private var body: (@Sendable () -> Void)?

    package init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        super.init(isPending: true)
    }

    override package func perform() { body.take()?() }
    override package func drop() { body = nil }
}
