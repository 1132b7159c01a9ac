internal import TxaioLog

/// The part of a ``BucketedTimer`` that its real timers and calls hold.
///
/// User code, clocks and real timers are never called under the lock.
internal final class BatchCore: Sendable {
    private let keys: BucketKeys
    private let chunkSize: Int
    private let source: @Sendable () -> any TimeSource
    private let perform: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let store = Lock(BucketStore())

    /// Blocks that a bucket sweeps as its time comes.
    private static let sweptAtOnce = 256

    internal init(
        keys: BucketKeys,
        chunkSize: Int,
        source: @escaping @Sendable () -> any TimeSource,
        perform: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.keys = keys
        self.chunkSize = chunkSize
        self.source = source
        self.perform = perform
    }

    @inline(__always)
    internal func schedule(_ delay: Int64, _ body: @escaping BatchedCall.Body) -> any DelayedCall {
        let source = source()
        let now = source.nanoseconds
        guard let number = keys.number(of: Delay.deadline(from: now, after: delay)) else { return UnendingCall(body) }
        let call = BatchedCall(body, in: .current)
        if let made = store.withLock({ $0.add(call, to: number, of: self) }) { arm(made, now: now, by: source) }
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
        let isGone = store.withLock { _ in
            if !bucket.isGone { bucket.alarm = timer }
            return bucket.isGone
        }
        // Its calls were all cancelled meanwhile; or it has fired, and then this does nothing.
        if isGone { timer.cancel() }
    }

    /// Looks at a block, for who cancelled one of its calls.
    @inline(never)
    internal func lookAt(_ block: BatchBlock.Pointer) {
        guard let taken = store.withLock({ $0.lookAt(block) }) else { return }
        taken.alarm?.cancel()
        CoreLog.batchedTimer.trace?("Bucket at {time} ns gone: all cancelled", time: keys.time(of: taken.number))
    }

    /// The user let go of the timer; calls that wait run all the same.
    internal func close() { store.withLock { $0.close() } }

    // ------------------------------------------------------------------------------------------------ firing

    /// Runs a bucket, as its time has come.
    fileprivate func fire(_ bucket: Bucket) {
        let taken = store.withLock { store in
            store.sweep(atMost: Self.sweptAtOnce)
            return store.take(bucket)
        }
        guard let taken else { return }
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
        guard let taken = store.withLock({ $0.take(bucket) }) else { return }
        _ = BatchRun(taken, chunkSize: 1, bucketLength: 0)
    }
}

/// What a bucket's real timer holds: the bucket is run by it, or given up with it.
private final class BucketAlarm: Sendable {
    private let bucket: Bucket
    private let core: BatchCore

    init(_ bucket: Bucket, of core: BatchCore) {
        self.bucket = bucket
        self.core = core
    }

    func ring() { core.fire(bucket) }

    // Where it rang, or all calls were cancelled, the bucket is gone and this does nothing.
    deinit { core.abandon(bucket) }
}
