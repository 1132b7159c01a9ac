internal import Synchronization

/// What is known of the members of a `gather`.
internal final class Gathering<Value: Sendable>: @unchecked Sendable {
    // Unchecked: each member writes its own place, and whoever counts down to 0 reads them all.
    internal typealias Place = Result<Value, FutureFailure>

    private let places: UnsafeMutablePointer<Place?>
    private let count: Int
    private let missing: Atomic<Int>
    private let isCancelled = Atomic(false)
    private let consumesErrors: Bool
    internal let whole: TxaioFuture<[Place]>

    internal init(_ whole: TxaioFuture<[Place]>, count: Int, consumesErrors: Bool) {
        self.whole = whole
        self.count = count
        self.consumesErrors = consumesErrors
        missing = Atomic(count)
        places = .allocate(capacity: count)
        places.initialize(repeating: nil, count: count)
    }

    deinit {
        places.deinitialize(count: count)
        places.deallocate()
    }

    /// Takes a member's result; true where its error is handled by that.
    internal func take(_ result: Place, at index: Int) -> Bool {
        places[index] = result
        var isHandled = consumesErrors
        if case .failure(let failure) = result, !consumesErrors {
            isHandled = end(.failure(failure))
        }
        if missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0, consumesErrors || !whole.isCalled {
            _ = end(.success(UnsafeBufferPointer(start: places, count: count).compactMap { $0 }))
        }
        return isHandled
    }

    internal func noteCancelled() { isCancelled.store(true, ordering: .releasing) }

    /// Settles the whole; false where that was done before.
    private func end(_ result: Result<[Place], FutureFailure>) -> Bool {
        let isCancelled = isCancelled.load(ordering: .acquiring)
        let claim = whole.state.claim()
        guard claim == .won || claim == .wonFromCanceller else { return false }
        if isCancelled {
            whole.noteHandled()
            let failure = FutureFailure(CancelledError(), file: whole.file, line: UInt(whole.line))
            whole.settle(.failure(failure), releasingCanceller: claim == .won, as: FutureState.cancelled)
        } else {
            whole.settle(result, releasingCanceller: claim == .won)
        }
        return true
    }
}

/// Tells a gathering of one member.
internal final class GatherNode<Value: Sendable>: CallbackNode<Value> {
    private let gathering: Gathering<Value>
    private let index: Int

    internal init(_ gathering: Gathering<Value>, _ index: Int) {
        self.gathering = gathering
        self.index = index
        super.init()
    }

    override internal func run(_ future: TxaioFuture<Value>) {
        guard let result = future.result else { return }
        if gathering.take(result, at: index) { future.noteHandled() }
    }
}

/// Cancels the members that are not done.
internal final class GatherCanceller<Value: Sendable>: Canceller<[Result<Value, FutureFailure>]> {
    private let members: [TxaioFuture<Value>]
    private weak var gathering: Gathering<Value>?

    internal init(_ members: [TxaioFuture<Value>]) {
        self.members = members
        super.init()
    }

    internal func attach(_ gathering: Gathering<Value>) { self.gathering = gathering }

    override internal func cancel(_ future: TxaioFuture<[Result<Value, FutureFailure>]>) -> Bool {
        gathering?.noteCancelled()
        for member in members { member.cancel() }
        return false
    }
}

extension TxaioRuntime {
    /// A future of the results of all futures given, in their order.
    ///
    /// Cancelling it cancels every member that is not done; it is done once they are. One future may be there twice.
    ///
    /// - Parameters:
    ///   - futures: Of any runtime.
    ///   - consumeExceptions: If true, a failed member's place holds its failure, which counts as handled. If false, the first
    ///     failure in time is that of the whole, at once; the other members go on, and their errors are their own.
    ///   - file: Leave it out.
    ///   - line: Leave it out.
    public func gather<Value: Sendable>(
        _ futures: some Sequence<TxaioFuture<Value>>,
        consumeExceptions: Bool = true,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<[Result<Value, FutureFailure>]> {
        let members = Array(futures)
        if members.isEmpty { return TxaioFuture(on: self, settled: .success([]), file: file, line: line) }
        let canceller = GatherCanceller(members)
        let whole = TxaioFuture<[Result<Value, FutureFailure>]>(on: self, canceller: canceller, file: file, line: line)
        let gathering = Gathering(whole, count: members.count, consumesErrors: consumeExceptions)
        canceller.attach(gathering)
        for (index, member) in members.enumerated() { member.add(GatherNode(gathering, index)) }
        return whole
    }
}
