extension TxaioRuntime {
    /// Calls `body` here and now, and makes a future of what it returns or throws.
    ///
    /// What txaio writes as `as_future(f, 1, key=2)` is `asFuture { try f(1, key: 2) }`.
    public func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: () throws -> Value
    ) -> TxaioFuture<Value> {
        do {
            return createFutureSuccess(try body(), file: file, line: line)
        } catch {
            return createFutureError(error, file: file, line: line)
        }
    }

    /// Calls `body` here and now; the future that it returns is returned itself.
    public func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: () throws -> TxaioFuture<Value>
    ) -> TxaioFuture<Value> {
        do {
            return try body()
        } catch {
            return createFutureError(error, file: file, line: line)
        }
    }

    /// Starts a task that runs `body`, and makes a future of what it returns or throws.
    ///
    /// Cancelling the future cancels the task.
    public func asFuture<Value: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ body: @escaping @Sendable () async throws -> Value
    ) -> TxaioFuture<Value> {
        future(of: Task { try await body() }, file: file, line: line)
    }

    /// A future of a task's result.
    ///
    /// Cancelling the future cancels the task.
    public func future<Value: Sendable>(
        of task: Task<Value, any Error>,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<Value> {
        let future = createFuture(of: Value.self, canceller: { _ in task.cancel() }, file: file, line: line)
        Task {
            let result = await task.result
            future.take(result.mapError { FutureFailure($0, file: file, line: line) })
        }
        return future
    }
}
