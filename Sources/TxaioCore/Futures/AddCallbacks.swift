/// A callback, an errback or both, and the log scope that they were added in.
@usableFromInline
internal final class CallbackPair<Value: Sendable>: CallbackNode<Value> {
    @usableFromInline internal let callback: (@Sendable (Value) throws -> Void)?
    @usableFromInline internal let errback: (@Sendable (any FailedFuture) throws -> Void)?
    @usableFromInline internal let context: CapturedContext

    @inlinable
    internal init(
        _ callback: (@Sendable (Value) throws -> Void)?,
        _ errback: (@Sendable (any FailedFuture) throws -> Void)?,
        _ context: CapturedContext
    ) {
        self.callback = callback
        self.errback = errback
        self.context = context
        super.init()
    }

    @inlinable
    override internal func run(_ future: TxaioFuture<Value>) {
        switch future.result {
        case .success(let value)?:
            guard let callback else { return }
            do { try context.run { () throws in try callback(value) } } catch { callbackThrew(error, future) }
        case .failure(let failure)?:
            guard errback != nil else { return }
            future.noteHandled()
            runErrback(failure, future)
        case nil: break
        }
    }

    /// Its own errback gets the error; without one it is logged, as nobody else would hear of it.
    @usableFromInline @inline(never)
    internal func callbackThrew(_ error: any Error, _ future: TxaioFuture<Value>) {
        let failure = FutureFailure(error, file: future.file, line: UInt(future.line))
        if errback != nil { return runErrback(failure, future) }
        context.run { future.reportThrown(error, by: "callback") }
    }

    @usableFromInline @inline(never)
    internal func runErrback(_ failure: FutureFailure, _ future: TxaioFuture<Value>) {
        do {
            try context.run { () throws in try errback?(failure) }
        } catch {
            context.run { future.reportThrown(error, by: "errback") }
        }
    }
}

extension TxaioFuture {
    /// Adds a callback, and an errback if there is one; call it again for more.
    ///
    /// Each callback gets the original result: what one returns or throws does not reach the next. One that throws has its
    /// own errback called with that error, or is logged at error. To hand a new value on, see ``map(_:)``.
    @inlinable
    public func addCallbacks(
        _ callback: @escaping @Sendable (Value) throws -> Void,
        _ errback: (@Sendable (any FailedFuture) throws -> Void)? = nil
    ) {
        add(CallbackPair(callback, errback, .current))
    }

    /// Adds an errback alone: `addCallbacks(nil, errback)`.
    @inlinable
    public func addCallbacks(_ callback: Never?, _ errback: @escaping @Sendable (any FailedFuture) throws -> Void) {
        add(CallbackPair(nil, errback, .current))
    }
}
