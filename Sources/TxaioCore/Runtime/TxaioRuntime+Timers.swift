internal import TxaioLog

// txaio's functions on time, under its names.

extension TxaioRuntime {
    /// Calls `body` once, no sooner than `delay` from now, never inside this call.
    ///
    /// It runs on the loop, in the current log scope. What it throws is logged at error and stops nothing else.
    ///
    /// - Parameters:
    ///   - delay: What is negative counts as 0; beyond 292 years it is never called.
    ///   - body: What to call.
    /// - Returns: What cancels the call.
    @discardableResult
    public func callLater(
        _ delay: Duration,
        _ body: @escaping @Sendable () throws -> Void
    ) -> any DelayedCall {
        schedule(Delay.nanoseconds(delay), body)
    }

    /// The same, for a delay in seconds; NaN counts as 0.
    @discardableResult
    public func callLater(
        _ seconds: Double,
        _ body: @escaping @Sendable () throws -> Void
    ) -> any DelayedCall {
        schedule(Delay.nanoseconds(seconds: seconds), body)
    }

    private func schedule(_ delay: Int64, _ body: @escaping @Sendable () throws -> Void) -> any DelayedCall {
        let due = Delay.deadline(from: now, after: delay)
        let call = RuntimeCall(body, on: state)
        guard let ownTimers else { return timeSource.callLater(nanoseconds: delay) { call.perform(due: due) } }
        ownTimers._withUnsafeGuaranteedRef { $0.schedule(call, at: due) }
        return call
    }

    /// A future that is fulfilled after `delay`.
    ///
    /// Cancelling it cancels the timer. It is cancelled itself where its loop shuts down.
    public func sleep(_ delay: Duration) -> TxaioFuture<Void> { sleep(nanoseconds: Delay.nanoseconds(delay)) }

    /// A future that is fulfilled after so many seconds.
    public func sleep(_ seconds: Double) -> TxaioFuture<Void> {
        sleep(nanoseconds: Delay.nanoseconds(seconds: seconds))
    }

    private func sleep(nanoseconds delay: Int64) -> TxaioFuture<Void> {
        let timer = SleepTimer()
        let future = createFuture(of: Void.self, canceller: { _ in timer.cancel() })
        let end = SleepEnd(future)
        timer.begin(schedule(delay) { end.comes() })
        return future
    }

    /// Makes a timer whose calls share one real timer for each bucket of time.
    ///
    /// For tens of thousands of timers whose exact time does not matter, such as the time-outs of idle connections: scheduling
    /// and cancelling take constant time, and a service has one timer a bucket however many calls wait. Throws
    /// `TxaioError.invalidBucket` and `TxaioError.invalidChunkSize`.
    ///
    /// - Parameters:
    ///   - seconds: How long a bucket is; more than 0, to the nanosecond.
    ///   - chunkSize: How many calls of a bucket run at once; the chunks are spread over the bucket's length.
    ///   - rounding: `.down` as txaio does, early by up to a bucket; `.up` is never early.
    public func makeBatchedTimer(
        secondsPerBucket seconds: Double,
        chunkSize: Int = 100,
        rounding: BatchRounding = .down
    ) throws(TxaioError) -> any BatchedTimer {
        try makeBatchedTimer(
            seconds,
            chunkSize,
            rounding,
            now: { self.now },
            clock: isMonotonic ? .monotonic : .given,
            runtime: { self }
        )
    }

    /// Makes one that asks for its runtime at each call.
    internal func makeBatchedTimer(
        _ seconds: Double,
        _ chunkSize: Int,
        _ rounding: BatchRounding,
        now: @escaping @Sendable () -> Int64,
        clock: BucketedTimer.Clock,
        runtime: @escaping @Sendable () -> TxaioRuntime
    ) throws(TxaioError) -> any BatchedTimer {
        try BucketedTimer(
            secondsPerBucket: seconds,
            chunkSize: chunkSize,
            rounding: rounding,
            now: now,
            clock: clock,
            source: { runtime().timeSource },
            perform: { body in
                let runtime = runtime()
                if runtime.isCurrent { body() } else { runtime.enqueue(body) }
            }
        )
    }

    /// Nanoseconds since 1970.
    public func timeNs() -> Int64 { Clocks.wall() }

    /// Nanoseconds of a clock that never goes back, for measuring.
    public func perfCounterNs() -> Int64 { Clocks.monotonic() }
}

/// The end of a `sleep`: its future is cancelled where the timer is dropped, as by the shutdown of its loop.
private final class SleepEnd: Sendable {
    private let future: TxaioFuture<Void>

    init(_ future: TxaioFuture<Void>) { self.future = future }

    func comes() { future.take(value: ()) }

    deinit { future.cancel("its timer was dropped") }
}

/// The timer of a `sleep`, which its future's canceller can reach.
private final class SleepTimer: Sendable {
    private let call = Lock<(any DelayedCall)?>(nil)

    func begin(_ call: any DelayedCall) { self.call.withLock { $0 = call } }

    func cancel() { call.withLock { $0 }?.cancel() }
}
