public import Synchronization

/// What has become of a future: the pure part.
@usableFromInline
internal enum FutureState {
    /// Nothing yet.
    @usableFromInline internal static let pending: UInt8 = 0
    /// The canceller is at work; whoever resolves meanwhile wins.
    @usableFromInline internal static let cancelling: UInt8 = 1
    /// Somebody won and is writing the result.
    @usableFromInline internal static let claimed: UInt8 = 2
    /// The result is there.
    @usableFromInline internal static let settled: UInt8 = 3
    /// Cancelled; one late result will be ignored, as whoever produces it cannot know.
    @usableFromInline internal static let cancelled: UInt8 = 4
    /// Cancelled, and the late result came.
    @usableFromInline internal static let cancelledAndLate: UInt8 = 5
}

/// What comes of an attempt to settle a future.
@usableFromInline
internal enum Claim {
    /// The caller is the one who writes the result.
    case won
    /// As `won`, while a canceller is at work.
    case wonFromCanceller
    /// The future was cancelled: the one late result, which is ignored.
    case ignored
    /// Too late.
    case lost
}

extension Atomic<UInt8> {
    /// Decides whether the caller settles the future.
    @inlinable @inline(__always)
    internal borrowing func claim() -> Claim {
        let (done, found) = compareExchange(
            expected: FutureState.pending,
            desired: FutureState.claimed,
            ordering: .acquiringAndReleasing
        )
        return done ? .won : claimSlowly(found)
    }

    @usableFromInline @inline(never)
    internal borrowing func claimSlowly(_ found: UInt8) -> Claim {
        var found = found
        while true {
            let (next, claim): (UInt8, Claim) =
                switch found {
                case FutureState.pending: (FutureState.claimed, .won)
                case FutureState.cancelling: (FutureState.claimed, .wonFromCanceller)
                case FutureState.cancelled: (FutureState.cancelledAndLate, .ignored)
                default: (found, .lost)
                }
            if next == found { return claim }
            let (done, now) = compareExchange(expected: found, desired: next, ordering: .acquiringAndReleasing)
            if done { return claim }
            found = now
        }
    }
}
