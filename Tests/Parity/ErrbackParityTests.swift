import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_errback.py`, and what else is to be said of failures.
@Suite struct ErrbackParityTests {
    struct RuntimeFault: Error, CustomStringConvertible {
        let description: String
    }

    @Test(arguments: Framework.all)
    func q24AFailureOfACaughtErrorHasAllThatPeopleNeed(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future = runtime.createFuture(of: Int.self)
        let failures = Kept<any FailedFuture>()
        runtime.addCallbacks(future, { _ in Issue.record("callback") }, { failures.add($0) })
        do {
            throw RuntimeFault(description: "it failed")
        } catch {
            try runtime.reject(future, runtime.createFailure(error))
        }
        let failure = try #require(failures.all.first)
        #expect(failures.all.count == 1)
        #expect((failure.value as? RuntimeFault)?.description == "it failed")
        let traceback = runtime.failureFormatTraceback(failure)
        #expect(traceback.contains("RuntimeFault") && traceback.contains("it failed"))
        #expect(traceback.contains("ErrbackParityTests.swift:"))
        #expect(runtime.failureMessage(failure) == "RuntimeFault: it failed")
        #expect("\(failure)".contains("it failed"))
    }

    @Test(arguments: Framework.all)
    func q25AFailureOfAnErrorThatWasNeverThrownHasTheSame(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future = runtime.createFuture(of: Int.self)
        let failures = Kept<any FailedFuture>()
        let boom = Boom()
        runtime.addCallbacks(future, nil, { failures.add($0) })
        try runtime.reject(future, runtime.createFailure(boom))
        let failure = try #require(failures.all.first)
        #expect(isSame(failure.value, boom))
        #expect(runtime.failureMessage(failure) == "Boom: it failed")
        #expect(runtime.failureFormatTraceback(failure).contains("Boom: it failed"))
        #expect("\(failure)".contains("it failed"))
    }

    @Test(arguments: Framework.all)
    func q26APlainErrorReachesTheErrbackAsAFailure(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future = runtime.createFuture(of: Int.self)
        let failures = Kept<any FailedFuture>()
        let boom = Boom()
        runtime.addCallbacks(future, { _ in Issue.record("callback") }, { failures.add($0) })
        try runtime.reject(future, boom)
        let failure = try #require(failures.all.first)
        #expect(isSame(failure.value, boom))
        #expect(runtime.failureMessage(failure) == "Boom: it failed")
        #expect(runtime.failureFormatTraceback(failure).contains("it failed"))
        #expect(runtime.failureTraceback(failure) == nil)
    }

    @Test(arguments: Framework.all)
    func q27ACancellationHasItsNameAndTheGivenText(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let failures = Kept<any FailedFuture>()
        for message in ["future cancelled", nil] {
            let future = runtime.createFuture(of: Int.self)
            runtime.addCallbacks(future, { _ in Issue.record("callback") }, { failures.add($0) })
            runtime.cancel(future, message)
        }
        #expect(
            failures.all.map { runtime.failureMessage($0) } == [
                "CancelledError: future cancelled", "CancelledError: ",
            ]
        )
        for failure in failures.all {
            #expect(failure.value is CancelledError)
            #expect(runtime.failureFormatTraceback(failure).contains("CancelledError"))
        }
    }

    @Test(arguments: Framework.all)
    func q30OfTwoFuturesThatWereMadeFailedEachHasAFailureOfItsOwn(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        let boom = Boom()
        let failures = Kept<FutureFailure>()
        for future in [
            runtime.createFutureError(boom, of: Int.self, file: "first", line: 1),
            runtime.createFutureError(boom, of: Int.self, file: "second", line: 2),
        ] {
            runtime.addCallbacks(
                future,
                { _ in Issue.record("callback") },
                {
                    if let failure = $0 as? FutureFailure { failures.add(failure) }
                }
            )
        }
        #expect(failures.all.allSatisfy { isSame($0.value, boom) })
        #expect(failures.all.map(\.file) == ["first", "second"])
    }

    @Test(arguments: Framework.all)
    func c2RejectTakesAnErrorOrAFailure(_ framework: Framework) throws {
        let bench = Bench(framework)
        let errors = Kept<any Error>()
        let boom = Boom()
        for error: any Error in [boom, bench.runtime.createFailure(boom), Foreign(value: boom)] {
            let future = bench.runtime.createFuture(of: Int.self)
            bench.runtime.addCallbacks(future, { _ in Issue.record("callback") }, { errors.add($0.value) })
            try bench.runtime.reject(future, error)
            #expect(bench.runtime.isCalled(future))
        }
        #expect(errors.all.count == 3 && errors.all.allSatisfy { isSame($0, boom) })
    }

    /// Somebody else's failure.
    private struct Foreign: FailedFuture {
        let value: any Error
    }

    @Test(arguments: Framework.all)
    func c10ARejectionThatNobodyHandledIsLoggedWhenItIsReleased(_ framework: Framework) throws {
        let bench = Bench(framework)
        let events = try logged {
            try bench.runtime.createFuture(of: Int.self).reject(Boom("nobody cares"))
            _ = bench.runtime.createFutureError(Boom("made failed"), of: Int.self)
        }
        #expect(events.map(\.level) == [.critical, .critical])
        #expect(events.map(\.namespace) == ["TxaioCore.Future", "TxaioCore.Future"])
        #expect(events.first?.message.contains("Boom: nobody cares") == true)
        #expect(events.last?.message.contains("Boom: made failed") == true)
        #expect(events.first?["file"] == .string("ParityTests/ErrbackParityTests.swift"))
    }

    @Test(arguments: Framework.all)
    func e10ARejectionWithACallbackAloneIsReported(_ framework: Framework) throws {
        let bench = Bench(framework)
        let events = try logged {
            let future = bench.runtime.createFuture(of: Int.self)
            future.addCallbacks { _ in Issue.record("callback") }
            try future.reject(Boom("callback alone"))
        }
        #expect(events.map(\.level) == [.critical])
        #expect(events.first?.message.contains("Boom: callback alone") == true)
    }

    @Test(arguments: Framework.all)
    func c10ARejectionThatSomebodyHandledIsNotLogged(_ framework: Framework) throws {
        let bench = Bench(framework)
        let events = try logged {
            let future = bench.runtime.createFuture(of: Int.self)
            try future.reject(Boom())
            future.addCallbacks(nil) { _ in }
            bench.runtime.createFuture(of: Int.self).cancel()
        }
        #expect(events.isEmpty)
    }

    @Test(arguments: Framework.all)
    func e6ACallbackThatThrowsHasItsOwnErrbackCalledAndLaterPairsSeeTheOriginal(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let errors = Kept<any Error>()
        let boom = Boom()
        let events = try logged {
            let future = bench.runtime.createFuture(of: Int.self)
            future.addCallbacks({ _ in throw boom }, { errors.add($0.value) })
            future.addCallbacks({ seen.add("\($0)") }, { _ in seen.add("errback") })
            try future.resolve(1)
        }
        #expect(errors.all.count == 1 && isSame(errors.all.first, boom))
        #expect(seen.lines == ["1"])
        #expect(events.isEmpty)
    }

    @Test(arguments: Framework.all)
    func e8AnErrbackThatThrowsIsLoggedAndLaterPairsStillRun(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let events = try logged {
            let future = bench.runtime.createFuture(of: Int.self)
            future.addCallbacks(nil) { _ in throw Boom("the errback broke") }
            future.addCallbacks(nil) { seen.add("\($0.value)") }
            try future.reject(Boom("original"))
            let fulfilled = bench.runtime.createFutureSuccess(1)
            fulfilled.addCallbacks({ _ in throw Boom("callback") }, { _ in throw Boom("its errback") })
        }
        #expect(seen.lines == ["original"])
        #expect(events.map(\.level) == [.error, .error])
        #expect(events.first?.message.hasSuffix("Boom: the errback broke") == true)
        #expect(events.last?.message.hasSuffix("Boom: its errback") == true)
        #expect(events.map { $0["kind"] } == [.string("errback"), .string("errback")])
    }

    @Test(arguments: Framework.all)
    func e9EveryPairsErrbackRuns(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self)
        for number in 0..<3 {
            future.addCallbacks({ _ in seen.add("callback") }, { seen.add("\(number) \($0.value)") })
        }
        try future.reject(Boom("original"))
        #expect(seen.lines == ["0 original", "1 original", "2 original"])
    }

    @Test(arguments: Framework.all)
    func e11ErrbacksGetCancellationToo(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self)
        future.addCallbacks(nil) { seen.add("\(type(of: $0.value))") }
        future.addCallbacks({ _ in seen.add("callback") }, { seen.add("\(type(of: $0.value))") })
        future.cancel()
        #expect(seen.lines == ["CancelledError", "CancelledError"])
    }

    @Test(arguments: Framework.all)
    func e12AllErrbacksGetTheSameError(_ framework: Framework) throws {
        let bench = Bench(framework)
        let errors = Kept<any Error>()
        let boom = Boom()
        let future = bench.runtime.createFuture(of: Int.self)
        for _ in 0..<3 { future.addCallbacks(nil) { errors.add($0.value) } }
        try future.reject(boom)
        #expect(errors.all.count == 3 && errors.all.allSatisfy { isSame($0, boom) })
    }

    @Test(arguments: Framework.all)
    func f2CreateFailureWrapsAnError(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        let boom = Boom()
        let failure: any FailedFuture = runtime.createFailure(boom)
        #expect(isSame(failure.value, boom))
        #expect(isSame(runtime.createFailure(failure).value, boom))
    }

    @Test(arguments: Framework.all, ["one\ntwo", "one\r\ntwo", "one\u{2028}two", "\n", "", "plain"])
    func f4TheMessageIsNameAndTextInOneLine(_ framework: Framework, _ text: String) {
        let runtime = Bench(framework).runtime
        let message = runtime.failureMessage(runtime.createFailure(Boom(text)))
        #expect(message.hasPrefix("Boom: "))
        let breaks = message.filter(\.isNewline)
        #expect(breaks.isEmpty)
        #expect(message.unicodeScalars.count == "Boom: ".unicodeScalars.count + text.unicodeScalars.count)
    }

    @Test(arguments: Framework.all)
    func f5TheMessageOfSomethingElseSaysThatThereIsNone(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        #expect(runtime.failureMessage("x") == "Failed to produce failure message for \"x\"")
        #expect(runtime.failureMessage(3) == "Failed to produce failure message for \"3\"")
    }

    @Test(arguments: Framework.all)
    func f6TheFormattedTracebackHasTypeTextAndPlace(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        let text = runtime.failureFormatTraceback(
            runtime.createFailure(Boom("two\nlines"), file: "Some/File.swift", line: 12)
        )
        #expect(text.contains("Boom: two\nlines\n"))
        #expect(text.contains("made at Some/File.swift:12"))
        #expect(text.split(separator: "\n").count >= 3)
        #expect(runtime.failureFormatTraceback("x") == "Failed to format failure traceback for 'x'")
    }

    @Test(arguments: Framework.all)
    func f7AnErrorThatCameWithoutCreateFailureHasNoTraceback(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future = runtime.createFutureError(Boom(), of: Int.self)
        let failures = Kept<any FailedFuture>()
        future.addCallbacks(nil) { failures.add($0) }
        let failure = try #require(failures.all.first)
        #expect(runtime.failureTraceback(failure) == nil)
    }

    @Test(arguments: Framework.all)
    func f8TheTextOfAFailureHasTheMessage(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        #expect("\(runtime.createFailure(Boom("this very text")))".contains("this very text"))
    }
}
