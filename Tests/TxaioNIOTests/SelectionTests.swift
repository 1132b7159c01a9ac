#if NIO
import NIOCore
import NIOPosix
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioTesting

/// Each in a process of its own: a selection is for good.
@Suite
struct SelectionTests {
    @Test
    func selectingNIOIsForTheProcess() async {
        await #expect(processExitsWith: .success) {
            #expect(throws: TxaioError.notSelected) { try Txaio.createFuture(of: Int.self) }
            #expect(throws: TxaioError.notSelected) {
                try Txaio.withConfig(loop: MultiThreadedEventLoopGroup.singleton.any())
            }
            let group = MultiThreadedEventLoopGroup.singleton
            try Txaio.useNIO(group)
            #expect(Txaio.usingNIO && !Txaio.usingConcurrency)
            let runtime = try Txaio.runtime
            try Txaio.useNIO(group.next())
            #expect(try Txaio.runtime === runtime)
            #expect(throws: TxaioError.alreadySelected(.nio)) { try Txaio.useConcurrency() }
            #expect(Txaio.usingNIO && !Txaio.usingConcurrency)
            let future = try Txaio.createFuture(of: Int.self)
            try Txaio.callLater(.milliseconds(1)) { try future.resolve(runtime.isCurrent ? 1 : 0) }
            #expect(try await future.value == 1)
        }
    }

    @Test
    func afterConcurrencyNIOIsRefusedAndARuntimeOfItsOwnIsNot() async {
        await #expect(processExitsWith: .success) {
            try Txaio.useConcurrency()
            let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
            #expect(throws: TxaioError.alreadySelected(.concurrency)) { try Txaio.useNIO(eventLoop) }
            #expect(Txaio.usingConcurrency && !Txaio.usingNIO)
            let own = try Txaio.withConfig(loop: eventLoop)
            #expect(own.framework == .nio)
            try await own.sleep(.milliseconds(1)).value
            try await Txaio.sleep(.milliseconds(1)).value
        }
    }

    @Test
    func aShutdownSaysHowManyTimersItCancelled() async {
        await #expect(processExitsWith: .success) {
            let emitter = CapturingEmitter()
            try startLogging(to: [emitter], level: .info)
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let runtime = TxaioRuntime(eventLoop: group.next())
            for _ in 0..<7 { runtime.callLater(.seconds(60)) {} }
            try await group.shutdownGracefully()
            for _ in 0..<3 { runtime.callLater(.seconds(60)) {} }
            let told = emitter.events.filter { $0.level == .warn && $0.namespace == "TxaioCore.Timer" }
            #expect(
                told.map(\.message) == [
                    "7 delayed calls are cancelled: their event loop has shut down",
                    "A delayed call is cancelled: the event loop has shut down",
                ]
            )
        }
    }
}
#endif
