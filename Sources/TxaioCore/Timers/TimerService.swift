internal import TxaioLog

/// The timers of one loop, which has to wake for the earliest alone.
///
/// Any thread may schedule and cancel; the loop calls ``fire(now:)``. A call runs or is cancelled, never both, never neither:
/// `ran + cancelled == scheduled` once the service was shut down.
package final class TimerService: @unchecked Sendable {
    // Unchecked: `state` is under the lock.
    private struct State {
        var queue = TimerQueue()
        /// While it is over 0 nobody need be woken: `fire` will answer when to come again.
        var firing = 0
        var isShutDown = false
    }

    private let lock = PlainLock()
    @exclusivity(unchecked) private var state = State()
    private let now: @Sendable () -> Int64
    private let wake: @Sendable (Int64) -> Void
    private let refuse: @Sendable () -> Void

    /// Makes a service without timers.
    ///
    /// - Parameters:
    ///   - now: The loop's clock, in nanoseconds.
    ///   - wake: Called with a deadline that comes before all others, by the thread that schedules, under no lock. Two calls
    ///     may overtake each other: the earlier deadline counts.
    ///   - refuse: Called for each call that is scheduled after the shutdown, under no lock.
    package init(
        now: @escaping @Sendable () -> Int64,
        wake: @escaping @Sendable (Int64) -> Void,
        refuse: @escaping @Sendable () -> Void = {}
    ) {
        self.now = now
        self.wake = wake
        self.refuse = refuse
    }

    deinit { shutdown() }

    @inline(__always)
    private func withLock<R>(_ body: (inout State) -> R) -> R {
        lock.take()
        defer { lock.release() }
        return body(&state)
    }

    /// Has `body` run by the first ``fire(now:)`` after `delay` nanoseconds, never inside this call.
    ///
    /// - Returns: What cancels it. After a shutdown it is cancelled already.
    /// - Complexity: Constant on average, O(log n) where each deadline comes before the others; cancelling is constant.
    package func schedule(after delay: Int64, body: @escaping @Sendable () -> Void) -> TimerCall {
        let call = ClosureCall(body)
        schedule(call, at: Delay.deadline(from: now(), after: max(delay, 0)))
        return call
    }

    /// Has a call run by the first ``fire(now:)`` from a deadline on, never inside this call.
    ///
    /// - Parameter call: Just made: nobody else may know it yet.
    package func schedule(_ call: TimerCall, at deadline: Int64) {
        let (wakes, refused) = withLock { state in
            guard !state.isShutDown else { return (false, true) }
            return (state.queue.add(call, deadline: deadline) && state.firing == 0, false)
        }
        if wakes, deadline != Delay.never { wake(deadline) }
        if refused {
            refuse()
            call.drop()
        }
    }

    /// Runs what is due, by deadline, then by the order of scheduling, and answers when to come again.
    ///
    /// What is scheduled meanwhile has to wait for another turn, even if it is due at once. Called by the loop; bodies run here,
    /// under no lock.
    ///
    /// - Returns: The next deadline, which may be over already; nil where nothing waits.
    package func fire(now: Int64) -> Int64? {
        let end = withLock { state in
            state.firing += 1
            return state.queue.added
        }
        while true {
            let (taken, next) = withLock { state -> (TimerQueue.Taken, Int64?) in
                let taken = state.queue.takeDue(at: now, before: end)
                guard case .nothing = taken else { return (taken, nil) }
                state.firing -= 1
                return (taken, state.queue.next())
            }
            switch taken {
            case .call(let call, let deadline): call.perform(due: deadline)
            case .cancelled: continue
            case .nothing: return next
            }
        }
    }

    /// The next deadline, or one before it; nil where nothing waits.
    package var next: Int64? { withLock { $0.queue.next() } }

    /// Cancels all that waits; what is scheduled from now on is cancelled at once.
    ///
    /// - Returns: How many it cancelled.
    @discardableResult
    package func shutdown() -> Int {
        let waiting = withLock { state in
            state.isShutDown = true
            return state.queue.takeAll()
        }
        return waiting.reduce(0) { $0 + ($1.cancel() ? 1 : 0) }
    }
}
