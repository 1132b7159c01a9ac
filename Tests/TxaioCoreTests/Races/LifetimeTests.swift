import Foundation
import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// What is dropped is released, and what is pending outlives whoever made it.
struct LifetimeTests {
    @Test func futuresOutliveTheirRuntimeAndTheirLoop() async throws {
        let living = Living()
        weak var dropped: ConcurrencyLoop?
        for round in 0..<Rounds.count(200, long: 5_000) {
            let seen = Atomic(0)
            var futures: [TxaioFuture<Int>] = []
            do {
                let loop = ConcurrencyLoop()
                dropped = loop
                let runtime = TxaioRuntime(loop: loop)
                futures = (0..<10).map { _ in runtime.createFuture(of: Int.self) }
            }
            for future in futures {
                let probe = living.make()
                future.addCallbacks { _ in
                    probe.touch()
                    seen.add(1, ordering: .relaxed)
                }
            }
            let pending = futures
            futures = []
            Threads.run(2) { thread in
                for (index, future) in pending.enumerated() where index % 2 == thread { try? future.resolve(round) }
            }
            #expect(await becomes { seen.load(ordering: .acquiring) == 10 })
        }
        #expect(await becomes { living.count == 0 && dropped == nil })
    }

    @Test func callbacksThatNeverRunAreReleasedWithTheirFuture() async throws {
        let living = Living()
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        for _ in 0..<1_000 {
            let future = runtime.createFuture(of: Living.Probe.self)
            let probe = living.make()
            future.addCallbacks({ _ in probe.touch() }, { _ in probe.touch() })
            future.addCallbacks(nil) { _ in probe.touch() }
            let mapped = future.map { value in
                probe.touch()
                return value
            }
            mapped.addCallbacks { _ in probe.touch() }
        }
        #expect(living.count == 0)
        // Dropped on the loop as well.
        try await runtime.run {
            for _ in 0..<1_000 {
                let future = runtime.createFuture(of: Int.self)
                let probe = living.make()
                future.addCallbacks { _ in probe.touch() }
            }
        }
        #expect(living.count == 0)
    }

    @Test func valuesErrorsAndCallbacksAreReleasedOnceDone() async throws {
        struct Holding: Error { let probe: Living.Probe }
        struct Wide: Sendable {
            let probe: Living.Probe
            var padding = (0, 0, 0, 0)
        }
        let living = Living()
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        for index in 0..<2_000 {
            let narrow = runtime.createFuture(of: Living.Probe.self)
            let wide = runtime.createFuture(of: Wide.self)
            let probe = living.make()
            narrow.addCallbacks({ _ in probe.touch() }, { _ in probe.touch() })
            wide.map { $0.probe }.addCallbacks({ _ in probe.touch() }, { _ in probe.touch() })
            let whole = runtime.gather([narrow, narrow])
            whole.addCallbacks { _ in probe.touch() }
            switch index % 3 {
            case 0:
                try narrow.resolve(living.make())
                try wide.resolve(Wide(probe: living.make()))
            case 1:
                try narrow.reject(Holding(probe: living.make()))
                try wide.reject(Holding(probe: living.make()))
            default:
                narrow.cancel()
                wide.cancel()
                // The late result is let go.
                try narrow.resolve(living.make())
            }
        }
        try await runtime.settle()
        #expect(await becomes { living.count == 0 })
    }

    @Test func aMillionInAChainThatNobodyResolvedAreReleasedInARow() async throws {
        let living = Living()
        let probe = living.make()
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let count = 1_000_000
        // Built off the loop, released on it; and the other way round.
        let box = Lock<TxaioFuture<Int>?>(nil)
        let build: @Sendable () -> Void = {
            let first = runtime.createFuture(of: Int.self)
            var last = first
            for _ in 0..<count {
                last = last.map {
                    probe.touch()
                    return $0
                }
            }
            box.withLock { $0 = first }
        }
        let drop: @Sendable () -> Bool = {
            let first = box.withLock { future in
                defer { future = nil }
                return future
            }
            return first?.isCalled == false
        }
        build()
        #expect(try await runtime.run { drop() })
        try await runtime.run { build() }
        #expect(drop())
        try await runtime.settle()
        #expect(box.withLock { $0 == nil })
    }

    /// A selection is for good, so in a process of its own.
    @Test func firstSelectionsAtOnceMakeOneRuntime() async {
        await #expect(processExitsWith: .success) {
            let made = Atomic(0)
            let barrier = Barrier(8)
            Threads.run(8) { _ in
                barrier.wait()
                try? Txaio.select(.concurrency) {
                    made.add(1, ordering: .relaxed)
                    sched_yield()
                    return TxaioRuntime(loop: ConcurrencyLoop(), isPermanent: true)
                }
            }
            #expect(made.load(ordering: .relaxed) == 1)
            try await Txaio.sleep(.milliseconds(1)).value
        }
    }

    #if os(Linux)
    private static var loopThreads: Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)) == "txaio-loop\n"
        }
    }

    /// Other tests have loops of their own, so in a process of its own.
    @Test func aLoopsThreadEndsWhenNobodyHoldsTheLoop() async {
        await #expect(processExitsWith: .success) {
            let before = LifetimeTests.loopThreads
            do {
                let runtimes = (0..<20).map { _ in TxaioRuntime(loop: ConcurrencyLoop()) }
                for runtime in runtimes {
                    #expect(try await runtime.run { runtime.isCurrent })
                    let future = runtime.createFuture(of: Int.self)
                    future.addCallbacks { _ in }
                }
                let all = await becomes { LifetimeTests.loopThreads == before + 20 }
                #expect(all)
                withExtendedLifetime(runtimes) {}
            }
            let none = await becomes { LifetimeTests.loopThreads == before }
            #expect(none)
            if !none { throw Boom() }
        }
    }
    #endif

    @Test func aLoopWithATimerWaitingLivesUntilItFired() async throws {
        await expectLoopToLive { TxaioRuntime(loop: $0).callLater(.milliseconds(20), $1) }
        await expectLoopToLive { _ = $0.callLater(nanoseconds: 20_000_000, $1) }
    }

    /// Expects a loop that nobody holds to live until what was scheduled there ran, and no longer.
    private func expectLoopToLive(_ schedule: (ConcurrencyLoop, @escaping @Sendable () -> Void) -> Void) async {
        weak var loop: ConcurrencyLoop?
        let fired = Atomic(false)
        do {
            let made = ConcurrencyLoop()
            loop = made
            schedule(made) { fired.store(true, ordering: .releasing) }
        }
        #expect(await becomes { fired.load(ordering: .acquiring) })
        #expect(await becomes { loop == nil })
    }

    @Test func anActorOnALoopIsAtHandInItsCallbacks() async throws {
        actor Resident {
            let loop: ConcurrencyLoop
            nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
            private var count = 0
            init(_ loop: ConcurrencyLoop) { self.loop = loop }
            func add() { count += 1 }
            var value: Int { count }
            nonisolated func addAtOnce() { assumeIsolated { $0.add() } }
        }
        let loop = ConcurrencyLoop()
        let runtime = TxaioRuntime(loop: loop)
        let resident = Resident(loop)
        let future = runtime.createFuture(of: Int.self)
        future.addCallbacks { _ in resident.addAtOnce() }
        try future.resolve(1)
        try await runtime.run {}
        #expect(await resident.value == 1)
    }

    @Test func aRuntimeReleasedByItsOwnCallbackDoesNoHarm() async throws {
        let living = Living()
        for _ in 0..<Rounds.count(500, long: 20_000) {
            let holder = Lock<TxaioFuture<Int>?>(nil)
            let done = Atomic(false)
            do {
                let future = TxaioRuntime(loop: ConcurrencyLoop()).createFuture(of: Int.self)
                holder.withLock { $0 = future }
                let probe = living.make()
                future.addCallbacks { _ in
                    probe.touch()
                    holder.withLock { $0 = nil }
                    done.store(true, ordering: .releasing)
                }
                try future.resolve(1)
            }
            #expect(await becomes { done.load(ordering: .acquiring) })
        }
        #expect(await becomes { living.count == 0 })
    }
}
