internal import Synchronization

/// A call that waits in a bucket: what the user may cancel.
///
/// Invariant: its bit in its block is cleared once. Who clears it owns `body` and `scope` from then on.
package final class BatchedCall: DelayedCall, @unchecked Sendable {
    // Unchecked: see above; `block` and `index` are set before anybody else knows the call.
    internal typealias Body = @Sendable () throws -> Void

    @exclusivity(unchecked) private var body: Body?
    @exclusivity(unchecked) private var scope: (any AnyObject & Sendable)?
    @exclusivity(unchecked) private var block: BatchBlock.Pointer?
    @exclusivity(unchecked) private var index: UInt32 = 0

    internal init(_ body: @escaping Body, in context: CapturedContext) {
        self.body = body
        scope = context.scope
    }

    deinit { block?.release() }

    @inline(__always)
    internal func place(in block: BatchBlock.Pointer, at index: UInt32) {
        self.block = block
        self.index = index
    }

    /// Keeps the call from running, and releases what it holds at once.
    ///
    /// Any thread; no lock but for the last call of a block.
    @discardableResult
    package func cancel() -> Bool {
        guard let block, let left = block.pointee.claim(index) else { return false }
        release()
        if left == 0 { block.pointee.timer.lookAt(block) }
        // The block's share. The caller has one of its own.
        Unmanaged.passUnretained(self).release()
        return true
    }

    /// Releases what it holds, for the one who cleared its bit.
    @inline(__always)
    internal func release() {
        body = nil
        if scope != nil { scope = nil }
    }

    /// Runs it, in the scope in which it was added, for the one who cleared its bit.
    internal func run() throws {
        guard let body = body.take() else { return }
        try CapturedContext(scope: scope.take()).run(body)
    }
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
