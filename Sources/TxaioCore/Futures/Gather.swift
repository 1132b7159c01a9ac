internal import Synchronization

/// What is known of the members of a `gather`, and what cancels them.
@usableFromInline
internal final class Gathering: Canceller, @unchecked Sendable {
    // Unchecked: all that changes is atomic.
    private let whole: AnyTxaioFuture
    private let consumesErrors: Bool
    /// Settles the whole with the members' results.
    private let finish: () -> Void
    private let cancelMembers: () -> Void
    private let missing: Atomic<Int>
    private let isCancelled = Atomic(false)

    /// Makes one that is its whole's canceller.
    ///
    /// It lives until the last member is done: both closures hold the members, so none is released before it has run its
    /// callbacks.
    @usableFromInline
    internal init(
        of count: Int,
        whole: AnyTxaioFuture,
        consumesErrors: Bool,
        finish: @escaping () -> Void,
        cancelMembers: @escaping () -> Void
    ) {
        self.whole = whole
        self.consumesErrors = consumesErrors
        self.finish = finish
        self.cancelMembers = cancelMembers
        missing = Atomic(count)
        super.init()
        whole.canceller = self
        _ = Unmanaged.passRetained(self)
    }

    /// Waits for a member.
    @usableFromInline
    internal func watch(_ member: AnyTxaioFuture) {
        let node = member.state.makeNode(Unmanaged.passUnretained(self)) { node, state, future in
            let gathering = state.dismantle(node, as: Unmanaged<Gathering>.self)
            guard let future else { return }
            AnyTxaioFuture.with(future) { member in
                if gathering._withUnsafeGuaranteedRef({ $0.note(member) }) { gathering.release() }
            }
        }
        member.add(node)
    }

    /// A member is done; returns whether all are.
    private func note(_ member: AnyTxaioFuture) -> Bool {
        if member.kind == .failure { noteFailure(of: member) }
        guard missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return false }
        if isCancelled.load(ordering: .acquiring) { _ = end(with: cancellation) } else { finish() }
        return true
    }

    private func noteFailure(of member: AnyTxaioFuture) {
        if let failure = member.failure, consumesErrors || end(with: failure) { member.noteHandled() }
    }

    private var cancellation: FutureFailure {
        FutureFailure(CancelledError(), file: whole.place, line: UInt(whole.line))
    }

    /// Fails the whole; false where it was done before.
    private func end(with failure: FutureFailure) -> Bool {
        if isCancelled.load(ordering: .acquiring) { return whole.takeCancellation(cancellation) }
        guard let claim = try? whole.claim() else { return false }
        whole.fail(with: failure, claim)
        return true
    }

    override internal func cancel(_ future: AnyTxaioFuture) -> Bool {
        isCancelled.store(true, ordering: .releasing)
        cancelMembers()
        return false
    }
}

extension TxaioRuntime {
    /// A future of the results of all futures given, in their order.
    ///
    /// Cancelling it cancels every member that is not done; it is done once they are. One future may be there twice. It holds
    /// its members, and they it, until all are done: one that nobody ever resolves keeps them in memory.
    ///
    /// - Parameters:
    ///   - futures: Of any runtime.
    ///   - consumeExceptions: If true, a failed member's place holds its failure, which counts as handled. If false, the first
    ///     failure in time is that of the whole, at once; the other members go on, and their errors are their own.
    ///   - file: Leave it out.
    ///   - line: Leave it out.
    @inlinable
    public func gather<Value: Sendable>(
        _ futures: some Sequence<TxaioFuture<Value>>,
        consumeExceptions: Bool = true,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<[Result<Value, FutureFailure>]> {
        let members = Array(futures)
        if members.isEmpty { return TxaioFuture(on: state, result: [], file: file, line: line) }
        let whole = TxaioFuture<[Result<Value, FutureFailure>]>(on: state, file: file, line: line)
        let gathering = Gathering(
            of: members.count,
            whole: whole,
            consumesErrors: consumeExceptions,
            finish: {
                let results = [Result<Value, FutureFailure>](unsafeUninitializedCapacity: members.count) {
                    places,
                    count in
                    for member in members {
                        (places.baseAddress.unsafelyUnwrapped + count).initialize(to: member.result)
                        count += 1
                    }
                }
                whole.take(value: results)
            },
            cancelMembers: { for member in members { member.cancel() } }
        )
        members.withUnsafeBufferPointer { for member in $0 { gathering.watch(member) } }
        return whole
    }
}
