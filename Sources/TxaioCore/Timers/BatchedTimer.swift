/// Delayed calls that run near their time, many at once; mirrors txaio's `IBatchedTimer`.
public protocol BatchedTimer: AnyObject, Sendable {
    /// Calls `body` once, near the time that `delay` ends, on the loop of the runtime that made the timer.
    func callLater(_ delay: Duration, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall

    /// The same, for a delay in seconds.
    func callLater(_ seconds: Double, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall
}

/// Which way a batched timer moves its calls to a bucket's time.
public enum BatchRounding: Sendable {
    /// To the bucket that its time is in, as txaio does: early by up to a bucket.
    case down
    /// To the next bucket: never early, late by up to a bucket.
    case up
}
