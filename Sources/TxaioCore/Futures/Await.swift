internal import Synchronization

extension TxaioFuture {
    /// Waits for the result.
    ///
    /// Throws the error of a rejected future itself, a ``CancelledError`` for a cancelled one. Where the waiting task is
    /// cancelled, the wait ends with a `CancellationError` and the future is left alone, as others may wait for it.
    public var value: Value {
        get async throws {
            if let settledResult {
                noteHandled()
                return try settledResult.mapError { $0.value }.get()
            }
            return try await Waiter<Value>().wait(for: self)
        }
    }

    /// A task that waits for it.
    ///
    /// Cancelling the task ends the wait, and leaves the future alone.
    public var task: Task<Value, any Error> { Task { try await value } }
}

/// A task that waits for a future.
private final class Waiter<Value: Sendable>: @unchecked Sendable {
    // Unchecked: `continuation` is there before `state` says so, and is read by whoever ends the wait.
    private var continuation: UnsafeContinuation<Value, any Error>?
    private let state = Atomic(begun)

    private static var begun: UInt8 { 0 }
    private static var waiting: UInt8 { 1 }
    private static var over: UInt8 { 2 }

    func wait(for future: TxaioFuture<Value>) async throws -> Value {
        try await withTaskCancellationHandler {
            try await withUnsafeThrowingContinuation { continuation in
                self.continuation = continuation
                if advance(from: Self.begun, to: Self.waiting) {
                    future.add(
                        future.state.makeNode(self) { node, state, future in
                            let waiter = state.dismantle(node, as: Waiter<Value>.self, with: future)
                            guard let future else { return waiter.giveUp() }
                            future.with(TxaioFuture<Value>.self) { waiter.end($0) }
                        }
                    )
                } else {
                    continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            if state.exchange(Self.over, ordering: .acquiringAndReleasing) == Self.waiting {
                continuation?.resume(throwing: CancellationError())
            }
        }
    }

    /// The future's loop has shut down: nobody will say that it is done.
    private func giveUp() {
        if advance(from: Self.waiting, to: Self.over) { continuation?.resume(throwing: CancellationError()) }
    }

    private func end(_ future: TxaioFuture<Value>) {
        guard advance(from: Self.waiting, to: Self.over) else { return }
        future.noteHandled()
        switch future.result {
        case .success(let value): continuation?.resume(returning: value)
        case .failure(let failure): continuation?.resume(throwing: failure.value)
        }
    }

    private func advance(from old: UInt8, to new: UInt8) -> Bool {
        state.compareExchange(expected: old, desired: new, ordering: .acquiringAndReleasing).exchanged
    }
}
