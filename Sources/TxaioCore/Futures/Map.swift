/// Hands a future's result on to one made from it.
@usableFromInline
internal final class MapNode<Value: Sendable, NewValue: Sendable>: CallbackNode<Value> {
    @usableFromInline internal let transform: @Sendable (Value) throws -> NewValue
    @usableFromInline internal let child: TxaioFuture<NewValue>
    @usableFromInline internal let context: CapturedContext

    @inlinable
    internal init(
        _ transform: @escaping @Sendable (Value) throws -> NewValue,
        _ child: TxaioFuture<NewValue>,
        _ context: CapturedContext
    ) {
        self.transform = transform
        self.child = child
        self.context = context
        super.init()
    }

    @inlinable
    override internal func run(_ future: TxaioFuture<Value>) {
        switch future.result {
        case .success(let value)?:
            var result: Result<NewValue, FutureFailure>
            do {
                var made: NewValue?
                try context.run { () throws in made = try transform(value) }
                guard let made else { return }
                result = .success(made)
            } catch {
                result = .failure(FutureFailure(error, file: child.file, line: UInt(child.line)))
            }
            child.take(result)
        case .failure(let failure)?:
            future.noteHandled()
            child.take(.failure(failure))
        case nil: break
        }
    }
}

/// Hands a future's result on as it is.
internal final class ForwardNode<Value: Sendable>: CallbackNode<Value> {
    private let child: TxaioFuture<Value>

    internal init(_ child: TxaioFuture<Value>) {
        self.child = child
        super.init()
    }

    override internal func run(_ future: TxaioFuture<Value>) {
        guard let result = future.result else { return }
        future.noteHandled()
        child.take(result)
    }
}

extension TxaioFuture {
    /// A future of what `transform` makes of the result; an error, or what `transform` throws, is handed on.
    ///
    /// This is how to chain. Cancelling the new future leaves this one alone.
    @inlinable
    public func map<NewValue: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ transform: @escaping @Sendable (Value) throws -> NewValue
    ) -> TxaioFuture<NewValue> {
        let child = TxaioFuture<NewValue>(on: runtime, file: file, line: line)
        add(MapNode(transform, child, .current))
        return child
    }

    /// As ``map(file:line:_:)``, for a `transform` that gives a future itself, whose result is waited for.
    public func flatMap<NewValue: Sendable>(
        file: StaticString = #fileID,
        line: UInt = #line,
        _ transform: @escaping @Sendable (Value) throws -> TxaioFuture<NewValue>
    ) -> TxaioFuture<NewValue> {
        let child = TxaioFuture<NewValue>(on: runtime, file: file, line: line)
        addCallbacks(
            { value in
                do { try transform(value).add(ForwardNode(child)) } catch { child.take(.failure(FutureFailure(error))) }
            },
            { child.take(.failure(FutureFailure($0))) }
        )
        return child
    }

    /// Settles it with a result that comes from elsewhere; nothing happens where it is done, as it may have been cancelled.
    @inlinable
    internal func take(_ result: Result<Value, FutureFailure>) {
        switch state.claim() {
        case .won: settle(result, releasingCanceller: true)
        case .wonFromCanceller: settle(result, releasingCanceller: false)
        case .ignored, .lost: break
        }
    }
}
