public import Synchronization

/// A callback that waits for a future, and the link to the one added before it.
@usableFromInline
internal class CallbackNode<Value: Sendable> {
    /// The node added before, as a retained pointer, or 0.
    @usableFromInline internal var next: UInt = 0

    @inlinable internal init() {}

    /// Called once with the settled future, on the loop.
    @usableFromInline
    internal func run(_ future: TxaioFuture<Value>) {}
}

/// The callbacks of a future, the latest first, until it takes no more.
///
/// One word, so that adding and taking all need no lock: who adds swaps the word for its node, who settles swaps it for
/// `closed`, and each sees who was first.
@usableFromInline
internal enum CallbackList {
    @usableFromInline internal static let empty: UInt = 0
    /// All were taken; whoever comes now sees the result.
    @usableFromInline internal static let closed: UInt = 1
}

extension Atomic<UInt> {
    /// Adds a node; false where the list is closed.
    @inlinable @inline(__always)
    internal borrowing func add<Result>(_ node: CallbackNode<Result>) -> Bool {
        var found = load(ordering: .acquiring)
        guard found != CallbackList.closed else { return false }
        let retained = Unmanaged.passRetained(node)
        let word = UInt(bitPattern: retained.toOpaque())
        while true {
            node.next = found
            let (done, now) = weakCompareExchange(
                expected: found,
                desired: word,
                successOrdering: .acquiringAndReleasing,
                failureOrdering: .acquiring
            )
            if done { return true }
            found = now
            if found == CallbackList.closed {
                node.next = 0
                retained.release()
                return false
            }
        }
    }

    /// Closes the list where nothing is in it.
    @inlinable @inline(__always)
    internal borrowing func closeIfEmpty() -> Bool {
        let expected = CallbackList.empty
        return compareExchange(expected: expected, desired: CallbackList.closed, ordering: .acquiringAndReleasing)
            .exchanged
    }
}
