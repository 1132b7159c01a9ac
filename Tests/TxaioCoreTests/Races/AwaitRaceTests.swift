import Synchronization
import Testing
import TxaioCore
import TxaioTesting

/// Tasks that wait are cancelled while what they wait for is settled.
struct AwaitRaceTests {
    @Test func aWaitingTaskResumesOnceWhoeverComesFirst() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let resumed = Counter()
        let values = Counter()
        let count = Rounds.count(5_000, long: 200_000)
        for index in 0..<count {
            let future = runtime.createFuture(of: Int.self)
            let task = Task {
                defer { resumed.value.add(1, ordering: .relaxed) }
                do {
                    if try await future.value == index { values.value.add(1, ordering: .relaxed) }
                } catch is CancellationError {
                } catch {
                    Issue.record("\(error)")
                }
            }
            switch index % 4 {
            case 0:
                async let cancelled: Void = task.cancel()
                try future.resolve(index)
                await cancelled
            case 1:
                task.cancel()
                try future.resolve(index)
            case 2:
                runtime.execute { try? future.resolve(index) }
                task.cancel()
            default: try future.resolve(index)
            }
            await task.value
        }
        #expect(resumed.value.load(ordering: .acquiring) == count)
        #expect(values.value.load(ordering: .acquiring) >= count / 4)
    }

    @Test func aTaskThatIsCancelledAlreadyDoesNotWait() async {
        let future = TxaioRuntime(loop: ConcurrencyLoop()).createFuture(of: Int.self)
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await future.value
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(!future.isCalled)
    }

    @Test func manyTasksWaitForOneAndEachGetsTheResult() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let future = runtime.createFuture(of: Int.self)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<1_000 { group.addTask { try await future.value } }
            group.addTask {
                try future.resolve(1)
                return 0
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 1_000)
    }

    @Test func aTaskThatGaveUpLeavesTheFutureToTheOthers() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let future = runtime.createFuture(of: Int.self)
        let first = Task { try await future.value }
        let second = Task { try await future.value }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        #expect(!future.isCalled)
        try future.resolve(5)
        #expect(try await second.value == 5)
    }

    @Test func aFutureOfATaskIsCancelledWithItAndSettledOnce() async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let settled = Atomic(0)
        let count = Rounds.count(1_000, long: 50_000)
        for index in 0..<count {
            let future: TxaioFuture<Int> = runtime.asFuture { () async throws -> Int in
                await Task.yield()
                try Task.checkCancellation()
                return index
            }
            future.addCallbacks(
                { _ in settled.add(1, ordering: .relaxed) },
                { _ in settled.add(1, ordering: .relaxed) }
            )
            if index % 2 == 0 { future.cancel() }
            _ = try? await future.value
        }
        try await runtime.settle()
        #expect(settled.load(ordering: .acquiring) == count)
    }
}
