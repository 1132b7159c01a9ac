/// What a future keeps beside its word: callbacks that its loop added, or a canceller: the pure part.
///
/// A future that was made on a loop with a thread of its own, and that has no canceller, keeps what the loop adds to it apart
/// from what others add: a plain store in place of an exchange, since that thread alone takes it. In return whoever settles it
/// elsewhere cannot know whether the loop has just added something, and always has the loop look.
///
/// The lowest bit says which of both it is, which is settled before a second thread has the future; the rest is an address,
/// or 0.
@usableFromInline
internal enum FutureSide {
    /// The loop's callbacks: none yet.
    @inlinable internal static var ofLoop: UInt { 0 }
    /// No canceller.
    @inlinable internal static var ofAnybody: UInt { 1 }

    /// Whether it is for the loop's callbacks.
    @inlinable @inline(__always)
    internal static func isOfLoop(_ side: UInt) -> Bool { side & 1 == 0 }

    /// The callback that the loop added last, or 0.
    @inlinable @inline(__always)
    internal static func list(_ side: UInt) -> UInt { isOfLoop(side) ? side : 0 }

    /// With a canceller, which is held.
    internal static func holding(_ canceller: Canceller) -> UInt {
        UInt(bitPattern: Unmanaged.passRetained(canceller).toOpaque()) | ofAnybody
    }

    /// The canceller, which is held.
    internal static func canceller(_ side: UInt) -> Unmanaged<Canceller>? {
        guard !isOfLoop(side), let address = UnsafeRawPointer(bitPattern: side & ~ofAnybody) else { return nil }
        return .fromOpaque(address)
    }
}
