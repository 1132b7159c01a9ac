import Foundation
import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_callback.py`, and what else is to be said of callbacks.
@Suite struct CallbackParityTests {
    @Test(arguments: Framework.all)
    func q17AFutureOfNothingIsResolvedWithoutAValue(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Void.self)
        bench.runtime.addCallbacks(future, { _ in seen.add("called") }, { _ in seen.add("errback") })
        try bench.runtime.resolve(future)
        #expect(seen.lines == ["called"])
    }

    @Test(arguments: Framework.all)
    func q18TheCallbackGetsTheValue(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: String.self)
        bench.runtime.addCallbacks(future, { seen.add($0) }, { _ in seen.add("errback") })
        #expect(seen.count == 0)
        try bench.runtime.resolve(future, "it worked")
        #expect(seen.lines == ["it worked"])
    }

    @Test(arguments: Framework.all)
    func q19ACallbackThatIsAddedAfterTheFactGetsTheValue(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFutureSuccess("it worked")
        bench.runtime.addCallbacks(future, { seen.add($0) })
        #expect(seen.lines == ["it worked"])
    }

    @Test(arguments: Framework.all)
    func c4TheSecondResultThrowsAndTheFirstStands(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let runtime = bench.runtime
        let future = runtime.createFuture(of: Int.self)
        runtime.addCallbacks(future, { seen.add("\($0)") }, { _ in seen.add("errback") })
        try runtime.resolve(future, 1)
        #expect(throws: TxaioError.alreadyResolved) { try runtime.resolve(future, 2) }
        #expect(throws: TxaioError.alreadyResolved) { try runtime.reject(future, Boom()) }
        #expect(seen.lines == ["1"])
        #expect(try future.settledResult?.get() == 1)

        let failed = runtime.createFuture(of: Int.self)
        runtime.addCallbacks(failed, { _ in seen.add("callback") }, { _ in seen.add("failed") })
        try runtime.reject(failed, Boom())
        #expect(throws: TxaioError.alreadyResolved) { try runtime.resolve(failed, 2) }
        #expect(throws: TxaioError.alreadyResolved) { try runtime.reject(failed, Boom()) }
        #expect(seen.lines == ["1", "failed"])
    }

    @Test(arguments: Framework.all)
    func c5OnTheLoopCallbacksRunInsideResolve(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self)
        let failed = bench.runtime.createFuture(of: Int.self)
        future.addCallbacks { _ in seen.add("callback") }
        failed.addCallbacks(nil) { _ in seen.add("errback") }
        try future.resolve(1)
        #expect(seen.lines == ["callback"])
        try failed.reject(Boom())
        #expect(seen.lines == ["callback", "errback"])
    }

    @Test(arguments: Framework.all)
    func c5ElsewhereCallbacksRunOnTheLoop(_ framework: Framework) async throws {
        let runtime = framework.makeRuntime()
        let future = runtime.createFuture(of: Int.self)
        let wasCurrent = runtime.createFuture(of: Bool.self)
        future.addCallbacks { _ in try wasCurrent.resolve(runtime.isCurrent) }
        #expect(!runtime.isCurrent)
        try future.resolve(1)
        #expect(try await wasCurrent.value)
    }

    @Test(arguments: Framework.all)
    func c5CallbacksNeverCallEachOther(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let first = bench.runtime.createFuture(of: Int.self)
        let second = bench.runtime.createFuture(of: Int.self)
        second.addCallbacks { _ in seen.add("second") }
        first.addCallbacks { _ in
            seen.add("first begins")
            try second.resolve(2)
            seen.add("first ends")
        }
        first.addCallbacks { _ in seen.add("first again") }
        try first.resolve(1)
        #expect(seen.lines == ["first begins", "first ends", "first again", "second"])
    }

    @Test(arguments: Framework.all)
    func e1CallbacksErrbacksOrBothCanBeAddedAgainAndAgain(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        func add(to future: TxaioFuture<Int>) {
            bench.runtime.addCallbacks(future, { seen.add("a \($0)") })
            bench.runtime.addCallbacks(future, nil, { _ in seen.add("b") })
            bench.runtime.addCallbacks(future, { seen.add("c \($0)") }, { _ in seen.add("d") })
        }
        let future = bench.runtime.createFuture(of: Int.self)
        add(to: future)
        try future.resolve(1)
        #expect(seen.lines == ["a 1", "c 1"])
        let failed = bench.runtime.createFuture(of: Int.self)
        add(to: failed)
        try failed.reject(Boom())
        #expect(seen.lines == ["a 1", "c 1", "b", "d"])
    }

    @Test(arguments: Framework.all)
    func e3CallbacksRunInTheOrderOfAdding(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self)
        for number in 0..<100 { future.addCallbacks { _ in seen.add("\(number)") } }
        try future.resolve(0)
        #expect(seen.lines == (0..<100).map(String.init))
    }

    @Test(arguments: Framework.all)
    func e4AddedToADoneFutureItRunsAtOnceOnTheLoop(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: Int.self)
        future.addCallbacks { seen.add("early \($0)") }
        try future.resolve(1)
        future.addCallbacks { seen.add("late \($0)") }
        #expect(seen.lines == ["early 1", "late 1"])
        future.addCallbacks { value in
            future.addCallbacks { seen.add("inner \($0)") }
            seen.add("outer \(value)")
        }
        #expect(seen.lines == ["early 1", "late 1", "outer 1", "inner 1"])
    }

    @Test(arguments: Framework.all)
    func e4AddedElsewhereToADoneFutureItRunsOnTheLoop(_ framework: Framework) async throws {
        let runtime = framework.makeRuntime()
        let future = runtime.createFutureSuccess(1)
        let wasCurrent = runtime.createFuture(of: Bool.self)
        future.addCallbacks { _ in try wasCurrent.resolve(runtime.isCurrent) }
        #expect(try await wasCurrent.value)
    }

    @Test(arguments: Framework.all)
    func e5EachCallbackGetsTheOriginalResult(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let future = bench.runtime.createFuture(of: [Int].self)
        future.addCallbacks { value in seen.add("\(value + [2])") }
        future.addCallbacks { value in seen.add("\(value)") }
        let mapped = future.map { $0.count }
        mapped.addCallbacks { seen.add("\($0)") }
        try future.resolve([1])
        #expect(seen.lines == ["[1, 2]", "[1]", "1"])
    }

    @Test(arguments: Framework.all)
    func e13AddCallbacksReturnsNothing(_ framework: Framework) {
        let future = Bench(framework).runtime.createFuture(of: Int.self)
        let returned: Void = future.addCallbacks { _ in }
        #expect(returned == ())
    }

    @Test(arguments: Framework.all)
    func e7ACallbackThatThrowsWithoutAnErrbackIsLogged(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let events = try logged {
            let future = bench.runtime.createFuture(of: Int.self)
            future.addCallbacks { _ in throw Boom("the callback broke") }
            future.addCallbacks { seen.add("\($0)") }
            try future.resolve(1)
        }
        #expect(seen.lines == ["1"])
        #expect(events.map(\.level) == [.error])
        #expect(events.first?.namespace == "TxaioCore.Future")
        #expect(events.first?.message.hasSuffix("threw: Boom: the callback broke") == true)
        #expect(events.first?["kind"] == .string("callback"))
        #expect(events.first?["file"] == .string("ParityTests/CallbackParityTests.swift"))
    }
}
