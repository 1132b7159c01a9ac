import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// `createFailure` keeps how the program came there, and what is made of it.
struct TracebackTests {
    private struct RuntimeError: Error, CustomStringConvertible {
        var description = "it failed"
    }
    private struct Outer: Error { let inner: any Error }

    private let runtime = TxaioRuntime(loop: VirtualClock())

    @inline(never)
    private static func aFunctionThatFails(_ runtime: TxaioRuntime, _ depth: Int) -> FutureFailure {
        // What follows the call keeps this frame.
        if depth > 0 { return identity(aFunctionThatFails(runtime, depth - 1)) }
        return identity(runtime.createFailure(RuntimeError()))
    }

    @inline(never)
    private static func identity(_ failure: FutureFailure) -> FutureFailure { failure }

    @Test func theTracebackNamesTheFunctionsThatLedToTheFailure() throws {
        let failure = Self.aFunctionThatFails(runtime, 3)
        let traceback = try #require(runtime.failureTraceback(failure))
        let lines = traceback.description.split(separator: "\n")
        #expect(lines.count == traceback.addresses.count)
        #expect(lines.count > 4)
        // The innermost first: who called `createFailure`, and not txaio itself.
        for line in lines.prefix(4) {
            #expect(line.contains("TracebackTests.(aFunctionThatFails"), "\(traceback)")
        }
        #expect(!traceback.description.contains("createFailure"))
        #expect(lines.contains { $0.contains("theTracebackNamesTheFunctions") }, "\(traceback)")
    }

    @Test func theFormattedTracebackHasFramesPlaceTypeAndText() {
        let failure = Self.aFunctionThatFails(runtime, 0)
        let text = runtime.failureFormatTraceback(failure)
        #expect(text.contains("aFunctionThatFails"))
        #expect(text.contains("RuntimeError: it failed\n"))
        #expect(text.contains("TxaioCoreTests/TracebackTests.swift:\(failure.line)"))
        #expect(text.split(separator: "\n").count >= 4)
        #expect(runtime.failureMessage(failure) == "RuntimeError: it failed")
        #expect(failure.description.contains("it failed"))
    }

    @Test func aFailureThatIsRejectedWithKeepsItsTracebackAndPlace() throws {
        let failure = Self.aFunctionThatFails(runtime, 0)
        let future = runtime.createFuture(of: Int.self)
        let seen = Lock<(any FailedFuture)?>(nil)
        future.addCallbacks(nil) { failed in seen.withLock { $0 = failed } }
        try future.reject(failure)
        let found = try #require(seen.withLock { $0 } as? FutureFailure)
        #expect(found.value is RuntimeError)
        #expect(found.line == failure.line)
        #expect(runtime.failureTraceback(found) == failure.traceback)
    }

    @Test func anErrorThatNobodyWrappedHasNoTracebackUnlessThatIsWanted() throws {
        let future: TxaioFuture<Int> = runtime.createFutureError(RuntimeError())
        guard case .failure(let failure)? = future.settledResult else { throw RuntimeError() }
        future.addCallbacks(nil) { _ in }
        #expect(failure.traceback == nil)
        #expect(failure.backtrace == nil)
        let text = runtime.failureFormatTraceback(failure)
        #expect(text == "RuntimeError: it failed\n  made at \(failure.file):\(failure.line)\n")
    }

    @Test func aCancelledFutureSaysSoInItsTraceback() {
        let future = runtime.createFuture(of: Int.self)
        let seen = Log()
        let runtime = runtime
        future.addCallbacks(nil) { failure in
            seen.add(runtime.failureFormatTraceback(failure))
            seen.add(runtime.failureMessage(failure))
        }
        future.cancel("no\r\nneed")
        #expect(seen.lines.count == 2)
        #expect(seen.lines.first?.contains("CancelledError: no\r\nneed\n") == true)
        #expect(seen.lines.last == "CancelledError: no  need")
    }

    @Test func aMessageIsOneLineWhateverIsInTheError() {
        for (text, message) in [
            ("", "RuntimeError: "), ("a\nb", "RuntimeError: a b"), ("a\u{2028}b\u{85}c\u{0B}", "RuntimeError: a b c "),
            ("no break", "RuntimeError: no break"),
            ("\u{1F468}\u{200D}\u{1F469}\r\n", "RuntimeError: \u{1F468}\u{200D}\u{1F469}  "),
        ] {
            let failure = runtime.createFailure(RuntimeError(description: text))
            #expect(runtime.failureMessage(failure) == message)
            #expect(!runtime.failureMessage(failure).contains { $0.isNewline })
        }
    }

    @Test func somethingElseThanAFailureIsSaidToHaveNone() {
        #expect(runtime.failureMessage("x") == "Failed to produce failure message for \"x\"")
        #expect(runtime.failureFormatTraceback(17) == "Failed to format failure traceback for '17'")
    }

    @Test func twoFuturesOfOneErrorHaveFailuresOfTheirOwn() throws {
        let seen = Lock<[Int]>([])
        for index in 0..<2 {
            let future: TxaioFuture<Int> = runtime.createFutureError(RuntimeError())
            future.addCallbacks(
                { _ in seen.withLock { $0.append(-1) } },
                { failure in if failure.value is RuntimeError { seen.withLock { $0.append(index) } } }
            )
        }
        #expect(seen.withLock { $0 } == [0, 1])
    }

    @Test func loggingAFailureTellsTheInnerErrorItsCausesAndTheTraceback() throws {
        let capture = CapturingEmitter()
        let failure = runtime.createFailure(Outer(inner: RuntimeError()))
        withLogging(to: capture) { makeLogger("Tracebacks").failure(failure, "while testing") }
        let event = try #require(capture.events.first)
        #expect(event.message == "while testing")
        #expect(event["error"] == .string(failure.description))
        #expect(failure.description.contains("it failed"))
        guard case .array(let causes)? = event["error_causes"] else { throw RuntimeError() }
        #expect(causes.count == 2)
        #expect(causes.last == .string("RuntimeError: it failed"))
        guard case .string(let backtrace)? = event["error_backtrace"] else { throw RuntimeError() }
        #expect(backtrace.contains("TracebackTests"))
    }

    @Test func aTracebackOfADeepStackIsBounded() {
        let failure = Self.aFunctionThatFails(runtime, 5_000)
        #expect(failure.traceback?.addresses.count == 64)
    }

    @Test func aTracebackIsTakenInATaskAndOnALoopsThread() async throws {
        let inTask = await Task { self.runtime.createFailure(RuntimeError()) }.value
        #expect(inTask.traceback?.addresses.isEmpty == false)
        let onLoop = try await TxaioRuntime(loop: ConcurrencyLoop()).run { Self.aFunctionThatFails(self.runtime, 1) }
        #expect(onLoop.traceback?.description.contains("aFunctionThatFails") == true)
    }

    /// The setting is the process's: in one of its own.
    @Test func rejectKeepsATracebackWhereThatIsWanted() async {
        await #expect(processExitsWith: .success) {
            Txaio.config.capturesTracebacks = true
            let runtime = TxaioRuntime(loop: VirtualClock())
            let future = runtime.createFuture(of: Int.self)
            future.addCallbacks(nil) { _ in }
            try future.reject(RuntimeError())
            let made: TxaioFuture<Int> = runtime.createFutureError(RuntimeError())
            made.addCallbacks(nil) { _ in }
            for future in [future, made] {
                guard case .failure(let failure)? = future.settledResult else { throw RuntimeError() }
                let lines = failure.traceback?.description.split(separator: "\n") ?? []
                #expect(lines.first?.contains("rejectKeepsATraceback") == true, "\(lines)")
            }
        }
    }
}
