internal import CTxaio
internal import TxaioLog

/// The loop of the Swift Concurrency framework: one thread, which runs callbacks, timers and tasks that prefer it.
///
/// It is a `SerialExecutor` and a `TaskExecutor`, so that an actor can live on it, beside its futures. Its thread ends when
/// nobody holds the loop any more; timers and closures that wait hold it.
public final class ConcurrencyLoop: TimerLoop, SerialExecutor, TaskExecutor {
    private let thread: LoopThread

    /// Starts its thread.
    public init() {
        thread = LoopThread()
        thread.start(identity: UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
    }

    deinit {
        // The last to hold it may be what it called: the next loop may get its address.
        if isCurrent { txaio_loop_set(nil) }
        thread.stop()
    }

    /// Its timers, which go by the monotonic clock and live as long as it does.
    package var timers: TimerService { thread.timers }

    /// Nanoseconds of the monotonic clock.
    public var nanoseconds: Int64 { Clocks.monotonic() }

    package var isMonotonic: Bool { true }

    /// Whether the caller is called by this loop.
    public var isCurrent: Bool { txaio_loop_current() == UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }

    /// Whether the caller may touch what lives on it: what `assumeIsolated` of an actor asks, in a callback too.
    public func isIsolatingCurrentContext() -> Bool? { isCurrent }

    /// Swift Concurrency.
    public var framework: EventFramework { .concurrency }

    /// Yes.
    public var ownsItsThread: Bool { true }

    /// Runs `body` soon, after what was given before.
    ///
    /// Any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        thread.add { [self] in withExtendedLifetime(self, body) }
    }

    /// Calls `body` once, as soon as `delay` nanoseconds have passed.
    public func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        thread.timers.schedule(after: delay) { [self] in withExtendedLifetime(self, body) }
    }

    /// Runs a job of an actor or a task that prefers this loop.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        thread.add { [self] in
            job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        }
    }
}
