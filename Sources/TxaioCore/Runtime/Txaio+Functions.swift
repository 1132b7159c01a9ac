// The functions of ``TxaioRuntime`` for the process. Each throws `TxaioError.notSelected` before a framework is selected, and is
// documented where it is done.

extension Txaio {
    /// See ``TxaioRuntime/createFuture(of:canceller:file:line:)``.
    public static func createFuture<Value: Sendable>(
        of type: Value.Type = Value.self,
        canceller: (@Sendable (TxaioFuture<Value>) -> Void)? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.createFuture(of: type, canceller: canceller, file: file, line: line)
    }

    /// See ``TxaioRuntime/createFuture(result:error:canceller:file:line:)``.
    public static func createFuture<Value: Sendable>(
        result: Value?,
        error: (any Error)?,
        canceller: (@Sendable (TxaioFuture<Value>) -> Void)? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.createFuture(result: result, error: error, canceller: canceller, file: file, line: line)
    }

    /// See ``TxaioRuntime/createFutureSuccess(_:file:line:)``.
    public static func createFutureSuccess<Value: Sendable>(
        _ result: Value,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.createFutureSuccess(result, file: file, line: line)
    }

    /// See ``TxaioRuntime/createFutureError(_:of:file:line:)``.
    public static func createFutureError<Value: Sendable>(
        _ error: any Error,
        of type: Value.Type = Value.self,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.createFutureError(error, of: type, file: file, line: line)
    }

    /// See ``TxaioRuntime/createFailure(_:file:line:)``.
    public static func createFailure(
        _ error: any Error,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> FutureFailure {
        try runtime.createFailure(error, file: file, line: line)
    }

    /// See ``TxaioRuntime/asFuture(file:line:_:)``.
    public static func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: () throws -> Value
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.asFuture(file: file, line: line, body)
    }

    /// See ``TxaioRuntime/asFuture(file:line:_:)``.
    public static func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: () throws -> TxaioFuture<Value>
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.asFuture(file: file, line: line, body)
    }

    /// See ``TxaioRuntime/asFuture(file:line:_:)``.
    public static func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping @Sendable () async throws -> Value
    ) throws(TxaioError) -> TxaioFuture<Value> {
        try runtime.asFuture(file: file, line: line, body)
    }

    /// See ``TxaioRuntime/isFuture(_:)``.
    public static func isFuture(_ something: Any) throws(TxaioError) -> Bool { try runtime.isFuture(something) }

    /// See ``TxaioRuntime/isCalled(_:)``.
    public static func isCalled(_ future: AnyTxaioFuture) throws(TxaioError) -> Bool {
        try runtime.isCalled(future)
    }

    /// See ``TxaioRuntime/resolve(_:_:)``.
    public static func resolve<Value: Sendable>(_ future: TxaioFuture<Value>, _ value: Value) throws(TxaioError) {
        try runtime.resolve(future, value)
    }

    /// See ``TxaioRuntime/resolve(_:)``.
    public static func resolve(_ future: TxaioFuture<Void>) throws(TxaioError) { try runtime.resolve(future) }

    /// See ``TxaioRuntime/reject(_:_:file:line:)``.
    public static func reject<Value: Sendable>(
        _ future: TxaioFuture<Value>,
        _ error: any Error,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) {
        try runtime.reject(future, error, file: file, line: line)
    }

    /// See ``TxaioRuntime/cancel(_:_:file:line:)``.
    public static func cancel(
        _ future: AnyTxaioFuture,
        _ message: String? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) {
        try runtime.cancel(future, message, file: file, line: line)
    }

    /// See ``TxaioFuture/addCallbacks(_:_:)``.
    public static func addCallbacks<Value: Sendable>(
        _ future: TxaioFuture<Value>,
        _ callback: consuming @escaping @Sendable (Value) throws -> Void,
        _ errback: consuming (@Sendable (any FailedFuture) throws -> Void)? = nil
    ) throws(TxaioError) {
        try runtime.addCallbacks(future, callback, errback)
    }

    /// Adds an errback alone.
    public static func addCallbacks(
        _ future: AnyTxaioFuture,
        _ callback: Never?,
        _ errback: @escaping @Sendable (any FailedFuture) throws -> Void
    ) throws(TxaioError) {
        try runtime.addCallbacks(future, nil, errback)
    }

    /// See ``TxaioRuntime/gather(_:consumeExceptions:file:line:)``.
    public static func gather<Value: Sendable>(
        _ futures: some Sequence<TxaioFuture<Value>>,
        consumeExceptions: Bool = true,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<[Result<Value, FutureFailure>]> {
        try runtime.gather(futures, consumeExceptions: consumeExceptions, file: file, line: line)
    }

    /// See ``TxaioRuntime/callLater(_:_:)``.
    @discardableResult
    public static func callLater(
        _ delay: Duration,
        _ body: @escaping @Sendable () throws -> Void
    ) throws(TxaioError) -> any DelayedCall {
        try runtime.callLater(delay, body)
    }

    /// See ``TxaioRuntime/callLater(_:_:)``; the delay is in seconds.
    @discardableResult
    public static func callLater(
        _ seconds: Double,
        _ body: @escaping @Sendable () throws -> Void
    ) throws(TxaioError) -> any DelayedCall {
        try runtime.callLater(seconds, body)
    }

    /// See ``TxaioRuntime/sleep(_:)``.
    public static func sleep(_ delay: Duration) throws(TxaioError) -> TxaioFuture<Void> { try runtime.sleep(delay) }

    /// See ``TxaioRuntime/sleep(_:)``; the delay is in seconds.
    public static func sleep(_ seconds: Double) throws(TxaioError) -> TxaioFuture<Void> { try runtime.sleep(seconds) }

    /// See ``TxaioRuntime/makeBatchedTimer(secondsPerBucket:chunkSize:rounding:)``; `config.loop` is read at each call.
    public static func makeBatchedTimer(
        secondsPerBucket seconds: Double,
        chunkSize: Int = 100,
        rounding: BatchRounding = .down
    ) throws(TxaioError) -> any BatchedTimer {
        let runtime = try runtime
        let current = { @Sendable in (try? Txaio.runtime) ?? runtime }
        return try runtime.makeBatchedTimer(
            seconds,
            chunkSize,
            rounding,
            now: { current().now },
            clock: isMonotonic ? .monotonicUnlessConfigured : .given,
            runtime: current
        )
    }

    /// See ``TxaioRuntime/failureMessage(_:)``.
    public static func failureMessage(_ failure: Any) throws(TxaioError) -> String {
        try runtime.failureMessage(failure)
    }

    /// See ``TxaioRuntime/failureTraceback(_:)``.
    public static func failureTraceback(_ failure: any FailedFuture) throws(TxaioError) -> FailureTraceback? {
        try runtime.failureTraceback(failure)
    }

    /// See ``TxaioRuntime/failureFormatTraceback(_:)``.
    public static func failureFormatTraceback(_ failure: Any) throws(TxaioError) -> String {
        try runtime.failureFormatTraceback(failure)
    }

    /// See ``TxaioRuntime/timeNs()``.
    public static func timeNs() throws(TxaioError) -> Int64 { try runtime.timeNs() }

    /// See ``TxaioRuntime/perfCounterNs()``.
    public static func perfCounterNs() throws(TxaioError) -> Int64 { try runtime.perfCounterNs() }
}
