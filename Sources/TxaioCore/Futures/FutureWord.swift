public import Synchronization

/// A future's state and the list of its callbacks, the latest first, in one word: the pure part.
///
/// The low bits say what has become of the future, the others are the address of the callback added last. So one exchange
/// settles a future and takes its callbacks, adding one needs no lock, and each party sees who was first.
@usableFromInline
internal enum FutureWord {
    /// Nothing yet.
    @inlinable internal static var pending: UInt { 0 }
    /// The canceller is at work; whoever resolves meanwhile wins.
    @inlinable internal static var cancelling: UInt { 1 }
    /// Somebody won, off the loop, and is writing the result; callbacks may still be added.
    @inlinable internal static var claimed: UInt { 2 }
    /// As `claimed`, and what is written is the cancellation.
    @inlinable internal static var claimedByCancel: UInt { 3 }
    /// The result is there, and the loop will take the callbacks in its turn; more may be added until then.
    @inlinable internal static var settled: UInt { 4 }
    /// Somebody won, on the loop, has the word's callbacks, and is writing the result.
    @inlinable internal static var taken: UInt { 5 }
    /// As `taken`, and what is written is the cancellation.
    @inlinable internal static var takenByCancel: UInt { 6 }
    /// The result is there, and the callbacks were taken.
    @inlinable internal static var closed: UInt { 7 }

    @inlinable internal static var tags: UInt { 7 }

    /// Whether callbacks can be put on the list.
    @inlinable @inline(__always)
    internal static func takesCallbacks(_ word: UInt) -> Bool { word & tags <= settled }

    /// Whether the result is there.
    @inlinable @inline(__always)
    internal static func hasResult(_ word: UInt) -> Bool { word & tags == settled || word & tags == closed }

    /// Whether whoever wants to settle the future comes too late.
    @inlinable @inline(__always)
    internal static func isCalled(_ word: UInt) -> Bool { word & tags >= claimed }

    /// The latest callback.
    @inlinable @inline(__always)
    internal static func list(_ word: UInt) -> UInt { word & ~tags }
}

/// Who won, and what is to be done with the callbacks.
@usableFromInline
internal struct Claim {
    /// The word that was found.
    @usableFromInline internal let found: UInt
    /// The tag that was left, or ``FutureWord/pending`` where nothing was won.
    @usableFromInline internal let left: UInt

    @inlinable @inline(__always)
    internal init(found: UInt, left: UInt) {
        self.found = found
        self.left = left
    }

    /// Whether the caller writes the result.
    @inlinable internal var isWon: Bool { @inline(__always) get { left != FutureWord.pending } }

    /// Whether the caller is on the loop, and has the callbacks.
    @inlinable internal var isTaken: Bool { @inline(__always) get { left >= FutureWord.taken } }

    /// Whether a canceller was at work.
    @inlinable internal var wasCancelling: Bool { found & FutureWord.tags == FutureWord.cancelling }
}

extension Atomic<UInt> {
    /// Decides who writes the result.
    ///
    /// - Parameters:
    ///   - tag: What the winner leaves: with `taken` it takes the callbacks, with `claimed` it leaves them.
    ///   - last: The tag up to which there is something to win.
    @inlinable @inline(__always)
    internal borrowing func claim(leaving tag: UInt, upTo last: UInt = FutureWord.cancelling) -> Claim {
        var found = load(ordering: .relaxed)
        while found & FutureWord.tags <= last {
            let kept = tag >= FutureWord.taken ? 0 : FutureWord.list(found)
            let (isDone, now) = weakCompareExchange(
                expected: found,
                desired: kept | tag,
                successOrdering: .acquiringAndReleasing,
                failureOrdering: .relaxed
            )
            if isDone { return Claim(found: found, left: tag) }
            found = now
        }
        return Claim(found: found, left: FutureWord.pending)
    }

    /// Puts a callback on the list where it is the first; false where there are others, or the list was taken.
    ///
    /// The node is left as it is, so that many futures can have the same.
    @inlinable @inline(__always)
    internal borrowing func addFirst(_ node: UnsafeMutablePointer<CallbackNode>) -> Bool {
        var found = load(ordering: .relaxed)
        while FutureWord.takesCallbacks(found), FutureWord.list(found) == 0 {
            // Releases what the node holds to whoever takes the list.
            let (isDone, now) = weakCompareExchange(
                expected: found,
                desired: UInt(bitPattern: node) | found,
                successOrdering: .acquiringAndReleasing,
                failureOrdering: .relaxed
            )
            if isDone { return true }
            found = now
        }
        return false
    }

    /// Puts a callback on the list; false where the list was taken.
    @inlinable @inline(__always)
    internal borrowing func add(_ node: UnsafeMutablePointer<CallbackNode>) -> Bool {
        var found = load(ordering: .acquiring)
        while FutureWord.takesCallbacks(found) {
            node.pointee.next = FutureWord.list(found)
            let (isDone, now) = weakCompareExchange(
                expected: found,
                desired: UInt(bitPattern: node) | found & FutureWord.tags,
                successOrdering: .acquiringAndReleasing,
                failureOrdering: .acquiring
            )
            if isDone { return true }
            found = now
        }
        return false
    }
}
