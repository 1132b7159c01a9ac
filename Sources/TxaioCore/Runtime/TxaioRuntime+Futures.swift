// txaio's functions on futures, under its names.

extension TxaioRuntime {
    /// Makes a future that nobody has resolved.
    ///
    /// - Parameters:
    ///   - type: Of its result, where the context does not say.
    ///   - canceller: Called with the future in `cancel`, before its errbacks.
    ///   - file: Leave it out.
    ///   - line: Leave it out.
    @inlinable @inline(__always)
    public func createFuture<Value: Sendable>(
        of type: Value.Type = Value.self,
        canceller: (@Sendable (TxaioFuture<Value>) -> Void)? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<Value> {
        guard let canceller else { return .pending(on: state, file: file, line: line) }
        return makeFuture(canceller, file: file, line: line)
    }

    @usableFromInline @inline(never)
    internal func makeFuture<Value: Sendable>(
        _ canceller: @escaping @Sendable (TxaioFuture<Value>) -> Void,
        file: StaticString,
        line: UInt
    ) -> TxaioFuture<Value> {
        let future = TxaioFuture<Value>.pending(on: state, file: file, line: line)
        future.hold(CancellerCall(canceller))
        return future
    }

    /// Makes a future from what there may be: resolved with a result, failed with an error, or neither.
    ///
    /// Throws `TxaioError.bothResultAndError` where both are given.
    public func createFuture<Value: Sendable>(
        result: Value?,
        error: (any Error)?,
        canceller: (@Sendable (TxaioFuture<Value>) -> Void)? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) -> TxaioFuture<Value> {
        switch (result, error) {
        case (let result?, nil): return createFutureSuccess(result, file: file, line: line)
        case (nil, let error?): return createFutureError(error, file: file, line: line)
        case (nil, nil): return createFuture(canceller: canceller, file: file, line: line)
        case (_?, _?): throw .bothResultAndError
        }
    }

    /// Makes a future that is fulfilled.
    @inlinable
    public func createFutureSuccess<Value: Sendable>(
        _ result: Value,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<Value> {
        .fulfilled(on: state, result: result, file: file, line: line)
    }

    /// Makes a future that has failed, with an error or a ``FailedFuture``.
    @inline(never)
    public func createFutureError<Value: Sendable>(
        _ error: any Error,
        of type: Value.Type = Value.self,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<Value> {
        let traceback = FailureTraceback.isWanted ? FailureTraceback.capture() : nil
        let failure = FutureFailure(error, traceback: traceback, file: file, line: line)
        return .failed(on: state, failure: failure, file: file, line: line)
    }

    /// Wraps an error as an errback would get it, with this place and a backtrace where the platform gives one.
    @inline(never)
    public func createFailure(
        _ error: any Error,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> FutureFailure {
        FutureFailure(error, traceback: .capture(), file: file, line: line)
    }

    /// Fulfils a future; see ``TxaioFuture/resolve(_:)``.
    @inlinable
    public func resolve<Value: Sendable>(_ future: TxaioFuture<Value>, _ value: Value) throws(TxaioError) {
        try future.resolve(value)
    }

    /// Fulfils a future that has no value.
    @inlinable
    public func resolve(_ future: TxaioFuture<Void>) throws(TxaioError) { try future.resolve(()) }

    /// Fails a future; see ``TxaioFuture/reject(_:file:line:)``.
    public func reject<Value: Sendable>(
        _ future: TxaioFuture<Value>,
        _ error: any Error,
        file: StaticString = #fileID,
        line: UInt = #line
    ) throws(TxaioError) {
        try future.reject(error, file: file, line: line)
    }

    /// Cancels a future; see ``TxaioFuture/cancel(_:file:line:)``.
    public func cancel(
        _ future: AnyTxaioFuture,
        _ message: String? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        future.cancel(message, file: file, line: line)
    }

    /// Adds a callback, and an errback if there is one; see ``TxaioFuture/addCallbacks(_:_:)-(_,((any_FailedFuture)->Void)?)``.
    @inlinable
    public func addCallbacks<Value: Sendable>(
        _ future: TxaioFuture<Value>,
        _ callback: consuming @escaping @Sendable (Value) throws -> Void,
        _ errback: consuming (@Sendable (any FailedFuture) throws -> Void)? = nil
    ) {
        future.addCallbacks(callback, errback)
    }

    /// Adds an errback alone.
    @inlinable
    public func addCallbacks(
        _ future: AnyTxaioFuture,
        _ callback: Never?,
        _ errback: @escaping @Sendable (any FailedFuture) throws -> Void
    ) {
        future.addCallbacks(nil, errback)
    }

    /// Whether something is a future of txaio's.
    public func isFuture(_ something: Any) -> Bool { something is AnyTxaioFuture }

    /// Whether a future was resolved, rejected or cancelled.
    @inlinable
    public func isCalled(_ future: AnyTxaioFuture) -> Bool { future.isCalled }

    /// `TYPE: TEXT` of a failure, in one line, for people.
    ///
    /// Never fails: of something else it says that it has no message.
    public func failureMessage(_ failure: Any) -> String {
        guard let failure = failure as? any FailedFuture else {
            return "Failed to produce failure message for \"\(failure)\""
        }
        return failureText(of: failure.value)
    }

    /// How the program came to where a failure was made, if that is known.
    public func failureTraceback(_ failure: any FailedFuture) -> FailureTraceback? {
        (failure as? FutureFailure)?.traceback
    }

    /// A failure's traceback, type and text, in several lines.
    ///
    /// Never fails: of something else it says that it has none.
    public func failureFormatTraceback(_ failure: Any) -> String {
        guard let failure = failure as? any FailedFuture else {
            return "Failed to format failure traceback for '\(failure)'"
        }
        let text = "\(type(of: failure.value)): \(failure.value)\n"
        guard let known = failure as? FutureFailure else { return text }
        guard let traceback = known.traceback else { return "\(text)  made at \(known.file):\(known.line)\n" }
        return "Traceback (innermost first):\n\(traceback)\n  made at \(known.file):\(known.line)\n\(text)"
    }
}
