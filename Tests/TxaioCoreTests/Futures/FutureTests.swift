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
}

/// Lines that callbacks write.
final class Log: Sendable {
    private let state = Lock<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}
