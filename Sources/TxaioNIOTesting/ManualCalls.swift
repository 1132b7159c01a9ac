#if NIO
internal import TxaioCore
internal import TxaioLog

/// The calls that wait for a loop whose time a test moves.
internal final class ManualCalls: Sendable {
    private struct State {
        var last: UInt64 = 0
        var calls: [UInt64: ManualCall] = [:]
    }

    private let state = Lock(State())

    internal func add(_ body: @escaping @Sendable () -> Void, due: Int64) -> ManualCall {
        state.withLock { state in
            state.last += 1
            let call = ManualCall(due: due, key: state.last, body: body, calls: self)
            state.calls[call.key] = call
            return call
        }
    }

    /// Takes a call out: whoever does that may run or cancel it.
    internal func take(_ call: ManualCall) -> Bool {
        state.withLock { $0.calls.removeValue(forKey: call.key) } != nil
    }

    internal func waiting(at now: Int64) -> [Duration] {
        state.withLock { $0.calls.values.map { $0.due } }.sorted().map { .nanoseconds($0 - now) }
    }
}

/// A call that waits for a loop whose time a test moves.
internal final class ManualCall: DelayedCall {
    internal let due: Int64
    internal let key: UInt64
    private let body: @Sendable () -> Void
    private let calls: ManualCalls

    internal init(due: Int64, key: UInt64, body: @escaping @Sendable () -> Void, calls: ManualCalls) {
        self.due = due
        self.key = key
        self.body = body
        self.calls = calls
    }

    internal func cancel() -> Bool { calls.take(self) }

    internal func run() {
        if calls.take(self) { body() }
    }
}
#endif
