#if NIO
import NIOCore
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioTesting

@Suite
struct ContextTests {
    private static let log = makeLogger("nio.context")

    /// The request ids of the events that `body` logs, in their order.
    private func requests(_ body: (TxaioRuntime) async throws -> Void) async throws -> [CapturedValue?] {
        let emitter = CapturingEmitter()
        try await withRuntime { (runtime, _) async throws in
            try await withLogging(to: emitter, level: .info) { try await body(runtime) }
        }
        return emitter.events.map { $0["request_id"] }
    }

    @Test
    func callbacksHaveTheScopeInWhichTheyWereAdded() async throws {
        let seen = try await requests { runtime in
            let future = runtime.createFuture(of: Int.self)
            for id in 1...3 {
                withLogContext(["request_id": id]) { future.addCallbacks { _ in Self.log.info("callback") } }
            }
            try withLogContext(["request_id": 9]) { try future.resolve(1) }
            try await runtime.run {}
        }
        #expect(seen == [.int(1), .int(2), .int(3)])
    }

    @Test
    func delayedCallsHaveTheScopeInWhichTheyWereScheduled() async throws {
        let seen = try await requests { runtime in
            for id in 1...3 {
                withLogContext(["request_id": id]) {
                    _ = runtime.callLater(.milliseconds(id)) { Self.log.info("timer") }
                }
            }
            try await withLogContext(["request_id": 4]) {
                try await runtime.sleep(.milliseconds(10)).value
                Self.log.info("after the wait")
            }
        }
        #expect(seen == [.int(1), .int(2), .int(3), .int(4)])
    }

    @Test
    func theScopeFollowsThroughOneOfNIOsFutures() async throws {
        let seen = try await requests { runtime in
            let promise = try #require(runtime.loop as? NIOLoop).eventLoop.makePromise(of: Int.self)
            try await withLogContext(["request_id": 5]) {
                let future = runtime.future(of: promise.futureResult)
                future.addCallbacks { _ in Self.log.info("callback") }
                promise.succeed(1)
                try await runtime.run {}
            }
        }
        #expect(seen == [.int(5)])
    }
}
#endif
