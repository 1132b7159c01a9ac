#if NIO
import NIOCore
import NIOEmbedded
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioTesting

@Suite
struct LoopTests {
    @Test
    func callbacksRunOnTheEventLoopWhateverThreadResolves() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let notes = Notes<Bool>()
            let futures = (0..<100).map { _ in runtime.createFuture(of: Int.self) }
            for future in futures { future.addCallbacks { _ in notes.add(eventLoop.inEventLoop) } }
            await withTaskGroup(of: Void.self) { group in
                for (index, future) in futures.enumerated() { group.addTask { try? future.resolve(index) } }
            }
            // What was resolved before is behind it.
            try await runtime.run {}
            #expect(notes.all == Array(repeating: true, count: 100))
        }
    }

    @Test
    func nioOwnEventLoopsAreKnownToGoByTheSystemsClockAndOthersAreNot() async throws {
        try await withRuntime { (runtime, _) async throws in
            #expect((runtime.loop as? any TimerLoop)?.isMonotonic == true)
        }
        #expect(!NIOLoop(NIOAsyncTestingEventLoop(), watching: false).isMonotonic)
    }

    @Test
    func callbacksKeepTheOrderInWhichTheyWereAdded() async throws {
        try await withRuntime { (runtime, _) async throws in
            let notes = Notes<Int>()
            let future = runtime.createFuture(of: Int.self)
            for index in 0..<10 { future.addCallbacks { _ in notes.add(index) } }
            try future.resolve(0)
            for index in 10..<20 { future.addCallbacks { _ in notes.add(index) } }
            _ = try await future.value
            #expect(try await eventually { notes.all.count == 20 })
            #expect(notes.all == Array(0..<20))
        }
    }

    @Test
    func onTheLoopCallbacksRunInsideTheCallThatMakesThemReady() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let notes = try await eventLoop.submit {
                let notes = Notes<String>()
                let future = runtime.createFuture(of: Int.self)
                future.addCallbacks { _ in notes.add("callback") }
                notes.add("before")
                try future.resolve(1)
                notes.add("after")
                return notes
            }.get()
            #expect(notes.all == ["before", "callback", "after"])
        }
    }

    @Test
    func whatIsExecutedRunsInOrderAndNeverInsideTheCall() async throws {
        try await withRuntime { (runtime, _) async throws in
            let notes = Notes<Int>()
            let seen = try await runtime.run { () -> [Int] in
                for index in 0..<10 { runtime.execute { notes.add(index) } }
                return notes.all
            }
            #expect(seen.isEmpty)
            #expect(try await runtime.run { notes.all } == Array(0..<10))
        }
    }

    @Test
    func aChainOfAMillionCallbacksNeedsNoStack() async throws {
        try await withRuntime { (runtime, _) async throws in
            let count = Count()
            let last = runtime.createFuture(of: Void.self)
            @Sendable func next(_ left: Int) {
                if left == 0 { return try! last.resolve(()) }
                let future = runtime.createFuture(of: Void.self)
                future.addCallbacks { _ in
                    count.add()
                    next(left - 1)
                }
                try! future.resolve(())
            }
            runtime.execute { next(1_000_000) }
            try await last.value
            #expect(count.value == 1_000_000)
        }
    }

    @Test
    func twoRuntimesOnOneEventLoopShareItsTimers() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let second = TxaioRuntime(eventLoop: eventLoop)
            #expect(second.loop === runtime.loop)
            #expect(second.framework == .nio)
        }
    }

    @Test
    func bothFrameworksServeOneProcess() async throws {
        try await withRuntime { (nio, eventLoop) async throws in
            let concurrency = TxaioRuntime(loop: ConcurrencyLoop())
            let notes = Notes<String>()
            let first = concurrency.createFuture(of: Int.self)
            let second = nio.createFuture(of: Int.self)
            first.addCallbacks { value in
                notes.add("concurrency \(concurrency.isCurrent) \(nio.isCurrent)")
                try second.resolve(value + 1)
            }
            second.addCallbacks { _ in notes.add("nio \(nio.isCurrent) \(concurrency.isCurrent)") }
            try first.resolve(1)
            #expect(try await second.value == 2)
            try await nio.run {}
            #expect(notes.all == ["concurrency true false", "nio true false"])
        }
    }

    @Test
    func aTaskThatAwaitsGoesOnWithTheResultOrTheError() async throws {
        try await withRuntime { (runtime, _) async throws in
            let future = runtime.createFuture(of: Int.self)
            runtime.callLater(.milliseconds(1)) { try future.reject(Trouble()) }
            await #expect(throws: Trouble.self) { try await future.value }
        }
    }
}
#endif
