import Testing
import TxaioCore

/// txaio's `test_create.py`, and what else is to be said of making futures.
@Suite struct CreateParityTests {
    @Test(arguments: Framework.all)
    func b1AFutureBeginsUnresolved(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        let one = runtime.createFuture(of: Int.self)
        let other = runtime.createFuture(of: Int.self)
        #expect(one !== other)
        #expect(!runtime.isCalled(one))
        #expect(one.settledResult == nil)
    }

    @Test(arguments: Framework.all)
    func q22WithAResultItIsFulfilledAtOnce(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = try bench.runtime.createFuture(result: "result", error: nil)
        #expect(bench.runtime.isCalled(future))
        bench.runtime.addCallbacks(future, { seen.add($0) }, { _ in seen.add("errback") })
        #expect(seen.lines == ["result"])
    }

    @Test(arguments: Framework.all)
    func q23WithAnErrorItHasFailedAtOnce(_ framework: Framework) throws {
        let bench = Bench(framework)
        let boom = Boom()
        let errors = Kept<any Error>()
        let future = try bench.runtime.createFuture(result: Int?.none, error: boom)
        #expect(bench.runtime.isCalled(future))
        bench.runtime.addCallbacks(future, { _ in Issue.record("callback") }, { errors.add($0.value) })
        #expect(errors.all.count == 1 && isSame(errors.all.first, boom))
    }

    @Test(arguments: Framework.all)
    func q21WithBothThereIsAnError(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        #expect(throws: TxaioError.bothResultAndError) { try runtime.createFuture(result: 1, error: Boom()) }
        #expect("\(TxaioError.bothResultAndError)" == "Cannot have both result and error.")
    }

    @Test(arguments: Framework.all)
    func b4ANilThatIsGivenIsAResult(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future: TxaioFuture<Int?> = try runtime.createFuture(result: .some(nil), error: nil)
        #expect(runtime.isCalled(future))
        #expect(try future.settledResult?.get() == .some(nil))
        let none: TxaioFuture<Int?> = try runtime.createFuture(result: nil, error: nil)
        #expect(!runtime.isCalled(none))
        let empty: TxaioFuture<Void> = try runtime.createFuture(result: (), error: nil)
        #expect(runtime.isCalled(empty))
    }

    @Test(arguments: Framework.all)
    func b5TheErrorMayBeAFailure(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let boom = Boom()
        let failure = runtime.createFailure(boom)
        let future = try runtime.createFuture(result: Int?.none, error: failure)
        let errors = Kept<any FailedFuture>()
        runtime.addCallbacks(future, nil, { errors.add($0) })
        #expect(isSame(errors.all.first?.value, boom))
        #expect((errors.all.first as? FutureFailure)?.line == failure.line)
    }

    @Test(arguments: Framework.all)
    func b8TheShortFormsEqualTheLongOnes(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let boom = Boom()
        let fulfilled = runtime.createFutureSuccess(42)
        #expect(runtime.isCalled(fulfilled))
        #expect(try fulfilled.settledResult?.get() == 42)
        let failed = runtime.createFutureError(boom, of: Int.self)
        #expect(runtime.isCalled(failed))
        let errors = Kept<any Error>()
        runtime.addCallbacks(failed, { _ in Issue.record("callback") }, { errors.add($0.value) })
        #expect(isSame(errors.all.first, boom))
    }

    @Test(arguments: Framework.all)
    func c4OneThatWasMadeDoneCannotBeResolved(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let fulfilled = runtime.createFutureSuccess(1)
        #expect(throws: TxaioError.alreadyResolved) { try runtime.resolve(fulfilled, 2) }
        let failed = runtime.createFutureError(Boom(), of: Int.self)
        #expect(throws: TxaioError.alreadyResolved) { try runtime.resolve(failed, 2) }
        runtime.addCallbacks(failed, nil, { _ in })
        #expect(try fulfilled.settledResult?.get() == 1)
    }
}
