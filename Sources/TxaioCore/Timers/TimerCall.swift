/// A call that waits in a ``TimerService``: what the user may cancel.
///
/// Invariant: its bit in its block is cleared once. Who clears it owns what the call holds from then on.
package class TimerCall: DelayedCall, @unchecked Sendable {
    // Unchecked: see above; `place` is set before anybody else knows the call.

    /// None where it is in no queue: then there is nothing to cancel.
    @exclusivity(unchecked) internal final var place = TimerPlace.none

    package init() {}

    deinit {
        if !place.isNone { place.release() }
    }

    /// Does what it is there for, and releases what it holds; for the one who took it out of the queue.
    ///
    /// - Parameter due: Its deadline.
    package func perform(due: Int64) {}

    /// Releases what it holds.
    package func drop() {}

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread, no lock.
    @discardableResult
    package final func cancel() -> Bool {
        guard !place.isNone, place.claim() else { return false }
        drop()
        // The queue's share. The caller has one of its own.
        Unmanaged.passUnretained(self).release()
        return true
    }

    package final var isPending: Bool { !place.isNone && place.isWaiting }
}

/// A call of a closure.
package final class ClosureCall: TimerCall, @unchecked Sendable {
    @exclusivity(unchecked) private var body: (@Sendable () -> Void)?

    package init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
        super.init()
    }

    override package func perform(due: Int64) { body.take()?() }
    override package func drop() { body = nil }
}
