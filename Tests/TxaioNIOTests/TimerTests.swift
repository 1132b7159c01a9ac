#if NIO
import NIOCore
import NIOPosix
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioTesting

@Suite
struct TimerTests {
    @Test
    func delayedCallsRunOnTheLoopInTheOrderOfTheirTimes() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let notes = Notes<Int>()
            let last = runtime.createFuture(of: Void.self)
            try await runtime.run {
                for delay in [30, 10, 20, 0, 10] {
                    runtime.callLater(.milliseconds(delay)) {
                        notes.add(eventLoop.inEventLoop ? delay : -1)
                        if delay == 30 { try last.resolve(()) }
                    }
                }
            }
            try await last.value
            #expect(notes.all == [0, 10, 10, 20, 30])
        }
    }

    @Test
    func aDelayedCallIsNeverEarly() async throws {
        try await withRuntime { (runtime, _) async throws in
            for delay in [0, 1, 5, 20] {
                let begin = runtime.loop.nanoseconds
                try await runtime.sleep(.milliseconds(delay)).value
                #expect(runtime.loop.nanoseconds - begin >= Int64(delay) * 1_000_000)
            }
        }
    }

    @Test
    func earlierDeadlinesFromOtherThreadsAreHeeded() async throws {
        try await withRuntime { (runtime, _) async throws in
            // More than the callbacks that NIO is asked for at once, each before the last one.
            let count = Count()
            for step in 0..<50 { runtime.callLater(.seconds(30_000 - step * 60)) { count.add() } }
            try await runtime.sleep(.milliseconds(1)).value
            try await runtime.run {
                for step in 0..<50 { runtime.callLater(.seconds(26_000 - step * 50)) { count.add() } }
            }
            for step in (1...20).reversed() {
                runtime.callLater(.milliseconds(step)) { count.add() }
            }
            #expect(try await eventually { count.value == 20 })
        }
    }

    @Test
    func eachCallRunsOrIsCancelled() async throws {
        try await withRuntime { (runtime, _) async throws in
            let ran = Count()
            let cancelled = Count()
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for index in 0..<5_000 {
                            let call = runtime.callLater(.microseconds(index % 7 * 100)) { ran.add() }
                            if index % 2 == 0, call.cancel() { cancelled.add() }
                            #expect(index % 2 == 1 || !call.cancel())
                        }
                    }
                }
            }
            #expect(try await eventually { ran.value + cancelled.value == 20_000 })
            #expect(ran.value >= 10_000)
        }
    }

    @Test
    func delaysThatAreNoTimesDoNoHarm() async throws {
        try await withRuntime { (runtime, _) async throws in
            let count = Count()
            for delay: Double in [.nan, -1, -Double.infinity, 0] { runtime.callLater(delay) { count.add() } }
            let never = [Double.infinity, 1e300].map { runtime.callLater($0) { count.add(100) } }
            runtime.callLater(.seconds(Int64.max)) { count.add(100) }
            #expect(try await eventually { count.value == 4 })
            #expect(never.allSatisfy { $0.cancel() })
        }
    }

    @Test
    func aHundredThousandTimersThatWaitAtShutdownAreCancelledAndCounted() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = NIOLoop(group.next())
        let ran = Count()
        let calls = (0..<100_000).map { index in
            loop.callLater(nanoseconds: index % 10 == 0 ? Int64(index) * 1_000 : 3_600_000_000_000) { ran.add() }
        }
        let cancelled = calls.prefix(1_000).reduce(0) { $0 + ($1.cancel() ? 1 : 0) }
        try await group.shutdownGracefully()
        #expect(ran.value + cancelled + loop.cancelledByShutdown == 100_000)
        #expect(loop.cancelledByShutdown >= 80_000)
        #expect(calls.allSatisfy { !$0.cancel() })
        // A dead loop takes no more.
        #expect(!loop.callLater(nanoseconds: 0) { ran.add() }.cancel())
        loop.execute { ran.add() }
        #expect(loop.cancelledByShutdown + cancelled + ran.value == 100_000)
    }

    @Test
    func aShutdownEndsASleepThatIsWaitedFor() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let runtime = TxaioRuntime(eventLoop: group.next())
        let sleeping = runtime.sleep(3_600.0)
        let waiting = Task { try await sleeping.value }
        try await group.shutdownGracefully()
        await #expect(throws: CancelledError.self) { try await waiting.value }
    }

    @Test
    func aCallThatKeepsPuttingItselfOffDoesNotHoldUpTheShutdown() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let runtime = TxaioRuntime(eventLoop: group.next())
        let count = Count()
        @Sendable func again() {
            count.add()
            runtime.callLater(.zero) { again() }
        }
        again()
        #expect(try await eventually { count.value > 100 })
        try await group.shutdownGracefully()
        let seen = count.value
        #expect(runtime.callLater(.zero) { count.add() }.cancel() == false)
        #expect(count.value == seen)
    }

    @Test
    func aLoopThatNobodyHoldsIsReleasedAndRunsWhatWaits() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        weak var gone: NIOLoop?
        let ran = Count()
        do {
            let loop = NIOLoop(group.next())
            gone = loop
            TxaioRuntime(loop: loop).callLater(.milliseconds(5)) { ran.add() }
        }
        #expect(try await eventually { ran.value == 1 })
        #expect(try await eventually { gone == nil })
        try await group.shutdownGracefully()
    }
}
#endif
