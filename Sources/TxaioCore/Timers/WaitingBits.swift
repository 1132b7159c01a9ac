internal import Synchronization

// One bit for each call of a block that waits: who clears it runs the call, or has cancelled it.

extension Atomic<UInt32> {
    /// Clears a bit, and answers which are left; nil where somebody else did.
    @inline(__always)
    internal borrowing func clear(_ index: UInt32) -> UInt32? {
        let bit = 1 &<< index
        var found = load(ordering: .relaxed)
        while found & bit != 0 {
            let (done, now) = weakCompareExchange(
                expected: found,
                desired: found & ~bit,
                successOrdering: .acquiringAndReleasing,
                failureOrdering: .relaxed
            )
            if done { return found & ~bit }
            found = now
        }
        return nil
    }
}
