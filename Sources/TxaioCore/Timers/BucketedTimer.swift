internal import TxaioLog

/// A batched timer: calls of about the same time share one real timer, and run in chunks.
///
/// A hashed wheel of buckets. Scheduling and cancelling take constant time; cancelling takes no lock but now and then. Any
/// thread. User code, clocks and real timers are never called under the lock.
package final class BucketedTimer: BatchedTimer {
    private let keys: BucketKeys
    private let chunkSize: Int
    /// What its real timers go by, asked at each call.
    private let source: @Sendable () -> any TimeSource
    /// Runs a chunk on the loop: at once where the caller is on it.
    private let perform: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let buckets = Lock(BucketTable())

    /// Makes a timer without calls.
    ///
    /// - Parameters:
    ///   - seconds: How long a bucket is; at least a nanosecond counts.
    ///   - chunkSize: How many calls run at once.
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
        keys = try BucketKeys(secondsPerBucket: seconds, rounding: rounding)
        guard chunkSize >= 1 else { throw .invalidChunkSize(chunkSize) }
        self.chunkSize = chunkSize
        self.source = source
        self.perform = perform
    }

    package func callLater(_ delay: Duration, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        schedule(Delay.nanoseconds(delay), body)
    }

    package func callLater(_ seconds: Double, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        schedule(Delay.nanoseconds(seconds: seconds), body)
    }

    // ------------------------------------------------------------------------------------------------ scheduling

    private func schedule(_ delay: Int64, _ body: @escaping BatchedCall.Body) -> BatchedCall {
        let source = source()
        let now = source.nanoseconds
        let call = BatchedCall(body, in: .current)
        guard let number = keys.number(of: Delay.deadline(from: now, after: delay)) else { return call }
        let made = buckets.withLock { buckets -> Bucket? in
            if let bucket = buckets.find(number) {
                bucket.add(call, of: self)
                return nil
            }
            let bucket = Bucket(number: number)
            bucket.add(call, of: self)
            buckets.add(bucket)
            return bucket
        }
        if let made { arm(made, now: now, by: source) }
        return call
    }

    /// Makes a bucket's real timer.
    @inline(never)
    private func arm(_ bucket: Bucket, now: Int64, by source: any TimeSource) {
        let time = keys.time(of: bucket.number)
        let (wait, overflow) = time.subtractingReportingOverflow(now)
        let delay = overflow ? (time < now ? 0 : Delay.never - 1) : max(0, wait)
        CoreLog.batchedTimer.trace?("Bucket at {time} ns made, due in {delay} ns", time: time, delay: delay)
        let alarm = BucketAlarm(bucket, of: self)
        let timer = source.callLater(nanoseconds: delay) { alarm.ring() }
        let isGone = buckets.withLock { _ in
            if !bucket.isGone { bucket.alarm = timer }
            return bucket.isGone
        }
        // Its calls were all cancelled meanwhile, or it has fired: then this does nothing.
        if isGone { timer.cancel() }
    }

    /// Has a block swept, by who cancelled one of its calls.
    @inline(never)
    internal func sweep(_ block: BatchBlock.Pointer) {
        let emptied = buckets.withLock { buckets -> Taken? in
            guard let bucket = block.pointee.bucket?.takeUnretainedValue(), bucket.sweep(block) else { return nil }
            return take(bucket, from: &buckets)
        }
        guard let emptied else { return }
        emptied.cancel()
        emptied.alarm?.cancel()
        CoreLog.batchedTimer.trace?(
            "Bucket at {time} ns gone: all its calls were cancelled",
            time: keys.time(of: emptied.number)
        )
    }

    // ------------------------------------------------------------------------------------------------ firing

    /// Runs a bucket, as its time has come.
    fileprivate func fire(_ bucket: Bucket) {
        // The real timer itself is released here, outside the lock: it is somebody else's.
        guard let taken = buckets.withLock({ take(bucket, from: &$0) }) else { return }
        CoreLog.batchedTimer.trace?(
            "Bucket at {time} ns fires with {calls} calls",
            time: keys.time(of: taken.number),
            calls: taken.count
        )
        let run = BatchRun(taken.first, count: taken.count, chunkSize: chunkSize, bucket: keys.length)
        perform { self.runChunk(of: run) }
    }

    /// Cancels the calls of a bucket that whoever kept time for it forgot.
    fileprivate func abandon(_ bucket: Bucket) {
        buckets.withLock { take(bucket, from: &$0) }?.cancel()
    }

    /// What a bucket was made of.
    private struct Taken {
        let number: Int64
        let first: BatchBlock.Pointer?
        let count: Int
        let alarm: (any DelayedCall)?

        /// Cancels what is left of its calls, which nobody will run.
        func cancel() { _ = BatchRun(first, count: 0, chunkSize: 1, bucket: 0) }
    }

    /// Under the lock: takes a bucket out; nil where that was done.
    private func take(_ bucket: Bucket, from buckets: inout BucketTable) -> Taken? {
        guard !bucket.isGone else { return nil }
        bucket.isGone = true
        let calls = bucket.takeAll()
        let taken = Taken(number: bucket.number, first: calls.first, count: calls.count, alarm: bucket.alarm.take())
        // The caller holds the bucket.
        buckets.remove(bucket)
        return taken
    }

    private func runChunk(of run: BatchRun) {
        guard run.runChunk() else { return }
        _ = source().callLater(nanoseconds: run.spacing) { self.perform { self.runChunk(of: run) } }
    }
}

/// What a bucket's real timer holds: the bucket is run by it, or given up with it.
private final class BucketAlarm: Sendable {
    private let bucket: Bucket
    private let timer: BucketedTimer

    init(_ bucket: Bucket, of timer: BucketedTimer) {
        self.bucket = bucket
        self.timer = timer
    }

    func ring() { timer.fire(bucket) }

    // Where it rang, or all calls were cancelled, the bucket is gone and this does nothing.
    deinit { timer.abandon(bucket) }
}
