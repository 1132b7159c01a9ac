/// Where buckets begin: the arithmetic of a batched timer, in whole nanoseconds.
package struct BucketKeys: Sendable {
    /// The length of a bucket; at least 1.
    package let length: Int64
    package let rounding: BatchRounding
    /// The length's reciprocal, times 2^64: a division takes five times as long as a product.
    private let reciprocal: UInt64
    /// The number of the last bucket that begins within what 64 bits hold.
    private let last: Int64

    /// Takes a bucket's length in seconds; one below a nanosecond counts as one.
    package init(secondsPerBucket seconds: Double, rounding: BatchRounding) throws(TxaioError) {
        // False for NaN as well.
        guard seconds > 0, seconds.isFinite else { throw .invalidBucket(seconds) }
        length = max(1, Delay.nanoseconds(seconds: seconds))
        self.rounding = rounding
        reciprocal = UInt64.max / UInt64(length)
        last = Int64.max / length
    }

    /// The number of the bucket that a deadline falls into; nil where that bucket never comes.
    package func number(of deadline: Int64) -> Int64? {
        guard deadline != Delay.never else { return nil }
        let (quotient, remainder) = deadline.quotientAndRemainder(dividingBy: length)
        switch rounding {
        case .down: return remainder < 0 ? quotient - 1 : quotient
        case .up:
            guard remainder > 0 else { return quotient }
            return quotient < last ? quotient + 1 : nil
        }
    }

    /// The number of the bucket that a deadline falls into, even if that is wrong by up to `error`; nil where that cannot be said,
    /// as near a bucket's edge.
    @inline(__always)
    package func number(of deadline: Int64, within error: Int64) -> Int64? {
        guard deadline >= 0, deadline != Delay.never else { return nil }
        // With the reciprocal cut off, a deadline below 2^63 gives its quotient or one less.
        var quotient = Int64(bitPattern: reciprocal.multipliedFullWidth(by: UInt64(bitPattern: deadline)).high)
        var remainder = deadline &- quotient &* length
        if remainder >= length {
            quotient &+= 1
            remainder &-= length
        }
        guard remainder > error, remainder < length &- error, quotient < last else { return nil }
        return rounding == .up ? quotient &+ 1 : quotient
    }

    /// When a bucket's time is.
    package func time(of number: Int64) -> Int64 {
        let (time, overflow) = number.multipliedReportingOverflow(by: length)
        // Only the bucket that holds the clock's first moment begins before it.
        return overflow ? Int64.min : time
    }
}
