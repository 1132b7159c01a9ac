#if NIO
import NIOCore
import NIOPosix
import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioTesting

@Suite
struct LoopTests {
    @Test
    func callbacksRunOnTheEventLoopWhateverThreadResolves() async throws {
        let runtime = TxaioRuntime(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let future = runtime.createFuture(of: Int.self)
        let seen = runtime.createFuture(of: Bool.self)
        future.addCallbacks { value in try seen.resolve(runtime.isCurrent && value == 7) }
        try future.resolve(7)
        #expect(try await seen.value)
    }

    @Test
    func aDelayedCallRunsOnTheEventLoop() async throws {
        let runtime = TxaioRuntime(eventLoop: MultiThreadedEventLoopGroup.singleton.next())
        let future = runtime.createFuture(of: Bool.self)
        runtime.callLater(.milliseconds(2)) { try future.resolve(runtime.isCurrent) }
        #expect(try await future.value)
    }
}
#endif
