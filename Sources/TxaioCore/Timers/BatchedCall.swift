internal import Synchronization

/// What the user may cancel a call of a bucket by: a handle alone, as the call itself is in its block.
///
/// Releasing it changes nothing for the call.
package final class BatchedCall: DelayedCall, @unchecked Sendable {
    // Unchecked: `place` is set before anybody else knows the handle.
    package typealias Body = @Sendable () throws -> Void

    /// None until the call was added.
    @exclusivity(unchecked) private var place = BatchPlace.none

    internal init() {}

    deinit { place.release() }

    @inline(__always)
    internal func begin(at place: BatchPlace) { self.place = place }

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread; no lock but for the last call of a block.
    @discardableResult
    package func cancel() -> Bool { place.cancel() }
}

/// A call that never comes, and can be cancelled all the same.
internal final class UnendingCall: DelayedCall, @unchecked Sendable {
    // Unchecked: `body` belongs to the one who clears `waits`.
    @exclusivity(unchecked) private var body: BatchedCall.Body?
    private let waits = Atomic(true)

    internal init(_ body: @escaping BatchedCall.Body) { self.body = body }

    internal func cancel() -> Bool {
        guard waits.exchange(false, ordering: .acquiringAndReleasing) else { return false }
        body = nil
        return true
    }
}
