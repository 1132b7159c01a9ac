#if NIO
internal import NIOCore
internal import TxaioLog

/// The promises made on an event loop that are not kept yet.
///
/// NIO ends the process over a promise that is released without a result, and takes no result for one whose event loop has shut
/// down. So each is in here until its event loop has kept it, and what is left when that shuts down fails.
internal final class OpenPromises: Sendable {
    private struct State {
        var last: UInt64 = 0
        var fails: [UInt64: @Sendable (any Error) -> Void] = [:]
        var isOver = false
    }

    private let state = Lock(State())

    /// Makes a promise; nil where the event loop has shut down.
    internal func make<Value: Sendable>(
        of type: Value.Type,
        on eventLoop: any EventLoop,
        file: StaticString,
        line: UInt
    ) -> (EventLoopPromise<Value>, key: UInt64)? {
        // Made under the lock: it is either there when the event loop ends, or is not made.
        state.withLock { state in
            if state.isOver { return nil }
            let promise = eventLoop.makePromise(of: type, file: file, line: line)
            state.last += 1
            state.fails[state.last] = { promise.fail($0) }
            return (promise, state.last)
        }
    }

    internal func isOpen(_ key: UInt64) -> Bool { state.withLock { $0.fails[key] != nil } }

    /// Called on the event loop, before the promise is kept; false where it was kept before.
    internal func close(_ key: UInt64) -> Bool { state.withLock { $0.fails.removeValue(forKey: key) } != nil }

    /// Called on the event loop when it shuts down.
    internal func end() {
        let fails = state.withLock { state in
            state.isOver = true
            defer { state.fails = [:] }
            return state.fails
        }
        for (_, fail) in fails.sorted(by: { $0.key < $1.key }) { fail(EventLoopError.shutdown) }
    }
}

/// A promise that follows a future, and is kept in any case.
internal final class FollowingPromise<Value: Sendable>: Sendable {
    private let promise: EventLoopPromise<Value>
    private let key: UInt64
    private let loop: NIOLoop

    /// Makes a promise; nil where the event loop has shut down.
    internal init?(on loop: NIOLoop, file: StaticString, line: UInt) {
        guard let (promise, key) = loop.promises.make(of: Value.self, on: loop.eventLoop, file: file, line: line) else {
            return nil
        }
        self.promise = promise
        self.key = key
        self.loop = loop
    }

    deinit {
        // Its future is gone, and had no result.
        guard loop.promises.isOpen(key) else { return }
        let (promise, key, promises) = (promise, key, loop.promises)
        loop.execute {
            if promises.close(key) { promise.fail(UnresolvedFutureError()) }
        }
    }

    internal var future: EventLoopFuture<Value> { promise.futureResult }

    internal func keep(_ result: Result<Value, any Error>) {
        if loop.isCurrent { return complete(result) }
        loop.execute { self.complete(result) }
    }

    private func complete(_ result: Result<Value, any Error>) {
        if loop.promises.close(key) { promise.completeWith(result) }
    }
}
#endif
