/// A batched timer: calls of about the same time share one real timer, and run in chunks.
///
/// A hashed wheel of buckets. Scheduling and cancelling take constant time, and cancelling no lock but now and then. Any thread.
/// Calls that wait when the user lets go of it run all the same.
package final class BucketedTimer: BatchedTimer {
    private let core: BatchCore

    /// Makes a timer without calls.
    ///
    /// - Parameters:
    ///   - seconds: How long a bucket is, to the nanosecond.
    ///   - chunkSize: How many calls run at once; at least 1.
    ///   - rounding: Which bucket a call goes to.
    ///   - source: What its real timers go by; asked at each call.
    ///   - perform: Runs a chunk on the loop: at once where the caller is on it, else in its turn.
    package init(
        secondsPerBucket seconds: Double,
        chunkSize: Int,
        rounding: BatchRounding,
        source: @escaping @Sendable () -> any TimeSource,
        perform: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws(TxaioError) {
        let keys = try BucketKeys(secondsPerBucket: seconds, rounding: rounding)
        guard chunkSize >= 1 else { throw .invalidChunkSize(chunkSize) }
        core = BatchCore(keys: keys, chunkSize: chunkSize, source: source, perform: perform)
    }

    deinit { core.close() }

    /// Calls `body` once, at the time of the bucket that the delay ends in.
    package func callLater(_ delay: Duration, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        core.schedule(Delay.nanoseconds(delay), body)
    }

    /// The same, for a delay in seconds.
    package func callLater(_ seconds: Double, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        core.schedule(Delay.nanoseconds(seconds: seconds), body)
    }
}
