internal import CTxaio
internal import TxaioLog

/// The thread of a ``ConcurrencyLoop``, and what waits for it.
internal final class LoopThread: Sendable {
    internal let timers: TimerService
    private let bell: Bell
    private let state = Lock(State())

    private struct State {
        var jobs: ContiguousArray<@Sendable () -> Void> = []
        /// Whether the thread sleeps, or is about to: then it is to be woken.
        var isAsleep = false
        var isStopped = false
    }

    internal init() {
        let bell = Bell()
        self.bell = bell
        timers = TimerService(now: { Clocks.monotonic() }, wake: { _ in bell.ring() })
    }

    internal func start(identity: UInt) {
        Platform.startThread(named: "txaio-loop") {
            txaio_loop_set(UnsafeRawPointer(bitPattern: identity))
            self.run()
        }
    }

    /// Has the thread end once it has run what it was given.
    internal func stop() {
        state.withLock { $0.isStopped = true }
        bell.ring()
    }

    internal func add(_ job: @escaping @Sendable () -> Void) {
        let isToBeWoken = state.withLock { state in
            state.jobs.append(job)
            defer { state.isAsleep = false }
            return state.isAsleep
        }
        if isToBeWoken { bell.ring() }
    }

    private enum Turn {
        case run(ContiguousArray<@Sendable () -> Void>)
        case sleep
        case stop
    }

    private func run() {
        var rung = bell.count(after: .max)
        while true {
            _ = timers.fire(now: Clocks.monotonic())
            switch turn() {
            case .run(let jobs): for job in jobs { job() }
            case .stop: return
            case .sleep:
                // Asked for again, as jobs have run since: what is added from here on rings.
                let wait = timers.next.map { max(0, $0 - Clocks.monotonic()) } ?? -1
                rung = bell.wait(after: rung, nanoseconds: wait)
                state.withLock { $0.isAsleep = false }
            }
        }
    }

    private func turn() -> Turn {
        state.withLock { state in
            if !state.jobs.isEmpty {
                var jobs: ContiguousArray<@Sendable () -> Void> = []
                swap(&jobs, &state.jobs)
                return .run(jobs)
            }
            if state.isStopped { return .stop }
            state.isAsleep = true
            return .sleep
        }
    }
}
