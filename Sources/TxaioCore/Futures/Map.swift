public import CTxaio

/// Makes a new future's result from that of another.
@usableFromInline
internal struct Mapping<Value: Sendable, NewValue: Sendable>: ~Copyable {
    @usableFromInline internal let transform: @Sendable (Value) throws -> NewValue
    @usableFromInline internal let child: Unmanaged<TxaioFuture<NewValue>>
    @usableFromInline internal let context: HeldContext

    @inlinable @inline(__always)
    internal init(
        _ transform: consuming @escaping @Sendable (Value) throws -> NewValue,
        _ child: Unmanaged<TxaioFuture<NewValue>>
    ) {
        self.transform = transform
        self.child = child
        context = HeldContext()
    }

    /// Settles the child, once; what it holds of it goes to the queue with its callbacks.
    @inlinable @inline(__always)
    internal borrowing func run(_ future: UnsafeRawPointer) {
        guard future.with(TxaioFuture<Value>.self, { $0.kind != .failure }) else {
            future.with(AnyTxaioFuture.self) { handOn($0, child.takeRetainedValue()) }
            return
        }
        let value = future.with(TxaioFuture<Value>.self) { $0.fulfilled }
        let new: NewValue
        do {
            new =
                if CapturedContext.isPlain { try transform(value) } else {
                    try HeldContext.run(transform, with: value, in: context.scope)
                }
        } catch {
            child.takeRetainedValue().takeThrown(error)
            return
        }
        // The child is of the same loop.
        TxaioFuture.take(value: new, releasing: child)
    }
}

@usableFromInline @inline(never)
internal func handOn(_ future: AnyTxaioFuture, _ child: AnyTxaioFuture) {
    guard let failure = future.failure else { return }
    future.noteHandled()
    child.take(failure: failure)
}

extension TxaioFuture {
    /// A future of what `transform` makes of the result; an error, or what `transform` throws, is handed on.
    ///
    /// This is how to chain. Cancelling the new future leaves this one alone.
    @inlinable
    public func map<NewValue: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ transform: consuming @escaping @Sendable (Value) throws -> NewValue
    ) -> TxaioFuture<NewValue> {
        let child = TxaioFuture<NewValue>.pending(on: state, file: file, line: line)
        // Nobody else has it yet: its second reference needs no atomic operation.
        let held = Unmanaged<TxaioFuture<NewValue>>.fromOpaque(
            txaio_retain_unshared(Unmanaged.passUnretained(child).toOpaque())
        )
        let node = state.makeNode(Mapping<Value, NewValue>(transform, held)) { node, state, future in
            let mapping = state.dismantle(node, as: Mapping<Value, NewValue>.self, with: future)
            if let future { mapping.run(future) } else { mapping.child.release() }
        }
        add(node)
        return child
    }

    /// As ``map(file:line:_:)``, for a `transform` that gives a future itself, whose result is waited for.
    public func flatMap<NewValue: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ transform: @escaping @Sendable (Value) throws -> TxaioFuture<NewValue>
    ) -> TxaioFuture<NewValue> {
        let child = TxaioFuture<NewValue>.pending(on: state, file: file, line: line)
        addCallbacks(
            { value in
                do {
                    try transform(value).forward(to: child)
                } catch {
                    child.take(failure: FutureFailure(error, file: file, line: line))
                }
            },
            { child.take(failure: FutureFailure($0)) }
        )
        return child
    }

    /// Hands its result on as it is.
    internal func forward(to child: TxaioFuture<Value>) {
        add(
            state.makeNode(child) { node, state, future in
                let child = state.dismantle(node, as: TxaioFuture<Value>.self, with: future)
                guard let future else { return }
                future.with(TxaioFuture<Value>.self) { future in
                    future.noteHandled()
                    child.take(future.result)
                }
            }
        )
    }
}
