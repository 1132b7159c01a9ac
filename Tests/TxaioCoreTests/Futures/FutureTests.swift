import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

struct FutureTests {
    private struct Boom: Error {}

    private let clock = VirtualClock()
    private var runtime: TxaioRuntime { TxaioRuntime(loop: clock) }

    @Test func callbacksRunInsideResolveOnTheLoop() throws {
        let seen = Log()
        let future = runtime.createFuture(of: Int.self)
        future.addCallbacks { seen.add("first \($0)") }
        future.addCallbacks({ seen.add("second \($0)") }, { _ in seen.add("never") })
        try future.resolve(42)
        #expect(seen.lines == ["first 42", "second 42"])
        future.addCallbacks { seen.add("late \($0)") }
        #expect(seen.lines.last == "late 42")
    }

    @Test func theSecondResultIsAnErrorAndTheFirstStands() throws {
        let future = runtime.createFuture(of: Int.self)
        try future.resolve(1)
        #expect(throws: TxaioError.alreadyResolved) { try future.resolve(2) }
        #expect(throws: TxaioError.alreadyResolved) { try future.reject(Boom()) }
        #expect(try future.settledResult?.get() == 1)
    }

    @Test func oneLateResultAfterACancellationIsIgnored() throws {
        let future = runtime.createFuture(of: Int.self)
        future.cancel("no need")
        try future.resolve(1)
        #expect(throws: TxaioError.alreadyResolved) { try future.resolve(2) }
    }

    @Test func aMillionFuturesInAChainGrowNoStack() throws {
        let first = runtime.createFuture(of: Int.self)
        var last = first
        for _ in 0..<1_000_000 { last = last.map { $0 + 1 } }
        try first.resolve(0)
        #expect(try last.settledResult?.get() == 1_000_000)
    }

    @Test func aChainThatNobodyResolvedIsReleasedWithoutGrowingTheStack() {
        let first = runtime.createFuture(of: Int.self)
        var last = first
        for _ in 0..<1_000_000 { last = last.map { $0 + 1 } }
        #expect(!last.isCalled)
    }

    @Test func aTaskWaitsForAFutureOfTheConcurrencyLoop() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let future = runtime.createFuture(of: String.self)
        runtime.callLater(.milliseconds(1)) { try future.resolve("there") }
        #expect(try await future.value == "there")
        #expect(try await runtime.run { runtime.isCurrent })
    }

    /// Adds a callback to a future when it is released.
    private final class Adder: Sendable {
        let add: @Sendable () -> Void
        init(_ add: @escaping @Sendable () -> Void) { self.add = add }
        deinit { add() }
    }

    @Test func aCallbackThatTheCancellersEndAddsRunsWithTheResultAndAfterThoseBefore() throws {
        let seen = Log()
        let held = Lock<TxaioFuture<Int>?>(nil)
        func make() -> TxaioFuture<Int> {
            let adder = Adder { held.withLock { $0 }?.addCallbacks { seen.add("added \($0)") } }
            return runtime.createFuture(of: Int.self, canceller: { _ in withExtendedLifetime(adder) {} })
        }
        let future = make()
        held.withLock { $0 = future }
        future.addCallbacks { seen.add("first \($0)") }
        try future.resolve(42)
        #expect(seen.lines == ["first 42", "added 42"])
        held.withLock { $0 = nil }
    }

    /// An error that adds a callback when it is asked what it holds.
    private struct Meddler: FailedFuture {
        let add: @Sendable () -> Void
        var value: any Error {
            add()
            return Boom()
        }
    }

    @Test func whatARejectionAsksOfItsErrorFindsTheFutureUnsettled() throws {
        let seen = Log()
        let future = runtime.createFuture(of: String.self)
        try future.reject(Meddler { future.addCallbacks({ seen.add($0) }, { seen.add("\(type(of: $0.value))") }) })
        #expect(Set(seen.lines) == ["Boom"])
    }

    /// A clock that begins before any other.
    private final class Abyss: TimeSource {
        let time = Lock(Int64.min)
        let calls = Lock<[@Sendable () -> Void]>([])
        var nanoseconds: Int64 { time.withLock { $0 } }
        func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
            calls.withLock { $0.append(body) }
            return clock.callLater(nanoseconds: .max) {}
        }
        let clock = VirtualClock()
    }

    @Test func aClockMayBeginAnywhere() {
        let abyss = Abyss()
        let seen = Log()
        let runtime = TxaioRuntime(loop: clock, timeSource: abyss)
        runtime.callLater(0.0) { seen.add("called") }
        abyss.time.withLock { $0 = 1 }
        for call in abyss.calls.withLock({ $0 }) { call() }
        #expect(seen.lines == ["called"])
    }
}

/// Lines that callbacks write.
final class Log: Sendable {
    private let state = Lock<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}
