import Testing
import TxaioCore
import TxaioTesting

/// txaio's `test_as_future.py`.
@Suite struct AsFutureParityTests {
    /// What the original hands over as `(1, 2, 3, key="word")`.
    private static func text(_ a: Int, _ b: Int, _ c: Int, key: String) -> String { "\(a) \(b) \(c) \(key)" }

    @Test(arguments: Framework.all)
    func q1AnImmediateResultReachesTheCallback(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.asFuture {
            seen.add(Self.text(1, 2, 3, key: "word"))
            return 42
        }
        #expect(seen.lines == ["1 2 3 word"])
        future.addCallbacks({ seen.add("\($0)") }, { _ in seen.add("errback") })
        let nothing = bench.runtime.asFuture { seen.add("nothing") }
        nothing.addCallbacks({ _ in seen.add("void") }, { _ in seen.add("errback") })
        let none = bench.runtime.asFuture { Int?.none }
        none.addCallbacks({ seen.add("\(String(describing: $0))") }, { _ in seen.add("errback") })
        #expect(seen.lines == ["1 2 3 word", "42", "nothing", "void", "nil"])
    }

    @Test(arguments: Framework.all)
    func q2AnErrorReachesTheErrbackAsItIs(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let errors = Kept<any Error>()
        let boom = Boom()
        func fails(_ a: Int, _ b: Int, _ c: Int, key: String) throws -> Int {
            seen.add(Self.text(a, b, c, key: key))
            throw boom
        }
        let future = bench.runtime.asFuture { try fails(1, 2, 3, key: "word") }
        future.addCallbacks({ _ in seen.add("callback") }, { errors.add($0.value) })
        #expect(seen.lines == ["1 2 3 word"])
        #expect(errors.all.count == 1 && isSame(errors.all.first, boom))
    }

    @Test(arguments: Framework.all)
    func q3AReturnedFuturesResultArrives(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let inner = bench.runtime.createFuture(of: Int.self)
        let future = bench.runtime.asFuture { inner }
        #expect(future === inner)
        future.addCallbacks({ seen.add("\($0)") }, { _ in seen.add("errback") })
        try inner.resolve(42)
        #expect(seen.lines == ["42"])
        let boom = Boom()
        func fails() throws -> TxaioFuture<Int> { throw boom }
        let errors = Kept<any Error>()
        let failed: TxaioFuture<Int> = bench.runtime.asFuture { try fails() }
        failed.addCallbacks({ _ in seen.add("callback") }, { errors.add($0.value) })
        #expect(isSame(errors.all.first, boom))
    }

    @Test(arguments: Framework.all)
    func g1TheFunctionIsCalledOnceInsideTheCall(_ framework: Framework) {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.asFuture {
            seen.add("called")
            return 1
        }
        #expect(seen.lines == ["called"])
        #expect(future.isCalled)
        future.addCallbacks { _ in }
        bench.time.advance(1)
        #expect(seen.lines == ["called"])
    }

    @Test(arguments: Framework.all)
    func g4AnAsyncFunctionIsStartedAndItsFutureReturned(_ framework: Framework) async throws {
        let runtime = framework.makeRuntime()
        let future = runtime.asFuture { () async throws -> Int in
            await Task.yield()
            return 42
        }
        #expect(try await future.value == 42)
        let boom = Boom()
        let failed = runtime.asFuture { () async throws -> Int in
            await Task.yield()
            throw boom
        }
        let error = await #expect(throws: Boom.self) { try await failed.value }
        #expect(isSame(error, boom))
    }

    @Test(arguments: Framework.all)
    func g4CancellingTheFutureOfAnAsyncFunctionCancelsItsTask(_ framework: Framework) async throws {
        let runtime = framework.makeRuntime()
        let wasCancelled = runtime.createFuture(of: Bool.self)
        let future = runtime.asFuture { () async throws -> Int in
            do { try await Task.sleep(for: .seconds(60)) } catch { try wasCancelled.resolve(Task.isCancelled) }
            return 1
        }
        future.cancel()
        #expect(try await wasCancelled.value)
        await #expect(throws: CancelledError.self) { try await future.value }
    }
}
