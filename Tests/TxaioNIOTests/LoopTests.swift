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
        let seen = Atomic(0)
        future.addCallbacks { value in
            if runtime.isCurrent { seen.store(value, ordering: .relaxed) }
        }
        try future.resolve(7)
        _ = try await future.value
        #expect(seen.load(ordering: .relaxed) == 7)
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
