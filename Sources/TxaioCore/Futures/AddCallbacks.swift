/// A callback, its errback if there is one, and the log scope that they were added in.
///
/// Not copyable, so that none of them is retained on the way to its call.
@usableFromInline
internal struct CallbackPair<Value: Sendable>: ~Copyable {
    @usableFromInline internal let callback: @Sendable (Value) throws -> Void
    @usableFromInline internal let errback: (@Sendable (any FailedFuture) throws -> Void)?
    @usableFromInline internal let context: HeldContext

    @inlinable @inline(__always)
    internal init(
        _ callback: consuming @escaping @Sendable (Value) throws -> Void,
        _ errback: consuming (@Sendable (any FailedFuture) throws -> Void)?
    ) {
        self.callback = callback
        self.errback = errback
        context = HeldContext()
    }

    @inlinable @inline(__always)
    internal borrowing func run(_ future: UnsafeRawPointer) {
        // By value to what is seldom called: nothing here is then asked for its address, and all stays in registers.
        guard future.with(TxaioFuture<Value>.self, { $0.kind != .failure }) else {
            return runErrback(errback, context.scope, future)
        }
        let value = future.with(TxaioFuture<Value>.self) { $0.fulfilled }
        do {
            if CapturedContext.isPlain {
                try callback(value)
            } else {
                try HeldContext.run(callback, with: value, in: context.scope)
            }
        } catch {
            callbackThrew(error, errback, context.scope, future)
        }
    }
}

/// An errback alone.
@usableFromInline
internal struct LoneErrback: ~Copyable {
    @usableFromInline internal let errback: @Sendable (any FailedFuture) throws -> Void
    @usableFromInline internal let context: CapturedContext

    @usableFromInline
    internal init(
        _ errback: consuming @escaping @Sendable (any FailedFuture) throws -> Void,
        _ context: CapturedContext
    ) {
        self.errback = errback
        self.context = context
    }
}

/// Its own errback gets the error; without one it is logged, as nobody else would hear of it.
@usableFromInline @inline(never)
internal func callbackThrew(
    _ error: any Error,
    _ errback: (@Sendable (any FailedFuture) throws -> Void)?,
    _ scope: Unmanaged<AnyObject>?,
    _ future: UnsafeRawPointer
) {
    let context = CapturedContext(held: scope)
    future.with(AnyTxaioFuture.self) { future in
        guard let errback else { return context.run { future.reportThrown(error, by: "callback") } }
        call(
            errback,
            with: FutureFailure(error, file: future.origin.place, line: UInt(future.origin.line)),
            context,
            future
        )
    }
}

/// Hands a failed future's failure to an errback, if there is one.
@usableFromInline @inline(never)
internal func runErrback(
    _ errback: (@Sendable (any FailedFuture) throws -> Void)?,
    _ scope: Unmanaged<AnyObject>?,
    _ future: UnsafeRawPointer
) {
    guard let errback else { return }
    future.with(AnyTxaioFuture.self) { runErrback(errback, CapturedContext(held: scope), $0) }
}

/// Hands a failed future's failure to an errback.
private func runErrback(
    _ errback: @Sendable (any FailedFuture) throws -> Void,
    _ context: CapturedContext,
    _ future: AnyTxaioFuture
) {
    guard let failure = future.failure else { return }
    future.noteHandled()
    call(errback, with: failure, context, future)
}

private func call(
    _ errback: @Sendable (any FailedFuture) throws -> Void,
    with failure: FutureFailure,
    _ context: CapturedContext,
    _ future: AnyTxaioFuture
) {
    do {
        try context.run { () throws in try errback(failure) }
    } catch {
        context.run { future.reportThrown(error, by: "errback") }
    }
}

extension TxaioFuture {
    /// Adds a callback, and an errback if there is one; call it again for more.
    ///
    /// Each callback gets the original result: what one returns or throws does not reach the next. One that throws has its
    /// own errback called with that error, or is logged at error. To hand a new value on, see ``map(file:line:_:)``.
    @inlinable
    public func addCallbacks(
        _ callback: consuming @escaping @Sendable (Value) throws -> Void,
        _ errback: consuming (@Sendable (any FailedFuture) throws -> Void)? = nil
    ) {
        let node = state.makeNode(CallbackPair<Value>(callback, errback)) { node, state, future in
            let pair = state.dismantle(node, as: CallbackPair<Value>.self, with: future)
            if let future { pair.run(future) }
        }
        add(node)
    }
}

extension AnyTxaioFuture {
    /// Adds an errback alone: `addCallbacks(nil, errback)`.
    public func addCallbacks(
        _ callback: Never?,
        _ errback: consuming @escaping @Sendable (any FailedFuture) throws -> Void
    ) {
        let node = state.makeNode(LoneErrback(errback, .current)) { node, state, future in
            let lone = state.dismantle(node, as: LoneErrback.self, with: future)
            if let future { future.with(AnyTxaioFuture.self) { runErrback(lone.errback, lone.context, $0) } }
        }
        add(node)
    }
}
