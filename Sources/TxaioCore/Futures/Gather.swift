internal import Synchronization

/// What is known of the members of a `gather`, and what cancels them.
@usableFromInline
internal final class Gathering: Canceller, @unchecked Sendable {
    // Unchecked: all that changes is atomic, or belongs to the whole's loop.
    private let whole: AnyTxaioFuture
    private let consumesErrors: Bool
    /// Settles the whole with the members' results.
    private let finish: () -> Void
    private let cancelMembers: (String?) -> Void
    /// What the whole fails with; written once, before `isCancelled` says so.
    private var cancellation: FutureFailure?
    /// Whether members of the whole's own loop are counted there: `gather` was called on it.
    private let countsOwn: Bool
    /// How many of those are not done, and one more while members are looked at; belongs to the loop.
    private var missingOwn: Int
    /// How many others are not done, and one more while some of the loop's own are missing.
    private let missing: Atomic<Int>
    private let isCancelled = Atomic(false)
    /// The callback of all members that have no other before it.
    private let shared: UnsafeMutablePointer<CallbackNode>

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
        cancelMembers: @escaping (String?) -> Void
    ) {
        self.whole = whole
        self.consumesErrors = consumesErrors
        self.finish = finish
        self.cancelMembers = cancelMembers
        countsOwn = whole.state.isCurrent
        missingOwn = count + 1
        missing = Atomic(countsOwn ? 1 : count)
        shared = CallbackNode.allocate()
        super.init()
        shared.initialize(to: CallbackNode { node, _, future in Gathering.operate(node, future) })
        shared.body(as: Unmanaged<Gathering>.self).initialize(to: .passUnretained(self))
        whole.hold(self)
        _ = Unmanaged.passRetained(self)
    }

    deinit { CallbackNode.free(shared) }

    /// Waits for the members at an address.
    @usableFromInline
    internal func watch(_ members: UnsafePointer<Unmanaged<AnyTxaioFuture>>, count: Int) {
        let state = whole.state
        for index in 0..<count {
            members[index]._withUnsafeGuaranteedRef { member in
                let isOwn = countsOwn && member.state == state
                if countsOwn, !isOwn {
                    // Not before it is counted may it be done; nobody reads anything by this.
                    missing.add(1, ordering: .relaxed)
                    missingOwn -= 1
                }
                if !member.addFirst(shared, onLoop: isOwn) { watchAfterOthers(member) }
            }
        }
        if countsOwn, isLastOwn() {
            conclude()
            // The caller has a reference of its own.
            Unmanaged.passUnretained(self).release()
        }
    }

    @inline(never)
    private func watchAfterOthers(_ member: AnyTxaioFuture) {
        member.add(
            member.state.makeNode(Unmanaged.passUnretained(self)) { node, state, future in
                let gathering = state.dismantle(node, as: Unmanaged<Gathering>.self, with: future)
                if let future { Gathering.note(future, in: gathering) }
            }
        )
    }

    private static func operate(_ node: UnsafeMutablePointer<CallbackNode>, _ future: UnsafeRawPointer?) {
        if let future { note(future, in: node.body(as: Unmanaged<Gathering>.self).pointee) }
    }

    /// A member is done; whoever finds that all are concludes and releases the gathering.
    @inline(__always)
    private static func note(_ future: UnsafeRawPointer, in gathering: Unmanaged<Gathering>) {
        future.with(AnyTxaioFuture.self) { member in
            if gathering._withUnsafeGuaranteedRef({ $0.note(member) }) { gathering.release() }
        }
    }

    @inline(__always)
    private func note(_ member: AnyTxaioFuture) -> Bool {
        if member.kind == .failure { noteFailure(of: member) }
        let isLast = countsOwn && member.state == whole.state ? isLastOwn() : isLast()
        if isLast { conclude() }
        return isLast
    }

    /// Counts one of the loop's own; whether that was the last of all.
    private func isLastOwn() -> Bool {
        missingOwn -= 1
        return missingOwn == 0 && isLast()
    }

    /// Counts another; whether that was the last of all.
    private func isLast() -> Bool {
        // Whoever counts the last one sees all results.
        missing.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    @inline(never)
    private func conclude() {
        if isCancelled.load(ordering: .acquiring), let cancellation {
            whole.takeCancellation(cancellation)
        } else {
            finish()
        }
    }

    private func noteFailure(of member: AnyTxaioFuture) {
        if let failure = member.failure, consumesErrors || end(with: failure) { member.noteHandled() }
    }

    /// Fails the whole; false where it was done before, or is being cancelled: then it waits for all members.
    private func end(with failure: FutureFailure) -> Bool {
        guard !isCancelled.load(ordering: .acquiring), let claim = try? whole.claim() else { return false }
        whole.fail(with: failure, claim)
        return true
    }

    override internal func cancel(_ future: AnyTxaioFuture, with failure: FutureFailure) -> Bool {
        cancellation = failure
        isCancelled.store(true, ordering: .releasing)
        cancelMembers((failure.value as? CancelledError)?.message)
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
        let count = members.count
        if count == 0 { return .fulfilled(on: state, result: [], file: file, line: line) }
        let whole = TxaioFuture<[Result<Value, FutureFailure>]>.pending(on: state, file: file, line: line)
        let gathering = Gathering(
            of: count,
            whole: whole,
            consumesErrors: consumeExceptions,
            finish: {
                let results = [Result<Value, FutureFailure>](unsafeUninitializedCapacity: count) { places, filled in
                    guard let place = places.baseAddress else { return }
                    members.withUnsafeReferences { references in
                        for index in 0..<count {
                            references[index]._withUnsafeGuaranteedRef { (place + index).initialize(to: $0.result) }
                        }
                    }
                    filled = count
                }
                whole.take(value: results)
            },
            cancelMembers: { message in for member in members { member.cancel(message) } }
        )
        members.withUnsafeReferences {
            gathering.watch(UnsafeRawPointer($0).assumingMemoryBound(to: Unmanaged<AnyTxaioFuture>.self), count: count)
        }
        return whole
    }
}

extension Array {
    /// The elements' addresses, one after the other; none is counted on the way.
    @inlinable @inline(__always)
    internal func withUnsafeReferences<Value: Sendable>(
        _ body: (UnsafePointer<Unmanaged<TxaioFuture<Value>>>) -> Void
    ) where Element == TxaioFuture<Value> {
        withUnsafeBytes {
            if let start = $0.baseAddress { body(start.assumingMemoryBound(to: Unmanaged<Element>.self)) }
        }
    }
}
