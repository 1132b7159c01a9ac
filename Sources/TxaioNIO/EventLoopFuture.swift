#if NIO
public import NIOCore
public import TxaioCore

extension TxaioRuntime {
    /// A future that follows one of NIO's.
    ///
    /// Its callbacks run on this runtime's loop. Cancelling it leaves NIO's alone, whose result is dropped then.
    public func future<Value: Sendable>(
        of source: EventLoopFuture<Value>,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> TxaioFuture<Value> {
        let future = createFuture(of: Value.self, file: file, line: line)
        source.whenComplete { result in
            // Throws where the future was cancelled, or resolved by somebody else: that is its owner's affair.
            switch result {
            case .success(let value): try? future.resolve(value)
            case .failure(let error): try? future.reject(error, file: file, line: line)
            }
        }
        return future
    }
}

extension TxaioFuture {
    /// One of NIO's futures that follows this one, on an event loop.
    ///
    /// It fails with this one's error, with a ``UnresolvedFutureError`` where this one is released without a result, and with
    /// `EventLoopError.shutdown` where the event loop shuts down first. This one's error counts as handled.
    public func eventLoopFuture(
        on eventLoop: any EventLoop,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> EventLoopFuture<Value> {
        let own = runtime.loop as? NIOLoop
        let loop = own.flatMap { $0.eventLoop === eventLoop ? $0 : nil } ?? NIOLoop.shared(eventLoop)
        guard let promise = FollowingPromise<Value>(on: loop, file: file, line: line) else {
            return eventLoop.makeFailedFuture(EventLoopError.shutdown)
        }
        addCallbacks({ promise.keep(.success($0)) }, { promise.keep(.failure($0.value)) })
        return promise.future
    }

    /// One of NIO's futures that follows this one, on the event loop of its runtime; nil where that is not on SwiftNIO.
    public var eventLoopFuture: EventLoopFuture<Value>? {
        (runtime.loop as? NIOLoop).map { eventLoopFuture(on: $0.eventLoop) }
    }
}

/// A future was released without a result while one of NIO's followed it.
public struct UnresolvedFutureError: Error, Hashable, CustomStringConvertible {
    internal init() {}

    /// What happened.
    public var description: String { "The future was released without a result" }
}
#endif
