internal import Synchronization

/// What is known of the members of a `gather`, and what cancels them.
@usableFromInline
internal final class Gathering: Canceller, @unchecked Sendable {
    // Unchecked: all that changes is atomic.
    @usableFromInline internal let members: [AnyTxaioFuture]
    private let whole: AnyTxaioFuture
    private let consumesErrors: Bool
    /// Settles the whole with the members' results.
    private let finish: (Gathering, AnyTxaioFuture) -> Void
    private let missing: Atomic<Int>
    private let isCancelled = Atomic(false)

    @usableFromInline
    internal init(
        _ members: [AnyTxaioFuture],
        whole: AnyTxaioFuture,
        consumesErrors: Bool,
        finish: @escaping (Gathering, AnyTxaioFuture) -> Void
    ) {
        self.members = members
        self.whole = whole
        self.consumesErrors = consumesErrors
        self.finish = finish
        missing = Atomic(members.count)
        super.init()
    }

    /// Waits for each member.
    ///
    /// It lives until the last one is done: each member is held here, and so is not released before it has run its callbacks.
    @usableFromInline
    internal func begin() {
        whole.canceller = self
        let gathering = Unmanaged.passRetained(self)
        members.withUnsafeBufferPointer { members in
            for member in members {
                let node = member.state.makeNode(gathering) { node, state, future in
                    let gathering = state.dismantle(node, as: Unmanaged<Gathering>.self)
                    guard let future else { return }
                    if gathering._withUnsafeGuaranteedRef({ $0.note(future) }) { gathering.release() }
                }
                member.add(node)
            }
        }
    }

    /// A member is done; returns whether all are.
    private func note(_ member: AnyTxaioFuture) -> Bool {
        if member.kind == .failure { noteFailure(of: member) }
        guard missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return false }
        if isCancelled.load(ordering: .acquiring) { _ = end(with: cancellation) } else { finish(self, whole) }
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
        for member in members { member.cancel() }
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
        let gathering = Gathering(members, whole: whole, consumesErrors: consumeExceptions) { gathering, whole in
            let members = gathering.members
            let results = [Result<Value, FutureFailure>](unsafeUninitializedCapacity: members.count) { places, count in
                for member in members {
                    (places.baseAddress.unsafelyUnwrapped + count)
                        .initialize(to: unsafeDowncast(member, to: TxaioFuture<Value>.self).result)
                    count += 1
                }
            }
            unsafeDowncast(whole, to: TxaioFuture<[Result<Value, FutureFailure>]>.self).take(.success(results))
        }
        gathering.begin()
        return whole
    }
}
