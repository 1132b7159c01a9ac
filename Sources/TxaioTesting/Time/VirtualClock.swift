internal import CTxaio
internal import Synchronization
public import TxaioCore
internal import TxaioLog

/// A loop whose time stands still until a test moves it.
///
/// The counterpart of Twisted's `task.Clock`. What is due runs on the thread that calls ``advance(by:)``, in the order of time,
/// and of scheduling within one moment; what that schedules runs too where it is due. The thread that made the clock, or
/// moved it last, counts as being on the loop.
public final class VirtualClock: TxaioLoop {
    private let state: Lock<State>
    private let owner: Atomic<UInt>

    /// The framework that it passes for.
    public let framework: EventFramework

    private struct State {
        var now: Int64
        var calls: [VirtualCall] = []
        var jobs: [@Sendable () -> Void] = []
    }

    /// Makes a clock.
    ///
    /// - Parameters:
    ///   - start: The time on it.
    ///   - framework: The one to pass for.
    public init(startingAt start: Duration = .zero, framework: EventFramework = .concurrency) {
        state = Lock(State(now: Delay.nanoseconds(start)))
        owner = Atomic(Self.thread)
        self.framework = framework
    }

    private static var thread: UInt { UInt(bitPattern: txaio_thread_current()) }

    /// The time on it.
    public var nanoseconds: Int64 { state.withLock { $0.now } }

    /// Whether the caller is called by it, or moves it.
    public var isCurrent: Bool { owner.load(ordering: .relaxed) == Self.thread }

    /// The delays of the calls that wait, the earliest first.
    public var waiting: [Duration] {
        state.withLock { state in state.calls.map { .nanoseconds($0.due - state.now) } }
    }

    /// Has `body` run at the next ``advance(by:)``.
    public func execute(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.jobs.append(body) } }

    /// Has `body` run once time has been moved so far.
    public func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        state.withLock { state in
            let due = Delay.deadline(from: state.now, after: delay)
            let call = VirtualCall(due: due, body: body, clock: self)
            let place = state.calls.firstIndex { $0.due > due } ?? state.calls.count
            state.calls.insert(call, at: place)
            return call
        }
    }

    /// Moves time by `duration` and runs what is due on the way, each call at its own time.
    public func advance(by duration: Duration = .zero) {
        owner.store(Self.thread, ordering: .relaxed)
        let end = Delay.deadline(from: nanoseconds, after: Delay.nanoseconds(duration))
        runJobs()
        while let call = nextCall(until: end) {
            call.body()
            runJobs()
        }
        state.withLock { $0.now = end }
    }

    private func runJobs() {
        while true {
            let jobs = state.withLock { state in
                defer { state.jobs = [] }
                return state.jobs
            }
            if jobs.isEmpty { return }
            for job in jobs { job() }
        }
    }

    private func nextCall(until end: Int64) -> VirtualCall? {
        state.withLock { state in
            guard let first = state.calls.first, first.due <= end, first.due != Delay.never else { return nil }
            state.now = max(state.now, first.due)
            return state.calls.removeFirst()
        }
    }

    fileprivate func remove(_ call: VirtualCall) -> Bool {
        state.withLock { state in
            guard let place = state.calls.firstIndex(where: { $0 === call }) else { return false }
            state.calls.remove(at: place)
            return true
        }
    }
}

private final class VirtualCall: DelayedCall {
    let due: Int64
    let body: @Sendable () -> Void
    private let clock: VirtualClock

    init(due: Int64, body: @escaping @Sendable () -> Void, clock: VirtualClock) {
        self.due = due
        self.body = body
        self.clock = clock
    }

    func cancel() -> Bool { clock.remove(self) }
}
