import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_gather.py`, and what else is to be said of gathering.
@Suite struct GatherParityTests {
    private typealias Results = [Result<Int, FutureFailure>]

    private static func text(_ results: Results) -> String {
        results.map { result in
            switch result {
            case .success(let value): "\(value)"
            case .failure(let failure): "\(failure.value)"
            }
        }.joined(separator: " ")
    }

    @Test(arguments: Framework.all)
    func q31BothResultsArrive(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let runtime = bench.runtime
        let futures = [runtime.createFuture(of: String.self), runtime.createFuture(of: String.self)]
        for future in futures { runtime.addCallbacks(future, { seen.add("own \($0)") }) }
        let whole = runtime.gather(futures)
        runtime.addCallbacks(whole, { results in seen.add("\(results.compactMap { try? $0.get() })") })
        try runtime.resolve(futures[0], "result0")
        try runtime.resolve(futures[1], "result1")
        #expect(seen.lines == ["own result0", "own result1", #"["result0", "result1"]"#])
    }

    @Test(arguments: Framework.all)
    func q32WithoutConsumingEachErrbackAndTheGatheredOnesRunOnce(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let runtime = bench.runtime
        let events = try logged {
            let futures = [runtime.createFuture(of: Int.self), runtime.createFuture(of: Int.self)]
            for (index, future) in futures.enumerated() {
                runtime.addCallbacks(future, { _ in seen.add("callback") }, { _ in seen.add("member \(index)") })
            }
            let whole = runtime.gather(futures, consumeExceptions: false)
            runtime.addCallbacks(whole, { _ in seen.add("callback") }, { seen.add("whole \($0.value)") })
            try runtime.reject(futures[0], Boom("one"))
            try runtime.reject(futures[1], Boom("two"))
        }
        #expect(seen.lines.sorted() == ["member 0", "member 1", "whole one"])
        #expect(events.isEmpty)
    }

    @Test(arguments: Framework.all)
    func h1ResultsAreInTheOrderOfTheInput(_ framework: Framework) throws {
        let bench = Bench(framework)
        let futures = (0..<4).map { _ in bench.runtime.createFuture(of: Int.self) }
        let whole = bench.runtime.gather(futures)
        #expect(futures.allSatisfy { $0 as AnyTxaioFuture !== whole })
        for index in [2, 0, 3, 1] { try futures[index].resolve(index) }
        let results = try #require(try whole.settledResult?.get())
        #expect(Self.text(results) == "0 1 2 3")
    }

    @Test(arguments: Framework.all)
    func h2NothingHappensUntilTheLastOneIsDone(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let futures = (0..<3).map { _ in bench.runtime.createFuture(of: Int.self) }
        let whole = bench.runtime.gather(futures)
        whole.addCallbacks { _ in seen.add("done") }
        try futures[0].resolve(0)
        try futures[2].reject(Boom())
        #expect(seen.count == 0 && !whole.isCalled)
        try futures[1].resolve(1)
        #expect(seen.lines == ["done"])
    }

    @Test(arguments: Framework.all)
    func h3AFailedMembersPlaceHoldsItsFailure(_ framework: Framework) throws {
        let bench = Bench(framework)
        let boom = Boom()
        let events = try logged {
            let futures = [bench.runtime.createFuture(of: Int.self), bench.runtime.createFuture(of: Int.self)]
            let whole = bench.runtime.gather(futures)
            try futures[1].reject(boom)
            try futures[0].resolve(1)
            let results = try #require(try whole.settledResult?.get())
            #expect(try results[0].get() == 1)
            if case .failure(let failure) = results[1] {
                #expect(isSame((failure as any FailedFuture).value, boom))
            } else {
                Issue.record("no failure")
            }
        }
        #expect(events.isEmpty)
    }

    @Test(arguments: Framework.all)
    func h4WithoutConsumingTheFirstErrorInTimeIsTheWholesAtOnceAndOthersGoOn(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let futures = (0..<3).map { _ in bench.runtime.createFuture(of: Int.self) }
        for (index, future) in futures.enumerated() {
            future.addCallbacks({ seen.add("\(index) \($0)") }, { seen.add("\(index) \($0.value)") })
        }
        let whole = bench.runtime.gather(futures, consumeExceptions: false)
        whole.addCallbacks({ _ in seen.add("callback") }, { seen.add("whole \($0.value)") })
        try futures[2].reject(Boom("first in time"))
        #expect(seen.lines == ["2 first in time", "whole first in time"])
        try futures[1].reject(Boom("second in time"))
        #expect(!futures[0].isCalled)
        try futures[0].resolve(7)
        #expect(seen.lines == ["2 first in time", "whole first in time", "1 second in time", "0 7"])
    }

    @Test(arguments: Framework.all)
    func h6ConsumingMarksErrorsAsHandledAndLeavesThemToLaterErrbacks(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let runtime = bench.runtime
        let consumed = try logged {
            let future = runtime.createFuture(of: Int.self)
            let whole = runtime.gather([future])
            try future.reject(Boom("consumed"))
            future.addCallbacks({ _ in seen.add("callback") }, { seen.add("\($0.value)") })
            #expect(whole.isCalled)
        }
        #expect(seen.lines == ["consumed"])
        #expect(consumed.isEmpty)
        let left = try logged {
            let futures = [runtime.createFuture(of: Int.self), runtime.createFuture(of: Int.self)]
            let whole = runtime.gather(futures, consumeExceptions: false)
            whole.addCallbacks(nil) { _ in }
            try futures[0].reject(Boom("the whole's"))
            try futures[1].reject(Boom("its own"))
        }
        #expect(left.map(\.level) == [.critical])
        #expect(left.first?.message.contains("its own") == true)
        let future = runtime.createFuture(of: Int.self)
        _ = runtime.gather([future])
        try future.resolve(5)
        future.addCallbacks { seen.add("\($0)") }
        #expect(seen.lines == ["consumed", "5"])
    }

    @Test(arguments: Framework.all, [true, false])
    func h7OfNothingItIsFulfilledAtOnce(_ framework: Framework, _ consumes: Bool) throws {
        let runtime = Bench(framework).runtime
        let whole = runtime.gather([TxaioFuture<Int>](), consumeExceptions: consumes)
        #expect(whole.isCalled)
        #expect(try whole.settledResult?.get().isEmpty == true)
    }

    @Test(arguments: Framework.all)
    func h8OneFutureTwiceIsInBothPlacesAndAnySequenceIsTaken(_ framework: Framework) throws {
        let bench = Bench(framework)
        let future = bench.runtime.createFuture(of: Int.self)
        let whole = bench.runtime.gather(AnySequence([future, future]))
        let lazily = bench.runtime.gather((0..<3).lazy.map { bench.runtime.createFutureSuccess($0) })
        try future.resolve(9)
        #expect(Self.text(try #require(try whole.settledResult?.get())) == "9 9")
        #expect(Self.text(try #require(try lazily.settledResult?.get())) == "0 1 2")
    }

    @Test(arguments: Framework.all)
    func h9CancellingItCancelsEveryMemberThatIsNotDone(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let futures = (0..<3).map { index in
            bench.runtime.createFuture(of: Int.self, canceller: { _ in seen.add("canceller \(index)") })
        }
        try futures[1].resolve(1)
        let whole = bench.runtime.gather(futures)
        whole.addCallbacks({ _ in seen.add("callback") }, { seen.add("\(type(of: $0.value))") })
        whole.cancel()
        #expect(seen.lines == ["canceller 0", "canceller 2", "CancelledError"])
        #expect(futures.allSatisfy { $0.isCalled })
        #expect(try futures[1].settledResult?.get() == 1)
        #expect(whole.isCalled)
    }

    @Test(arguments: Framework.all)
    func h9TheMessageOfItsCancellationIsItsErrorsAndItsMembers(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let member = bench.runtime.createFuture(of: Int.self)
        member.addCallbacks(nil) { seen.add("member: \(($0.value as? CancelledError)?.message ?? "")") }
        let whole = bench.runtime.gather([member])
        whole.addCallbacks(nil) { seen.add("whole: \(($0.value as? CancelledError)?.message ?? "")") }
        whole.cancel("too late")
        #expect(seen.lines == ["member: too late", "whole: too late"])
    }

    @Test(arguments: Framework.all)
    func h9CancelledItIsDoneOnceItsMembersAreWhateverItDoesWithTheirErrors(_ framework: Framework) throws {
        let bench = Bench(framework)
        let seen = bench.seen
        let futures = (0..<3).map { _ in bench.runtime.createFuture(of: Int.self) }
        let whole = bench.runtime.gather(futures, consumeExceptions: false)
        whole.addCallbacks(nil) {
            seen.add("\(type(of: $0.value)) with \(futures.count { $0.isCalled }) members done")
        }
        whole.cancel()
        #expect(seen.lines == ["CancelledError with 3 members done"])
    }

    @Test(arguments: Framework.all)
    func h10ACancelledMembersPlaceHoldsTheCancellationAndTheRestAreAwaited(_ framework: Framework) throws {
        let bench = Bench(framework)
        let futures = (0..<2).map { _ in bench.runtime.createFuture(of: Int.self) }
        let whole = bench.runtime.gather(futures)
        futures[0].cancel()
        #expect(!whole.isCalled)
        try futures[1].resolve(1)
        let results = try #require(try whole.settledResult?.get())
        if case .failure(let failure) = results[0] {
            #expect(failure.value is CancelledError)
        } else {
            Issue.record("no failure")
        }
        #expect(try results[1].get() == 1)
    }
}
