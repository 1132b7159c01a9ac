/// Delays in whole nanoseconds: the only conversion of durations and seconds in this package.
///
/// A negative delay and NaN are 0. What is infinite or beyond 292 years is ``never``. No input traps.
package enum Delay {
    /// The delay, and the deadline, of a call that never runs.
    @inlinable
    package static var never: Int64 { Int64.max }

    /// A duration, cut to whole nanoseconds.
    @inlinable
    package static func nanoseconds(_ duration: Duration) -> Int64 {
        let attoseconds = duration.attoseconds
        guard attoseconds > 0 else { return 0 }
        // A nanosecond is 2^9 x 1,953,125 attoseconds. Without the factor 2^9 all below 2.6 hours fit 64 bits, whose division
        // by a constant is a multiplication.
        let scaled = attoseconds >> 9
        guard scaled <= Int128(UInt64.max) else { return longNanoseconds(attoseconds) }
        return Int64(truncatingIfNeeded: UInt64(truncatingIfNeeded: scaled) / 1_953_125)
    }

    @usableFromInline @inline(never)
    internal static func longNanoseconds(_ attoseconds: Int128) -> Int64 {
        Int64(exactly: attoseconds / 1_000_000_000) ?? never
    }

    /// Seconds, rounded to whole nanoseconds.
    @inlinable
    package static func nanoseconds(seconds: Double) -> Int64 {
        let nanoseconds = (seconds * 1e9).rounded()
        // False for NaN as well.
        guard nanoseconds > 0 else { return 0 }
        return nanoseconds < 0x1p63 ? Int64(nanoseconds) : never
    }

    /// When a delay that begins now is over; `never` where that is beyond what 64 bits hold.
    @inlinable
    package static func deadline(from now: Int64, after delay: Int64) -> Int64 {
        let (sum, overflow) = now.addingReportingOverflow(delay)
        // A delay is not negative, so it is the upper end that was passed. From before the clock's beginning never stays never.
        return overflow || delay == never ? never : sum
    }
}
