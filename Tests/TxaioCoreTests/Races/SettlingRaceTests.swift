import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// Eight threads at one future at a time.
struct SettlingRaceTests {
    private static let threads = 8
    private static let callbacksPerThread = 3

    /// One future, and what became of it.
    private final class Round: Sendable {
        let future: TxaioFuture<Int>
        let accepted = Atomic(0)
        let added = Atomic(0)
        let ran = Atomic(0)
        let outOfOrder = Atomic(0)
        /// What callbacks got: a value, -1 for an error; `Int.min` for nothing yet.
        let seen = Atomic(Int.min)
        let differing = Atomic(0)
        let elsewhere = Atomic(0)
        private let orders: Lock<[Int]>

        init(_ future: TxaioFuture<Int>) {
            self.future = future
            orders = Lock(Array(repeating: -1, count: threads))
        }

        func saw(_ result: Int) {
            let (isFirst, before) = seen.compareExchange(
                expected: Int.min,
                desired: result,
                ordering: .acquiringAndReleasing
            )
            if !isFirst, before != result { differing.add(1, ordering: .relaxed) }
            ran.add(1, ordering: .relaxed)
        }

        func add(_ thread: Int, _ number: Int) {
            added.add(1, ordering: .relaxed)
            let note: @Sendable (Int) -> Void = { [self] result in
                if !future.runtime.isCurrent { elsewhere.add(1, ordering: .relaxed) }
                let isInOrder = orders.withLock { orders in
                    defer { orders[thread] = number }
                    return orders[thread] == number - 1
                }
                if !isInOrder { outOfOrder.add(1, ordering: .relaxed) }
                saw(result)
            }
            future.addCallbacks({ note($0) }, { _ in note(-1) })
        }
    }

    private static func act(_ thread: Int, _ index: Int, _ round: Round) {
        let future = round.future
        switch (thread + index) % threads {
        case 0, 1: if (try? future.resolve(thread)) != nil { round.accepted.add(1, ordering: .relaxed) }
        case 2: if (try? future.reject(Boom(number: thread))) != nil { round.accepted.add(1, ordering: .relaxed) }
        case 3: if index % 3 == 0 { future.cancel() }
        case 4:
            round.added.add(2, ordering: .relaxed)
            let whole = future.runtime.gather([future, future])
            whole.addCallbacks { results in
                for result in results { round.saw((try? result.get()) ?? -1) }
            }
        case 5:
            round.added.add(1, ordering: .relaxed)
            future.map { $0 * 2 }.addCallbacks({ round.saw($0 / 2) }, { _ in round.saw(-1) })
        case 6:
            round.added.add(1, ordering: .relaxed)
            Task { round.saw((try? await future.value) ?? -1) }
        default: break
        }
        for number in 0..<callbacksPerThread { round.add(thread, number) }
    }

    @Test(.timeLimit(.minutes(30)), arguments: [false, true])
    func oneWinsAndEachCallbackRunsOnceInOrder(someOnTheLoop: Bool) async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let batch = 500
        for _ in 0..<Rounds.count(20, long: 1_000) {
            let rounds = try await Self.race(batch, on: runtime, someOnTheLoop: someOnTheLoop)
            let isDone = await becomes {
                rounds.allSatisfy { $0.ran.load(ordering: .acquiring) == $0.added.load(ordering: .acquiring) }
            }
            try await runtime.settle()
            try #require(isDone)
            for round in rounds {
                #expect(round.ran.load(ordering: .acquiring) == round.added.load(ordering: .acquiring))
                #expect(round.outOfOrder.load(ordering: .acquiring) == 0)
                #expect(round.differing.load(ordering: .acquiring) == 0)
                #expect(round.elsewhere.load(ordering: .acquiring) == 0)
                // A cancelled one takes one late result.
                #expect(round.accepted.load(ordering: .acquiring) <= 1)
                let result: Int
                switch try #require(round.future.settledResult) {
                case .success(let value): result = value
                case .failure(let failure):
                    result = -1
                    if !(failure.value is CancelledError) { #expect(round.accepted.load(ordering: .acquiring) == 1) }
                }
                #expect(round.seen.load(ordering: .acquiring) == result)
                if result >= 0 { #expect(round.accepted.load(ordering: .acquiring) == 1) }
            }
        }
    }

    private static func race(
        _ count: Int,
        on runtime: TxaioRuntime,
        someOnTheLoop: Bool
    ) async throws -> [Round] {
        let make: @Sendable (Int) -> Round = { _ in Round(runtime.createFuture(of: Int.self)) }
        let rounds = (0..<count / 2).map(make) + (try await runtime.make { (0..<count / 2).map(make) })
        let barrier = Barrier(threads)
        Threads.run(threads) { thread in
            for (index, round) in rounds.enumerated() {
                if index % 8 == 0 { barrier.wait() }
                if someOnTheLoop, (thread + index / 8) % 4 == 0 {
                    runtime.execute { act(thread, index, round) }
                } else {
                    act(thread, index, round)
                }
            }
        }
        // Those whose only rival was on the loop may have no result yet.
        try await runtime.settle()
        return rounds
    }

    @Test func ofManyWhoResolveExactlyOneIsTold() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let count = Rounds.count(10_000, long: 1_000_000)
        let futures = (0..<count).map { _ in runtime.createFuture(of: Int.self) }
        let winners = (0..<count).map { _ in Counter() }
        let barrier = Barrier(Self.threads)
        Threads.run(Self.threads) { thread in
            for index in 0..<count {
                if index % 16 == 0 { barrier.wait() }
                do {
                    if thread % 2 == 0 { try futures[index].resolve(thread) } else { try futures[index].reject(Boom()) }
                    winners[index].value.add(1, ordering: .relaxed)
                } catch {
                    if error as? TxaioError != .alreadyResolved { winners[index].value.add(100, ordering: .relaxed) }
                }
            }
        }
        #expect(winners.allSatisfy { $0.value.load(ordering: .acquiring) == 1 })
        for future in futures { future.addCallbacks(nil) { _ in } }
        try await runtime.settle()
    }

    /// The result must be all there for whoever sees that it is.
    @Test func whoSeesAResultSeesAllOfIt() async throws {
        struct Large: Sendable, Equatable {
            var first: String
            var numbers: [Int]
            var last: Int
        }
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let count = Rounds.count(10_000, long: 500_000)
        let large = (0..<count).map { _ in runtime.createFuture(of: Large.self) }
        let pairs = (0..<count).map { _ in runtime.createFuture(of: (Int, Int).self) }
        let torn = Atomic(0)
        let barrier = Barrier(4)
        Threads.run(4) { thread in
            for index in 0..<count {
                if index % 16 == 0 { barrier.wait() }
                if thread == 0 {
                    try? large[index].resolve(Large(first: "number \(index)", numbers: [index], last: index))
                    try? pairs[index].resolve((index, ~index))
                    continue
                }
                for _ in 0..<3 {
                    if let found = try? large[index].settledResult?.get(),
                        found != Large(first: "number \(index)", numbers: [index], last: index)
                    {
                        torn.add(1, ordering: .relaxed)
                    }
                    if let found = try? pairs[index].settledResult?.get(), found.0 != index || found.1 != ~index {
                        torn.add(1, ordering: .relaxed)
                    }
                }
            }
        }
        #expect(torn.load(ordering: .acquiring) == 0)
    }

    @Test func gatheredMembersRaceAndTheirWholeIsDoneOnce() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        for round in 0..<Rounds.count(1_000, long: 100_000) {
            let members = (0..<8).map { _ in runtime.createFuture(of: Int.self) }
            let consumes = round % 2 == 0
            let whole = runtime.gather(members, consumeExceptions: consumes)
            let done = Counter()
            whole.addCallbacks(
                { _ in done.value.add(1, ordering: .relaxed) },
                { _ in done.value.add(1, ordering: .relaxed) }
            )
            for member in members { member.addCallbacks(nil) { _ in } }
            // Two tasks and the loop's thread.
            async let first: Void = { for member in members { try? member.resolve(1) } }()
            async let second: Void = {
                for member in members.reversed() where round % 3 != 0 { try? member.reject(Boom()) }
                if round % 5 == 0 { whole.cancel() }
            }()
            _ = await (first, second)
            try await runtime.settle()
            try await runtime.settle()
            #expect(done.value.load(ordering: .acquiring) == 1)
        }
    }

    @Test func aCancellerThatResolvesRacesWithThoseWhoResolve() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let called = Atomic(0)
        let count = Rounds.count(5_000, long: 200_000)
        let futures = (0..<count).map { index in
            runtime.createFuture(
                of: Int.self,
                canceller: { future in
                    called.add(1, ordering: .relaxed)
                    if index % 2 == 0 { try? future.resolve(-7) }
                }
            )
        }
        let barrier = Barrier(4)
        Threads.run(4) { thread in
            for (index, future) in futures.enumerated() {
                if index % 8 == 0 { barrier.wait() }
                if thread < 2 { future.cancel() } else { try? future.resolve(thread) }
            }
        }
        #expect(called.load(ordering: .acquiring) <= count)
        for future in futures { #expect(future.settledResult != nil) }
    }

    /// What the loop adds to a future of its own is not where others look.
    @Test func whatTheLoopAddsWhileAnotherResolvesRunsOnce() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let count = Rounds.count(10_000, long: 500_000)
        let futures = try await runtime.make { (0..<count).map { _ in runtime.createFuture(of: Int.self) } }
        let sum = Atomic(0)
        let barrier = Barrier(2)
        async let adding: Void = runtime.run {
            for (index, future) in futures.enumerated() {
                if index % 8 == 0 { barrier.wait() }
                future.addCallbacks { sum.add($0, ordering: .relaxed) }
            }
        }
        Threads.run(1) { _ in
            for (index, future) in futures.enumerated() {
                if index % 8 == 0 { barrier.wait() }
                try? future.resolve(index)
            }
        }
        try await adding
        try await runtime.settle()
        #expect(sum.load(ordering: .acquiring) == count * (count - 1) / 2)
    }

    @Test(arguments: [false, true])
    func callbacksOfTheLoopAndOfOthersRunInTheOrderOfAdding(isSettledOnTheLoop: Bool) async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let lines = Lock<[String]>([])
        let note: @Sendable (String) -> Void = { line in lines.withLock { $0.append(line) } }
        let future = try await runtime.make {
            let future = runtime.createFuture(of: Int.self)
            for number in 1...2 { future.addCallbacks { _ in note("loop \(number)") } }
            return future
        }
        for number in 3...4 { future.addCallbacks { _ in note("elsewhere \(number)") } }
        try await runtime.run { for number in 5...6 { future.addCallbacks { _ in note("loop \(number)") } } }
        future.addCallbacks { _ in note("elsewhere 7") }
        if isSettledOnTheLoop { try await runtime.run { try future.resolve(1) } } else { try future.resolve(1) }
        try await runtime.run { future.addCallbacks { _ in note("late") } }
        #expect(
            lines.withLock { $0 } == [
                "loop 1", "loop 2", "elsewhere 3", "elsewhere 4", "loop 5", "loop 6", "elsewhere 7", "late",
            ]
        )
    }
}
