public import CTxaio

/// A result that is not there yet; the counterpart of asyncio's `Future` and Twisted's `Deferred`.
///
/// It is resolved, rejected or cancelled once, by whoever comes first, from any thread. Its callbacks run on the loop of its
/// runtime, in the order in which they were added, each with the original result and in the log scope it was added in; of
/// those that come once it is done, in the order in which one thread added them.
///
/// One that is made on a loop with a thread of its own, and settled elsewhere, is held by the loop until its next turn.
///
/// A rejected one that nobody handled, neither an errback nor an `await`, is logged at critical when it is released, with
/// where it was made.
public final class TxaioFuture<Value: Sendable>: AnyTxaioFuture, @unchecked Sendable {
    /// One that nobody has resolved.
    @inlinable @inline(__always)
    internal static func pending(
        on state: UnsafeMutablePointer<RuntimeState>,
        file: StaticString,
        line: UInt
    ) -> TxaioFuture {
        let side = state.keepsOwnCallbacks ? FutureSide.ofLoop : FutureSide.ofAnybody
        return make(on: state, word: FutureWord.pending, side: side, FutureOrigin(file, line))
    }

    /// One that is fulfilled from the beginning.
    @inlinable @inline(__always)
    internal static func fulfilled(
        on state: UnsafeMutablePointer<RuntimeState>,
        result: Value,
        file: StaticString,
        line: UInt
    ) -> TxaioFuture {
        let future = closed(on: state, FutureOrigin(file, line))
        future.put(result)
        return future
    }

    /// One that has failed from the beginning.
    internal static func failed(
        on state: UnsafeMutablePointer<RuntimeState>,
        failure: FutureFailure,
        file: StaticString,
        line: UInt
    ) -> TxaioFuture {
        let future = closed(on: state, FutureOrigin(file, line))
        future.put(failure: failure)
        return future
    }

    /// One that is to get its result before anybody sees it.
    @inlinable @inline(__always)
    internal static func closed(on state: UnsafeMutablePointer<RuntimeState>, _ origin: FutureOrigin) -> TxaioFuture {
        make(on: state, word: FutureWord.closed, side: FutureSide.ofAnybody, origin)
    }

    /// Makes one, on its loop in the memory of one that died there, if there is some.
    @inlinable @inline(__always)
    internal static func make(
        on state: UnsafeMutablePointer<RuntimeState>,
        word: UInt,
        side: UInt,
        _ origin: FutureOrigin
    ) -> TxaioFuture {
        guard state.isAtWork, let memory = state.own.pointee.memory.take() else {
            return TxaioFuture(on: state, word: word, side: side, origin)
        }
        txaio_begin_object(unsafeBitCast(TxaioFuture.self, to: UnsafeRawPointer.self), memory)
        let future = Unmanaged<TxaioFuture>.fromOpaque(memory).takeRetainedValue()
        future.begin(word: word, side: side, origin)
        return future
    }

    // ------------------------------------------------------------------------------------------------ the value

    /// Whether a value lies in the payload itself.
    @inlinable
    internal static var isInline: Bool {
        @inline(__always) get { MemoryLayout<Value>.size <= 16 && MemoryLayout<Value>.alignment <= 8 }
    }

    @inlinable @inline(__always)
    internal func put(_ value: Value) {
        if Self.isInline {
            withUnsafeMutablePointer(to: &payload) {
                _ = UnsafeMutableRawPointer($0).initializeMemory(as: Value.self, to: value)
            }
            if _isPOD(Value.self) {
                kind = .trivial
            } else {
                kind = .other
            }
        } else {
            payload.0 = UInt64(UInt(bitPattern: Unmanaged.passRetained(ValueBox(value)).toOpaque()))
            kind = .object
        }
    }

    @usableFromInline
    override internal func destroyValue() {
        withUnsafeMutablePointer(to: &payload) {
            _ = UnsafeMutableRawPointer($0).assumingMemoryBound(to: Value.self).deinitialize(count: 1)
        }
    }

    /// The value; where ``kind`` says that there is one.
    @inlinable
    internal var fulfilled: Value {
        @inline(__always) get {
            if Self.isInline {
                // Of a copy: others may look at the same time, and none may count as changing it. Of one word where that is
                // all: two words are not forwarded from the store of one that may just have been made.
                if MemoryLayout<Value>.size <= 8 {
                    let bits = payload.0
                    return withUnsafePointer(to: bits) {
                        UnsafeRawPointer($0).assumingMemoryBound(to: Value.self).pointee
                    }
                }
                let bits = payload
                return withUnsafePointer(to: bits) {
                    UnsafeRawPointer($0).assumingMemoryBound(to: Value.self).pointee
                }
            }
            let box = UnsafeRawPointer(bitPattern: UInt(payload.0)).unsafelyUnwrapped
            return Unmanaged<ValueBox<Value>>.fromOpaque(box)._withUnsafeGuaranteedRef { $0.value }
        }
    }

    /// The result; where the word says that there is one.
    @inlinable
    internal var result: Result<Value, FutureFailure> {
        if kind == .failure, let failure { return .failure(failure) }
        return .success(fulfilled)
    }

    /// Its result, if that is there already.
    ///
    /// Looking does not count as handling an error.
    @inlinable
    public var settledResult: Result<Value, FutureFailure>? {
        hasResult ? result : nil
    }

    // ------------------------------------------------------------------------------------------------ settling

    /// Fulfils it; its callbacks run.
    ///
    /// Throws `TxaioError.alreadyResolved` where it was resolved or rejected before. The first late result after a
    /// cancellation is ignored, since whoever produces it cannot know.
    @inlinable
    public func resolve(_ value: Value) throws(TxaioError) {
        guard state.isCurrent else { return try settleElsewhere(value) }
        guard let claim = try claim(leaving: FutureWord.taken) else { return }
        put(value)
        publish(claim)
    }

    /// Fulfils it off the loop.
    @inlinable @inline(never)
    internal func settleElsewhere(_ value: Value) throws(TxaioError) {
        guard let claim = try claim(leaving: FutureWord.claimed) else { return }
        put(value)
        publish(claim)
    }

    /// Fails it; its errbacks run.
    ///
    /// Throws `TxaioError.alreadyResolved` as ``resolve(_:)`` does. A ``FailedFuture`` is taken over with its place.
    @inline(never)
    public func reject(_ error: any Error, file: StaticString = #fileID, line: UInt = #line) throws(TxaioError) {
        // First: an error that is a failure itself is asked for what it holds, which is code of the user's.
        let traceback = FailureTraceback.isWanted ? FailureTraceback.capture() : nil
        let failure = FutureFailure(error, traceback: traceback, file: file, line: line)
        guard let claim = try claim() else { return }
        fail(with: failure, claim)
    }

    /// Takes a value that comes from elsewhere; nothing happens where it is done, as it may have been cancelled.
    @inlinable @inline(__always)
    internal func take(value: Value) { try? resolve(value) }

    /// Has a future of the loop that the caller is on take a value, and releases it: its place in the queue takes over the
    /// reference.
    @inlinable @inline(__always)
    internal static func take(value: Value, releasing future: Unmanaged<TxaioFuture>) {
        let claim = future._withUnsafeGuaranteedRef { future -> Claim? in
            guard let claim = try? future.claim(leaving: FutureWord.taken) else { return nil }
            future.put(value)
            return claim
        }
        guard let claim else { return future.release() }
        future._withUnsafeGuaranteedRef { $0.publish(claim, isReleasing: true) }
    }

    /// Takes a result that comes from elsewhere; nothing happens where it is done, as it may have been cancelled.
    @inlinable
    internal func take(_ result: Result<Value, FutureFailure>) {
        switch result {
        case .success(let value): take(value: value)
        case .failure(let failure): take(failure: failure)
        }
    }
}

/// Keeps a value that is too large for a future.
@usableFromInline
internal final class ValueBox<Value> {
    @usableFromInline internal let value: Value
    @inlinable internal init(_ value: Value) { self.value = value }
}
