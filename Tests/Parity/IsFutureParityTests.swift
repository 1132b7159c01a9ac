import Testing
import TxaioCore

/// txaio's `test_is_future.py`.
@Suite struct IsFutureParityTests {
    @Test(arguments: Framework.all)
    func q36AFutureIsOneAndOtherThingsAreNot(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        #expect(runtime.isFuture(runtime.createFutureSuccess(1)))
        #expect(runtime.isFuture(runtime.createFuture(of: Void.self)))
        #expect(runtime.isFuture(runtime.asFuture { 1 }))
        #expect(runtime.isFuture(runtime.gather([TxaioFuture<Int>]())))
        #expect(!runtime.isFuture(Int?.none as Any))
        #expect(!runtime.isFuture({ 1 }))
        #expect(!runtime.isFuture(42))
        #expect(!runtime.isFuture("text"))
        #expect(!runtime.isFuture(Task { 1 }))
    }

    @Test(arguments: Framework.all)
    func q37AResolvedFutureIsCalled(_ framework: Framework) throws {
        let runtime = Bench(framework).runtime
        let future = runtime.createFuture(of: Int.self)
        #expect(!runtime.isCalled(future))
        try runtime.resolve(future, 1)
        #expect(runtime.isCalled(future))
    }

    @Test(arguments: Framework.all)
    func c6ResolvedRejectedAndCancelledOnesAreCalledAlreadyInTheirCallbacks(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let futures = (0..<3).map { _ in bench.runtime.createFuture(of: Int.self) }
        for future in futures {
            future.addCallbacks({ _ in seen.add("\(future.isCalled)") }, { _ in seen.add("\(future.isCalled)") })
        }
        try futures[0].resolve(1)
        try futures[1].reject(Boom())
        futures[2].cancel()
        #expect(seen.lines == ["true", "true", "true"])
        #expect(futures.allSatisfy { bench.runtime.isCalled($0) })
    }
}
