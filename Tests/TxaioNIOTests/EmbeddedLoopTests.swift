#if NIO
import NIOCore
import NIOPosix
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO
import TxaioNIOTesting
import TxaioTesting

@Suite
struct EmbeddedLoopTests {
    /// What happens when, on a loop whose time this moves.
    private func transcript(_ loop: some ManualLoop) -> [String] {
        let notes = Notes<String>()
        let runtime = TxaioRuntime(loop: loop)
        @Sendable func note(_ what: String) { notes.add("\(loop.nanoseconds / 1_000_000) \(what)") }
        runtime.callLater(.milliseconds(30)) { note("c") }
        runtime.callLater(.milliseconds(10)) {
            note("a")
            runtime.callLater(.milliseconds(5)) { note("b") }
            runtime.callLater(.zero) { note("soon") }
        }
        runtime.callLater(.milliseconds(10)) { note("a2") }
        runtime.callLater(Double.infinity) { note("never") }
        let cancelled = runtime.callLater(.milliseconds(20)) { note("cancelled") }
        runtime.execute { note("job") }
        note("\(loop.waiting.count) wait")
        loop.advance()
        loop.advance(by: .milliseconds(12))
        note("\(cancelled.cancel()) \(cancelled.cancel())")
        loop.advance(by: .milliseconds(100))
        let future = runtime.createFuture(of: Int.self)
        future.addCallbacks { note("\($0)") }
        try? future.resolve(1)
        note("end")
        loop.advance(by: .seconds(1_000_000))
        note("\(loop.waiting.count) wait")
        return notes.all
    }

    @Test
    func anEmbeddedLoopDoesAsAVirtualClockDoes() {
        let seen = transcript(EmbeddedLoop())
        #expect(seen.prefix(4) == ["0 5 wait", "0 job", "10 a", "10 a2"])
        #expect(seen == transcript(VirtualClock()))
    }

    @Test
    func whatOtherThreadsGiveAnEmbeddedLoopRunsAtTheNextAdvance() throws {
        let notes = Notes<String>()
        let loop = EmbeddedLoop()
        let runtime = TxaioRuntime(loop: loop)
        let future = runtime.createFuture(of: Int.self)
        future.addCallbacks { notes.add("callback \($0) \(loop.isCurrent)") }
        // The event loop of another thread, which this one waits for.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        try group.next().submit {
            try future.resolve(1)
            runtime.callLater(.milliseconds(1)) { notes.add("timer") }
        }.wait()
        // Nothing of the loop may be released by that thread: NIO's embedded one minds.
        try group.syncShutdownGracefully()
        notes.add("before")
        loop.advance()
        loop.advance(by: .milliseconds(1))
        #expect(notes.all == ["before", "callback 1 true", "timer"])
    }

    @Test
    func tasksAwaitOnAnAsyncEmbeddedLoop() async throws {
        let loop = AsyncEmbeddedLoop()
        let runtime = TxaioRuntime(loop: loop)
        let sleeping = runtime.sleep(.seconds(5))
        let notes = Notes<Bool>()
        runtime.callLater(.seconds(3)) { notes.add(loop.isCurrent) }
        #expect(loop.waiting == [.seconds(3), .seconds(5)])
        await loop.advance(by: .seconds(4))
        #expect(notes.all == [true] && !sleeping.isCalled)
        await loop.advance(by: .seconds(1))
        try await sleeping.value
        #expect(loop.nanoseconds == 5_000_000_000)
    }
}
#endif
