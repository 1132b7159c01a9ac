import Synchronization
import Testing
import TxaioCore
import TxaioLog

/// What `gather` does on its own loop, beside other callbacks, and with members of other loops.
struct GatherTests {
    @Test func callbacksBesideAGatherRunInTheOrderOfAdding() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let seen = try await runtime.run {
            let seen = Lock<[String]>([])
            let note: @Sendable (String) -> Void = { line in seen.withLock { $0.append(line) } }
            let futures = (0..<3).map { _ in runtime.createFuture(of: Int.self) }
            futures[1].addCallbacks { _ in note("before the gather") }
            // The first is in there twice, and in two of them.
            runtime.gather(futures + [futures[0]]).addCallbacks { note("\($0.map { (try? $0.get()) ?? -1 })") }
            runtime.gather([futures[0]]).addCallbacks { note("\($0.count)") }
            for number in 0..<3 {
                futures[0].addCallbacks { _ in note("later \(number)") }
                futures[1].addCallbacks { _ in note("after the gather \(number)") }
            }
            for (number, future) in futures.enumerated() { try future.resolve(number) }
            return seen.withLock { $0 }
        }
        #expect(
            seen == [
                "later 0", "later 1", "later 2", "1", "before the gather", "after the gather 0", "after the gather 1",
                "after the gather 2", "[0, 1, 2, 0]",
            ]
        )
    }

    @Test func membersThatAreDoneAreCountedAsWell() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let (results, isEarly) = try await runtime.run {
            let last = runtime.createFuture(of: Int.self)
            let whole = runtime.gather([runtime.createFutureSuccess(1), last, runtime.createFutureSuccess(3)])
            let isEarly = whole.isCalled
            try last.resolve(2)
            return (try whole.settledResult?.get().map { try $0.get() }, isEarly)
        }
        #expect(results == [1, 2, 3])
        #expect(!isEarly)
        let all = try await runtime.run {
            runtime.gather((0..<3).map { runtime.createFutureSuccess($0) }).settledResult
        }
        #expect(try all?.get().count == 3)
    }

    @Test(arguments: [false, true])
    func membersOfOtherLoopsRaceWithTheLoopsOwn(onTheLoop: Bool) async throws {
        let runtimes = (0..<3).map { _ in TxaioRuntime(loop: ConcurrencyLoop()) }
        let living = Living()
        for _ in 0..<Rounds.count(300, long: 30_000) {
            let members = (0..<12).map { runtimes[$0 % 3].createFuture(of: Int.self) }
            try members[4].resolve(4)
            let done = Atomic(0)
            let probe = living.make()
            let begin: @Sendable () -> Void = {
                runtimes[0].gather(members).addCallbacks { results in
                    probe.touch()
                    if results.enumerated().allSatisfy({ (try? $1.get()) == $0 }) { done.add(1, ordering: .relaxed) }
                }
            }
            // Some are resolved while the gather looks at them.
            async let first: Void = resolve(members, from: 0)
            async let second: Void = resolve(members, from: 1)
            if onTheLoop { try await runtimes[0].run(begin) } else { begin() }
            _ = await (first, second)
            #expect(await becomes { done.load(ordering: .acquiring) == 1 })
        }
        #expect(await becomes { living.count == 0 })
    }

    private func resolve(_ members: [TxaioFuture<Int>], from first: Int) {
        for index in stride(from: first, to: members.count, by: 2) { try? members[index].resolve(index) }
    }

    @Test func whatResultsHoldIsReleasedWithThem() async throws {
        let living = Living()
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        try await runtime.run {
            for number in 0..<100 {
                // In the future itself, in two words, and in an object of its own.
                let lists = (0..<3).map { _ in runtime.createFuture(of: [Living.Probe].self) }
                let pair = runtime.createFuture(of: (Living.Probe, Int).self)
                let large = runtime.createFuture(of: (Living.Probe, String, Int).self)
                let whole = runtime.gather(lists)
                for list in lists { try list.resolve([living.make()]) }
                try pair.resolve((living.make(), number))
                try large.resolve((living.make(), "a text that has no room in a word", number))
                #expect(whole.isCalled && living.count == 5)
            }
        }
        #expect(await becomes { living.count == 0 })
    }
}
