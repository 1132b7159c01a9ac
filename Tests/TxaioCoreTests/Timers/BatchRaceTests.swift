import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

@Suite struct BatchRaceTests {
    /// Keeps real time; some task fires what is due.
    private final class RealSource: TimeSource {
        let service = TimerService(now: { Clocks.monotonic() }, wake: { _ in })
        var nanoseconds: Int64 { Clocks.monotonic() }
        func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
            service.schedule(after: delay, body: body)
        }
    }

    private final class Counts: Sendable {
        let ran = Atomic(0)
        let cancelled = Atomic(0)
        let isOver = Atomic(false)
    }

    @Test(arguments: [1e-6, 1e-4, 1e-3, 0.1], [1, 10, 1_000])
    func eachCallRunsOrIsCancelledWhateverRaces(bucket: Double, chunkSize: Int) async throws {
        let source = RealSource()
        let timer = try BucketedTimer(
            secondsPerBucket: bucket,
            chunkSize: chunkSize,
            rounding: .up,
            source: { source },
            perform: { $0() }
        )
        let perThread = 2_000
        let counts = Counts()
        await withTaskGroup { group in
            group.addTask {
                while !counts.isOver.load(ordering: .acquiring) {
                    _ = source.service.fire(now: Clocks.monotonic())
                    await Task.yield()
                }
            }
            await withTaskGroup { schedulers in
                let shared = Lock<[any DelayedCall]>([])
                for thread in 0..<4 {
                    schedulers.addTask {
                        for index in 0..<perThread {
                            let call = timer.callLater(.microseconds(index % 50)) {
                                counts.ran.wrappingAdd(1, ordering: .relaxed)
                            }
                            shared.withLock { $0.append(call) }
                            guard index % 17 == thread else { continue }
                            // All threads cancel the same calls at about the same time.
                            let calls = shared.withLock { Array($0.suffix(100)) }
                            for call in calls where call.cancel() {
                                counts.cancelled.wrappingAdd(1, ordering: .relaxed)
                            }
                            await Task.yield()
                        }
                    }
                }
            }
            counts.isOver.store(true, ordering: .releasing)
        }
        while source.service.fire(now: .max - 1) != nil {}
        #expect(counts.ran.load(ordering: .relaxed) + counts.cancelled.load(ordering: .relaxed) == 4 * perThread)
    }

    @Test(arguments: UInt64(1)...10)
    func randomProgramsAreThoseOfTheModel(seed: UInt64) throws {
        /// What a program expects of a call.
        struct Expected {
            let name: Int
            let key: Int64
            let call: any DelayedCall
            var isOver = false
        }
        var random = SeededGenerator(seed: seed)
        let bench = BatchBench()
        // No chunks: those have tests of their own.
        let timer = try bench.timer(0.01, chunks: .max, seed % 2 == 0 ? .up : .down)
        let ran = Lock<[Int]>([])
        var expected: [Expected] = []
        var due: [Int] = []
        for name in 0..<3_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let delay = Int64.random(in: 0..<200, using: &random)
                let call = timer.callLater(.milliseconds(delay)) { ran.withLock { $0.append(name) } }
                let time = bench.nanoseconds / 1_000_000 + delay
                let key = seed % 2 == 0 ? (time + 9) / 10 * 10 : time / 10 * 10
                expected.append(Expected(name: name, key: key, call: call))
            case 6..<9:
                guard let index = expected.indices.randomElement(using: &random) else { continue }
                #expect(expected[index].call.cancel() == !expected[index].isOver)
                expected[index].isOver = true
            default:
                bench.clock.advance(by: .milliseconds(Int64.random(in: 0..<30, using: &random)))
                let now = bench.nanoseconds / 1_000_000
                // Buckets by their time; their calls in the order of adding. One in the past comes after what was due before.
                let over = expected.indices.filter { !expected[$0].isOver && expected[$0].key <= now }
                let names = over.map { expected[$0].name }
                for index in over { expected[index].isOver = true }
                due += names
                #expect(Set(ran.withLock { $0 }.suffix(names.count)) == Set(names))
                #expect(ran.withLock { $0.count } == due.count)
            }
        }
        bench.clock.advance(by: .seconds(1))
        #expect(bench.realTimers == 0)
        #expect(ran.withLock { $0.count } == due.count + expected.count { !$0.isOver })
    }

    @Test func cancelledCallsAreFreedWithTheirHandlesWhileOthersOfTheirBucketWait() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1)
        let survivors = Lock<[any DelayedCall]>([])
        for round in 0..<1_000 {
            weak var freed: (any DelayedCall)?
            do {
                let call = timer.callLater(1.0) {}
                freed = call
                if round % 10 == 0 { survivors.withLock { $0.append(timer.callLater(1.0) { bench.note("\(round)") }) } }
                call.cancel()
            }
            #expect(freed == nil)
        }
        bench.clock.advance(by: .seconds(1))
        #expect(bench.ran == (0..<100).map { "\($0 * 10)@1000" })
    }
}
