#if NIO
import NIOCore
import NIOPosix
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO

@Suite
struct BridgeTests {
    @Test
    func aFutureOfNIOsIsFollowed() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let promise = eventLoop.makePromise(of: Int.self)
            let future = runtime.future(of: promise.futureResult)
            let notes = Notes<Int>()
            future.addCallbacks { notes.add($0) }
            #expect(!future.isCalled)
            promise.succeed(7)
            #expect(try await future.value == 7)
            try await runtime.run {}
            #expect(notes.all == [7])
            let failed = runtime.future(of: eventLoop.makeFailedFuture(Trouble()) as EventLoopFuture<Int>)
            await #expect(throws: Trouble.self) { try await failed.value }
        }
    }

    @Test
    func cancellingLeavesTheFutureThatIsFollowedAlone() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let promise = eventLoop.makePromise(of: Int.self)
            let future = runtime.future(of: promise.futureResult)
            future.cancel("enough")
            await #expect(throws: CancelledError(message: "enough")) { try await future.value }
            promise.succeed(7)
            #expect(try await promise.futureResult.get() == 7)
        }
    }

    @Test
    func aFutureOfNIOsFollows() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let good = runtime.createFuture(of: Int.self)
            let follower = try #require(good.eventLoopFuture)
            #expect(follower.eventLoop === eventLoop)
            try good.resolve(7)
            #expect(try await follower.get() == 7)
            #expect(try await good.eventLoopFuture?.get() == 7)

            let bad = runtime.createFuture(of: Int.self)
            let failing = try #require(bad.eventLoopFuture)
            try bad.reject(Trouble())
            await #expect(throws: Trouble.self) { try await failing.get() }

            let cancelled = runtime.createFuture(of: Int.self)
            let ending = try #require(cancelled.eventLoopFuture)
            cancelled.cancel()
            await #expect(throws: CancelledError.self) { try await ending.get() }
        }
    }

    @Test
    func onTheLoopAFollowerIsThereAtOnce() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let notes = try await eventLoop.submit {
                let notes = Notes<Int>()
                let future = runtime.createFuture(of: Int.self)
                future.eventLoopFuture?.whenSuccess { notes.add($0) }
                try future.resolve(1)
                notes.add(2)
                return notes
            }.get()
            #expect(notes.all == [1, 2])
        }
    }

    @Test
    func aRuntimeOfAnotherFrameworkIsFollowedOnAnEventLoopThatIsNamed() async throws {
        try await withRuntime { (_, eventLoop) async throws in
            let concurrency = TxaioRuntime(loop: ConcurrencyLoop())
            let future = concurrency.createFuture(of: Int.self)
            #expect(future.eventLoopFuture == nil)
            let follower = future.eventLoopFuture(on: eventLoop)
            try future.resolve(7)
            #expect(try await follower.map { eventLoop.inEventLoop ? $0 : 0 }.get() == 7)
        }
    }

    @Test
    func aFutureReleasedWithoutAResultFailsItsFollower() async throws {
        try await withRuntime { (runtime, eventLoop) async throws in
            let follower = try #require(runtime.createFuture(of: Int.self).eventLoopFuture)
            await #expect(throws: UnresolvedFutureError.self) { try await follower.get() }
            let other = TxaioRuntime(loop: ConcurrencyLoop()).createFuture(of: Int.self).eventLoopFuture(on: eventLoop)
            await #expect(throws: UnresolvedFutureError.self) { try await other.get() }
        }
    }

    @Test
    func followersFailWhereTheEventLoopShutsDownFirst() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let runtime = TxaioRuntime(eventLoop: group.next())
        let future = runtime.createFuture(of: Int.self)
        let notes = Notes<EventLoopError>()
        future.eventLoopFuture?.whenFailure { if let error = $0 as? EventLoopError { notes.add(error) } }
        try await group.shutdownGracefully()
        #expect(notes.all == [.shutdown])
        // There is nobody left to tell a new follower; it is released without harm.
        #expect(future.eventLoopFuture != nil)
        try future.resolve(1)
        #expect(try await future.value == 1)
    }

    @Test
    func aFollowerOnAnEventLoopThatHadShutDownBeforeIsReleasedWithoutHarm() async throws {
        let future = TxaioRuntime(loop: ConcurrencyLoop()).createFuture(of: Int.self)
        // It calls nobody any more; NIO ends the process where a promise is let go unkept.
        _ = future.eventLoopFuture(on: try await makeDeadEventLoop())
        try future.resolve(1)
        #expect(try await future.value == 1)
    }

    @Test
    func aTimerOnAnEventLoopThatHadShutDownBeforeIsCancelled() async throws {
        let runtime = TxaioRuntime(eventLoop: try await makeDeadEventLoop())
        await #expect(throws: CancelledError.self) { try await runtime.sleep(1).value }
    }

    /// An event loop that has shut down.
    private func makeDeadEventLoop() async throws -> any EventLoop {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try await group.shutdownGracefully()
        return group.next()
    }

    @Test
    func whatWaitsForAnEventLoopThatHasShutDownIsLetGo() async throws {
        final class Probe: Sendable {}
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let runtime = TxaioRuntime(eventLoop: group.next())
        let future = runtime.createFuture(of: Int.self)
        let ofTheLoop = try await runtime.run { runtime.createFuture(of: Int.self) }
        weak var probe: Probe?
        do {
            let made = Probe()
            probe = made
            future.addCallbacks { _ in withExtendedLifetime(made) {} }
            try await runtime.run { ofTheLoop.addCallbacks { _ in withExtendedLifetime(made) {} } }
            ofTheLoop.addCallbacks { _ in withExtendedLifetime(made) {} }
        }
        let waiting = Task { try await future.value }
        try await group.shutdownGracefully()
        try future.resolve(1)
        try ofTheLoop.resolve(1)
        #expect(probe == nil)
        let outcome = await waiting.result
        if case .failure(let error) = outcome { #expect(error is CancellationError) }
    }
}
#endif
