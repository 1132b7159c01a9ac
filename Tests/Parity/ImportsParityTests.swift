import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

#if NIO
import NIOPosix
import TxaioNIO
#endif

/// txaio's `test_imports.py`: which framework is chosen. Each in a process of its own, as a choice is for good.
@Suite struct ImportsParityTests {
    private static let usage =
        "To use txaio, you must first select a framework with Txaio.useConcurrency() or Txaio.useNIO(_:)"

    private static func refuses<R>(_ name: String, _ body: () throws -> R) {
        do {
            _ = try body()
            Issue.record("\(name) works without a selection")
        } catch {
            #expect(error as? TxaioError == .notSelected, "\(name)")
            #expect("\(error)" == usage, "\(name)")
        }
    }

    @Test func a1BeforeASelectionEachFunctionThrowsTheUsageError() async {
        await #expect(processExitsWith: .success) {
            let elsewhere = TxaioRuntime(loop: VirtualClock())
            let future = elsewhere.createFuture(of: Int.self)
            Self.refuses("createFuture") { try Txaio.createFuture(of: Int.self) }
            Self.refuses("createFuture(result:error:)") { try Txaio.createFuture(result: 1, error: Boom()) }
            Self.refuses("createFutureSuccess") { try Txaio.createFutureSuccess(1) }
            Self.refuses("createFutureError") { try Txaio.createFutureError(Boom(), of: Int.self) }
            Self.refuses("createFailure") { try Txaio.createFailure(Boom()) }
            Self.refuses("asFuture") { try Txaio.asFuture { 1 } }
            Self.refuses("isFuture") { try Txaio.isFuture(1) }
            Self.refuses("isCalled") { try Txaio.isCalled(future) }
            Self.refuses("resolve") { try Txaio.resolve(future, 1) }
            Self.refuses("reject") { try Txaio.reject(future, Boom()) }
            Self.refuses("cancel") { try Txaio.cancel(future) }
            Self.refuses("addCallbacks") { try Txaio.addCallbacks(future, { _ in }) }
            Self.refuses("addCallbacks(nil)") { try Txaio.addCallbacks(future, nil, { _ in }) }
            Self.refuses("gather") { try Txaio.gather([future]) }
            Self.refuses("callLater") { try Txaio.callLater(.seconds(1)) {} }
            Self.refuses("callLater(Double)") { try Txaio.callLater(1.0) {} }
            Self.refuses("makeBatchedTimer") { try Txaio.makeBatchedTimer(secondsPerBucket: -1) }
            Self.refuses("failureMessage") { try Txaio.failureMessage(1) }
            Self.refuses("failureTraceback") { try Txaio.failureTraceback(FutureFailure(Boom())) }
            Self.refuses("failureFormatTraceback") { try Txaio.failureFormatTraceback(1) }
            #expect(!future.isCalled)
        }
    }

    @Test func a2ThatHoldsForTimeAndConfigAndLoggingNeedsNoSelection() async {
        await #expect(processExitsWith: .success) {
            Self.refuses("sleep") { try Txaio.sleep(.seconds(1)) }
            Self.refuses("sleep(Double)") { try Txaio.sleep(1.0) }
            Self.refuses("withConfig") { try Txaio.withConfig(loop: VirtualClock()) }
            Self.refuses("timeNs") { try Txaio.timeNs() }
            Self.refuses("perfCounterNs") { try Txaio.perfCounterNs() }
            Self.refuses("runtime") { try Txaio.runtime }
            let emitter = CapturingEmitter()
            addLogCategories(["A2": "no selection {x}"])
            try startLogging(to: [emitter])
            makeLogger("a2").info("text", log_category: "A2", x: 1)
            #expect(emitter.messages == ["no selection 1"])
        }
    }

    @Test func a3BeforeASelectionNeitherIsUsedAndNoLoopIsSet() async {
        await #expect(processExitsWith: .success) {
            #expect(!Txaio.usingConcurrency)
            #expect(!Txaio.usingNIO)
            #expect(Txaio.config.loop == nil)
        }
    }

    @Test func a4TypesCanBeTestedForBeforeASelection() async {
        await #expect(processExitsWith: .success) {
            let failure: Any = FutureFailure(Boom())
            #expect(failure is any FailedFuture)
            #expect(!(1 as Any is any FailedFuture))
            #expect(makeLogger("a4") as Any is any LoggerProtocol)
        }
    }

    private static func checkSelected(_ framework: Framework) throws {
        try framework.select()
        #expect(Txaio.usingConcurrency == (framework.kind == .concurrency))
        #expect(Txaio.usingNIO == (framework.kind == .nio))
        #expect(try Txaio.runtime.framework == framework.kind)
    }

    @Test func a5AfterUseConcurrencyThatIsUsedAndNIOIsNot() async {
        await #expect(processExitsWith: .success) { try Self.checkSelected(.concurrency) }
    }

    private static func checkTwice(_ framework: Framework) async throws {
        try framework.select()
        let runtime = try Txaio.runtime
        let future = try Txaio.createFuture(of: Int.self)
        try framework.select()
        #expect(try Txaio.runtime === runtime)
        try Txaio.callLater(.milliseconds(1)) { try future.resolve(1) }
        #expect(try await future.value == 1)
    }

    @Test func a6SelectingConcurrencyAgainDoesNothing() async {
        await #expect(processExitsWith: .success) { try await Self.checkTwice(.concurrency) }
    }

    #if NIO
    @Test func a5AfterUseNIOThatIsUsedAndConcurrencyIsNot() async {
        await #expect(processExitsWith: .success) { try Self.checkSelected(.nio) }
    }

    @Test func a6SelectingNIOAgainDoesNothing() async {
        await #expect(processExitsWith: .success) { try await Self.checkTwice(.nio) }
    }

    private static func checkRefused(_ first: Framework, _ second: Framework) async throws {
        try first.select()
        let runtime = try Txaio.runtime
        for _ in 0..<2 {
            do {
                try second.select()
                Issue.record("a second framework was selected")
            } catch {
                #expect(error as? TxaioError == .alreadySelected(first.kind))
                #expect("\(error)" == "Explicitly using '\(first)' already")
            }
        }
        #expect(try Txaio.runtime === runtime)
        #expect(Txaio.usingConcurrency == (first.kind == .concurrency))
        #expect(Txaio.usingNIO == (first.kind == .nio))
        #expect(try await Txaio.createFutureSuccess(7).value == 7)
    }

    @Test func a7AfterConcurrencyNIOIsRefusedAndNothingChanges() async {
        await #expect(processExitsWith: .success) { try await Self.checkRefused(.concurrency, .nio) }
    }

    @Test func a7AfterNIOConcurrencyIsRefusedAndNothingChanges() async {
        await #expect(processExitsWith: .success) { try await Self.checkRefused(.nio, .concurrency) }
    }
    #endif

    @Test func a7TheErrorNamesTheFrameworkThatIsUsed() {
        #expect("\(TxaioError.alreadySelected(.concurrency))" == "Explicitly using 'concurrency' already")
        #expect("\(TxaioError.alreadySelected(.nio))" == "Explicitly using 'nio' already")
    }
}
