internal import TxaioLog

/// A call that a runtime's `callLater` put off: it runs on the runtime's loop, in the scope in which it was made.
internal final class RuntimeCall: TimerCall, @unchecked Sendable {
    @exclusivity(unchecked) private var body: (@Sendable () throws -> Void)?
    @exclusivity(unchecked) private var scope: (any AnyObject & Sendable)?
    @exclusivity(unchecked) private var runtime: TxaioRuntime?
    private let due: Int64

    internal init(_ body: @escaping @Sendable () throws -> Void, due: Int64, on runtime: TxaioRuntime) {
        self.body = body
        self.runtime = runtime
        self.due = due
        scope = CapturedContext.current.scope
        super.init()
    }

    /// Never called: without it the compiler writes one, and warns that its own calls itself.
    override private init() {
        due = 0
        super.init()
    }

    override internal func drop() {
        body = nil
        scope = nil
        runtime = nil
    }

    /// On whatever thread the time source calls.
    override internal func perform() {
        guard let body = body.take(), let runtime = runtime.take() else { return }
        let context = CapturedContext(scope: scope.take())
        if runtime.isCurrent { return call(body, in: context, by: runtime) }
        runtime.enqueue { self.call(body, in: context, by: runtime) }
    }

    private func call(_ body: @Sendable () throws -> Void, in context: CapturedContext, by runtime: TxaioRuntime) {
        context.run {
            if CoreLog.timer.isEnabled(.warn) { warnIfLate(runtime.timeSource.nanoseconds - due) }
            do {
                try body()
            } catch {
                CoreLog.timer.error("A delayed call threw: {error}", ("error", failureText(of: error)))
            }
        }
    }

    private func warnIfLate(_ late: Int64) {
        if late > CoreLog.lateness { CoreLog.timer.warn("A delayed call is {ms} ms late", ("ms", late / 1_000_000)) }
    }
}
