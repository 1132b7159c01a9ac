internal import TxaioLog

/// A call that a runtime's `callLater` put off: it runs on the runtime's loop, in the scope in which it was made.
internal final class RuntimeCall: TimerCall, @unchecked Sendable {
    @exclusivity(unchecked) private var body: (@Sendable () throws -> Void)?
    @exclusivity(unchecked) private var scope: (any AnyObject & Sendable)?
    /// The state of its runtime, which is held unless it lives as long as the process.
    @exclusivity(unchecked) private var state: UnsafeMutablePointer<RuntimeState>?

    internal init(_ body: @escaping @Sendable () throws -> Void, on state: UnsafeMutablePointer<RuntimeState>) {
        self.body = body
        self.state = state
        scope = CapturedContext.current.scope
        if !state.pointee.isPermanent { _ = state.pointee.runtime.retain() }
        super.init()
    }

    /// Never called: without it the compiler writes one, and warns that its own calls itself.
    override private init() { super.init() }

    deinit { Self.letGo(state) }

    private static func letGo(_ state: UnsafeMutablePointer<RuntimeState>?) {
        if let state, !state.pointee.isPermanent { state.pointee.runtime.release() }
    }

    override internal func drop() {
        body = nil
        scope = nil
        Self.letGo(state.take())
    }

    /// On whatever thread the time source calls.
    override internal func perform(due: Int64) {
        guard let body = body.take(), let held = state.take() else { return }
        defer { Self.letGo(held) }
        let context = CapturedContext(scope: scope.take())
        held.pointee.runtime._withUnsafeGuaranteedRef { runtime in
            if runtime.isCurrent { return call(body, in: context, due: due, by: runtime) }
            runtime.enqueue { self.call(body, in: context, due: due, by: runtime) }
        }
    }

    private func call(
        _ body: @Sendable () throws -> Void,
        in context: CapturedContext,
        due: Int64,
        by runtime: TxaioRuntime
    ) {
        context.run {
            if CoreLog.timer.isEnabled(.warn), let late = CoreLog.lateness(of: due, at: runtime.now) {
                CoreLog.timer.warn("A delayed call is {ms} ms late", ("ms", late))
            }
            do {
                try body()
            } catch {
                CoreLog.timer.error("A delayed call threw: {error}", ("error", failureText(of: error)))
            }
        }
    }
}
