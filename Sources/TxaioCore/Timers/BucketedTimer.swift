internal import CTxaio
internal import TxaioLog

/// A batched timer: calls of about the same time share one real timer, and run in chunks.
///
/// A hashed wheel of buckets. Scheduling and cancelling take constant time. Any thread. User code, clocks and real timers are
/// never called under the lock. Calls that wait when the user lets go of it run all the same.
package final class BucketedTimer: BatchedTimer, @unchecked Sendable {
    // Unchecked: `store` is under the lock.
    private let keys: BucketKeys
    private let chunkSize: Int
    private let clock: Clock
    private let now: @Sendable () -> Int64
    private let source: @Sendable () -> any TimeSource
    private let perform: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let lock = PlainLock()
    @exclusivity(unchecked) private var store = BucketStore()

    /// Which clock the time is of, where that is known: the system's monotonic one need not be asked each time.
    package enum Clock: Sendable {
        /// Any: it is asked at each call.
        case given
        case monotonic
        /// The monotonic one while no other loop is set for the process.
        case monotonicUnlessConfigured
    }

    @inline(__always)
    private var isMonotonic: Bool {
        switch clock {
        case .given: false
        case .monotonic: true
        case .monotonicUnlessConfigured: !Txaio.hasLoop
        }
    }

    /// Makes a timer without calls.
    ///
    /// - Parameters:
    ///   - seconds: How long a bucket is, to the nanosecond.
    ///   - chunkSize: How many calls run at once; at least 1.
    ///   - rounding: Which bucket a call goes to.
    ///   - now: The time of `source`, where that can be had for less.
    ///   - clock: What is known of that time.
    ///   - source: What its real timers go by; asked for each of them.
    ///   - perform: Runs a chunk on the loop: at once where the caller is on it, else in its turn.
    package init(
        secondsPerBucket seconds: Double,
        chunkSize: Int,
        rounding: BatchRounding,
        now: (@Sendable () -> Int64)? = nil,
        clock: Clock = .given,
        source: @escaping @Sendable () -> any TimeSource,
        perform: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) throws(TxaioError) {
        keys = try BucketKeys(secondsPerBucket: seconds, rounding: rounding)
        guard chunkSize >= 1 else { throw .invalidChunkSize(chunkSize) }
        self.chunkSize = chunkSize
        self.now = now ?? { source().nanoseconds }
        self.clock = clock
        if clock != .given { txaio_estimate_prepare() }
        self.source = source
        self.perform = perform
    }

    @inline(__always)
    private func withLock<R>(_ body: (inout BucketStore) -> R) -> R {
        lock.take()
        defer { lock.release() }
        return body(&store)
    }

    /// Calls `body` once, at the time of the bucket that the delay ends in.
    package func callLater(_ delay: Duration, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        schedule(Delay.nanoseconds(delay), body)
    }

    /// The same, for a delay in seconds.
    package func callLater(_ seconds: Double, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        schedule(Delay.nanoseconds(seconds: seconds), body)
    }

    // ------------------------------------------------------------------------------------------------ scheduling

    @inline(__always)
    private func schedule(_ delay: Int64, _ body: @escaping BatchedCall.Body) -> any DelayedCall {
        guard let number = number(after: delay) else { return UnendingCall(body) }
        // Made outside the lock, under which nothing is allocated but a block now and then.
        let call = BatchedCall()
        let body = CapturedContext.binding(body)
        lock.take()
        let (place, made) = store.add(body, to: number, of: self)
        lock.release()
        call.begin(at: place)
        if let made { arm(made) }
        return call
    }

    /// The number of the bucket that the delay ends in; nil where that never comes.
    @inline(__always)
    private func number(after delay: Int64) -> Int64? {
        if isMonotonic {
            let now = txaio_estimate_time(txaio_estimate_current(), txaio_clock_cycles())
            if now != .min, let number = keys.number(of: Delay.deadline(from: now, after: delay), within: Self.error) {
                return number
            }
        }
        return exactNumber(after: delay)
    }

    /// Nanoseconds by which the cheaper clock may be wrong.
    private static var error: Int64 { Int64(TXAIO_ESTIMATE_ERROR) }

    @inline(never)
    private func exactNumber(after delay: Int64) -> Int64? {
        let now = isMonotonic ? txaio_estimate_exact(txaio_estimate_current()) : now()
        return keys.number(of: Delay.deadline(from: now, after: delay))
    }

    /// Makes a bucket's real timer.
    @inline(never)
    private func arm(_ bucket: Bucket) {
        let (source, now) = (source(), now())
        let time = keys.time(of: bucket.number)
        let (wait, overflow) = time.subtractingReportingOverflow(now)
        let delay = overflow ? (time < now ? 0 : Delay.never - 1) : max(0, wait)
        CoreLog.batchedTimer.trace?("Bucket at {time} ns made, due in {delay} ns", time: time, delay: delay)
        let alarm = BucketAlarm(bucket, of: self, due: Delay.deadline(from: now, after: delay))
        let timer = source.callLater(nanoseconds: delay) { alarm.ring() }
        let isGone = withLock { _ in
            if !bucket.isGone { bucket.alarm = timer }
            return bucket.isGone
        }
        // Its calls were all cancelled meanwhile; or it has fired, and then this does nothing.
        if isGone { timer.cancel() }
    }

    /// Looks at a block, for who cancelled the last of its calls.
    @inline(never)
    internal func lookAt(_ block: BatchBlock.Pointer) {
        guard let taken = withLock({ $0.lookAt(block) }) else { return }
        taken.alarm?.cancel()
        CoreLog.batchedTimer.trace?("Bucket at {time} ns gone: all cancelled", time: keys.time(of: taken.number))
        // Nothing waits in its blocks: this gives them back.
        _ = BatchRun(taken, chunkSize: 1, bucketLength: 0)
    }

    // ------------------------------------------------------------------------------------------------ firing

    /// Runs a bucket, as its time has come.
    fileprivate func fire(_ bucket: Bucket, due: Int64) {
        guard let taken = withLock({ $0.take(bucket) }) else { return }
        if CoreLog.batchedTimer.isEnabled(.warn), let late = CoreLog.lateness(of: due, at: now()) {
            CoreLog.batchedTimer.warn("A bucket of delayed calls is {ms} ms late", ("ms", late))
        }
        CoreLog.batchedTimer.trace?(
            "Bucket at {time} ns fires with {calls} calls",
            time: keys.time(of: taken.number),
            calls: taken.count
        )
        let run = BatchRun(taken, chunkSize: chunkSize, bucketLength: keys.length)
        perform { self.runChunk(of: run) }
    }

    private func runChunk(of run: BatchRun) {
        guard run.runChunk() else { return }
        _ = source().callLater(nanoseconds: run.spacing) { self.perform { self.runChunk(of: run) } }
    }

    /// Cancels the calls of a bucket that whoever kept time for it forgot.
    fileprivate func abandon(_ bucket: Bucket) {
        guard let taken = withLock({ $0.take(bucket) }) else { return }
        _ = BatchRun(taken, chunkSize: 1, bucketLength: 0)
    }
}

/// What a bucket's real timer holds: the bucket is run by it, or given up with it.
private final class BucketAlarm: Sendable {
    private let bucket: Bucket
    private let timer: BucketedTimer
    /// When it should ring.
    private let due: Int64

    init(_ bucket: Bucket, of timer: BucketedTimer, due: Int64) {
        self.bucket = bucket
        self.timer = timer
        self.due = due
    }

    func ring() { timer.fire(bucket, due: due) }

    // Where it rang, or all calls were cancelled, the bucket is gone and this does nothing.
    deinit { timer.abandon(bucket) }
}
