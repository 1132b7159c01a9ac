/// The one place where durations become nanoseconds.
///
/// NaN and what is negative are 0; what is infinite, or beyond 292 years, is ``never``.
package enum Delay {
    /// A delay that does not end.
    package static var never: Int64 { .max }

    /// Nanoseconds of a duration.
    package static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return overflow || carry ? never : sum
    }

    /// Nanoseconds of seconds.
    package static func nanoseconds(seconds: Double) -> Int64 {
        let nanoseconds = seconds * 1e9
        guard nanoseconds > 0 else { return 0 }
        return nanoseconds < 9.2e18 ? Int64(nanoseconds.rounded()) : never
    }

    /// The moment a delay from now, or ``never``.
    package static func deadline(from now: Int64, after delay: Int64) -> Int64 {
        let (sum, overflow) = now.addingReportingOverflow(delay)
        return overflow ? never : sum
    }
}
