internal import Synchronization
internal import TxaioLog

/// The delayed calls of one loop, of which the loop need know the earliest only. Any thread.
package final class TimerService: Sendable {
    private let now: @Sendable () -> Int64
    private let wake: @Sendable (Int64) -> Void
    private let state = Lock(State())

    private struct State {
        var calls: [TimerCall] = []
        var sequence: UInt64 = 0
    }

    package init(now: @escaping @Sendable () -> Int64, wake: @escaping @Sendable (Int64) -> Void) {
        self.now = now
        self.wake = wake
    }

    /// The earliest deadline.
    package var next: Int64? { state.withLock { $0.calls.first?.deadline } }

    package func schedule(after delay: Int64, body: @escaping @Sendable () -> Void) -> any DelayedCall {
        let deadline = Delay.deadline(from: now(), after: delay)
        let call = TimerCall(deadline: deadline, body: body)
        if deadline == Delay.never { return call }
        let isFirst = state.withLock { state in
            let place = state.calls.firstIndex { $0.deadline > deadline } ?? state.calls.count
            state.calls.insert(call, at: place)
            return place == 0
        }
        if isFirst { wake(deadline) }
        return call
    }

    /// Runs what is due; returns the next deadline.
    package func fire(now: Int64) -> Int64? {
        let (due, next) = state.withLock { state in
            let count = state.calls.firstIndex { $0.deadline > now } ?? state.calls.count
            let due = Array(state.calls.prefix(count))
            state.calls.removeFirst(count)
            return (due, state.calls.first?.deadline)
        }
        for call in due { call.run() }
        return due.isEmpty ? next : self.next
    }
}

private final class TimerCall: DelayedCall {
    let deadline: Int64
    private let body: Lock<(@Sendable () -> Void)?>

    init(deadline: Int64, body: @escaping @Sendable () -> Void) {
        self.deadline = deadline
        self.body = Lock(body)
    }

    func cancel() -> Bool { take() != nil }

    func run() { take()?() }

    private func take() -> (@Sendable () -> Void)? {
        body.withLock { body in
            defer { body = nil }
            return body
        }
    }
}
