import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_cancel.py`, and what else is to be said of cancelling.
@Suite struct CancelParityTests {
    @Test(arguments: Framework.all)
    func q20TheCancellerIsCalledOnceWithTheFuture(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let cancelled = Kept<AnyTxaioFuture>()
        let future = bench.runtime.createFuture(of: Int.self, canceller: { cancelled.add($0) })
        bench.runtime.cancel(future)
        #expect(cancelled.all.count == 1 && cancelled.all.first === future)
        future.addCallbacks(nil) { _ in seen.add("errback") }
        #expect(seen.lines == ["errback"])
        #expect(cancelled.all.count == 1)
    }

    @Test(arguments: Framework.all)
    func b7TheCancellerOfAFutureThatIsResolvedOrRejectedIsNeverCalled(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let one = bench.runtime.createFuture(of: Int.self, canceller: { _ in seen.add("canceller") })
        let other = bench.runtime.createFuture(of: Int.self, canceller: { _ in seen.add("canceller") })
        other.addCallbacks(nil) { _ in }
        try one.resolve(1)
        try other.reject(Boom())
        one.cancel()
        other.cancel()
        #expect(seen.count == 0)
    }

    @Test(arguments: Framework.all)
    func d1TheCancellerRunsInsideCancel(_ framework: Framework) async {
        let bench = Bench(framework)
        let seen = bench.seen
        bench.runtime.createFuture(of: Int.self, canceller: { _ in seen.add("virtual") }).cancel()
        #expect(seen.lines == ["virtual"])
        // Elsewhere too: it is the caller who runs it.
        let real = framework.makeRuntime()
        real.createFuture(of: Int.self, canceller: { _ in seen.add(real.isCurrent ? "loop" : "caller") }).cancel()
        #expect(seen.lines == ["virtual", "caller"])
    }

    @Test(arguments: Framework.all)
    func d2TheCancellerRunsBeforeEveryErrback(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self, canceller: { _ in seen.add("canceller") })
        future.addCallbacks(nil) { _ in seen.add("first") }
        future.addCallbacks({ _ in seen.add("callback") }, { _ in seen.add("second") })
        future.cancel()
        #expect(seen.lines == ["canceller", "first", "second"])
    }

    @Test(arguments: Framework.all)
    func d3ErrbacksGetACancelledErrorAndCallbacksDoNotRun(_ framework: Framework) {
        let bench = Bench(framework)
        let errors = Kept<any Error>()
        let future = bench.runtime.createFuture(of: Int.self)
        future.addCallbacks({ _ in Issue.record("callback") }, { errors.add($0.value) })
        future.cancel()
        #expect(errors.all.map { $0 as? CancelledError } == [CancelledError()])
        #expect(bench.runtime.isCalled(future))
    }

    @Test(arguments: Framework.all, [false, true])
    func d4OneLateResultIsIgnoredAndTheNextThrows(_ framework: Framework, _ hasCanceller: Bool) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let runtime = bench.runtime
        let canceller: (@Sendable (TxaioFuture<Int>) -> Void)? = if hasCanceller { { _ in } } else { nil }
        for rejects in [false, true] {
            let future = runtime.createFuture(of: Int.self, canceller: canceller)
            future.addCallbacks({ seen.add("\($0)") }, { seen.add("\(type(of: $0.value))") })
            runtime.cancel(future)
            if rejects { try runtime.reject(future, Boom()) } else { try runtime.resolve(future, 1) }
            #expect(throws: TxaioError.alreadyResolved) { try runtime.resolve(future, 2) }
            #expect(throws: TxaioError.alreadyResolved) { try runtime.reject(future, Boom()) }
        }
        #expect(seen.lines == ["CancelledError", "CancelledError"])
    }

    @Test(arguments: Framework.all)
    func d5CancellingADoneFutureDoesNothing(_ framework: Framework) throws {
        let bench = Bench(framework)
        let future = bench.runtime.createFuture(of: Int.self)
        try future.resolve(1)
        bench.runtime.cancel(future)
        #expect(try future.settledResult?.get() == 1)
        #expect(throws: TxaioError.alreadyResolved) { try future.resolve(2) }
    }

    @Test(arguments: Framework.all)
    func d6CancellingTwiceDoesNothingTheSecondTime(_ framework: Framework) {
        let bench = Bench(framework)
        let (seen, runtime) = (bench.seen, bench.runtime)
        let future = runtime.createFuture(of: Int.self, canceller: { _ in seen.add("canceller") })
        future.addCallbacks(nil) { seen.add(runtime.failureMessage($0)) }
        future.cancel("first")
        future.cancel("second")
        #expect(seen.lines == ["canceller", "CancelledError: first"])
    }

    @Test(arguments: Framework.all)
    func d6CancellingInsideTheCancellerDoesNothing(_ framework: Framework) {
        let bench = Bench(framework)
        let (seen, runtime) = (bench.seen, bench.runtime)
        let future = runtime.createFuture(of: Int.self) { future in
            seen.add("canceller")
            future.cancel("inner")
        }
        future.addCallbacks(nil) { seen.add(runtime.failureMessage($0)) }
        future.cancel("outer")
        #expect(seen.lines == ["canceller", "CancelledError: outer"])
    }

    @Test(arguments: Framework.all)
    func d7TheCancellerMayResolveTheFutureItself(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self, canceller: { try? $0.resolve(42) })
        future.addCallbacks({ seen.add("\($0)") }, { _ in seen.add("errback") })
        future.cancel()
        #expect(seen.lines == ["42"])
        // That was its result, not a late one.
        #expect(throws: TxaioError.alreadyResolved) { try future.resolve(43) }
        let failed = bench.runtime.createFuture(of: Int.self, canceller: { try? $0.reject(Boom("of the canceller")) })
        failed.addCallbacks({ seen.add("\($0)") }, { seen.add("\($0.value)") })
        failed.cancel()
        #expect(seen.lines == ["42", "of the canceller"])
    }

    @Test(arguments: Framework.all)
    func d8TheMessageIsTheTextOfTheError(_ framework: Framework) {
        let bench = Bench(framework)
        let errors = Kept<any Error>()
        let future = bench.runtime.createFuture(of: Int.self)
        future.addCallbacks(nil) { errors.add($0.value) }
        bench.runtime.cancel(future, "future cancelled")
        #expect(errors.all.map { "\($0)" } == ["future cancelled"])
    }
}
