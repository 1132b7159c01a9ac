/// Where buckets begin: the arithmetic of a batched timer, in whole nanoseconds.
package struct BucketKeys: Sendable {
    /// The length of a bucket; at least 1.
    package let length: Int64
    package let rounding: BatchRounding

    /// Takes a bucket's length in seconds; one below a nanosecond counts as one.
    package init(secondsPerBucket seconds: Double, rounding: BatchRounding) throws(TxaioError) {
        // False for NaN as well.
        guard seconds > 0, seconds.isFinite else { throw .invalidBucket(seconds) }
        length = max(1, Delay.nanoseconds(seconds: seconds))
        self.rounding = rounding
    }

    /// The number of the bucket that a deadline falls into; nil where that bucket never comes.
    @inline(__always)
    package func number(of deadline: Int64) -> Int64? {
        guard deadline != Delay.never else { return nil }
        let (quotient, remainder) = deadline.quotientAndRemainder(dividingBy: length)
        switch rounding {
        case .down: return remainder < 0 ? quotient - 1 : quotient
        case .up:
            guard remainder > 0 else { return quotient }
            return quotient < Int64.max / length ? quotient + 1 : nil
        }
    }

    /// When a bucket's time is.
    package func time(of number: Int64) -> Int64 {
        let (time, overflow) = number.multipliedReportingOverflow(by: length)
        // Only the bucket that holds the clock's first moment begins before it.
        return overflow ? Int64.min : time
    }
}
