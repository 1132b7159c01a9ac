import Synchronization
import Testing
import TxaioCore
import TxaioLog

@Suite struct TimerServiceTests {
    /// A service whose time is set by hand, and what it did.
    private final class Bench: Sendable {
        let time = Atomic<Int64>(0)
        let woken = Lock<[Int64]>([])
        let ran = Lock<[String]>([])
        let service: TimerService

        init() {
            // The service outlives no test; what it calls is reached through a box.
            let box = Box()
            service = TimerService(
                now: { box.bench?.time.load(ordering: .relaxed) ?? 0 },
                wake: { deadline in box.bench?.woken.withLock { $0.append(deadline) } }
            )
            box.bench = self
        }

        func add(_ name: String, after delay: Int64) -> TimerCall {
            service.schedule(after: delay) { [ran] in ran.withLock { $0.append(name) } }
        }

        func fire(at now: Int64) -> Int64? {
            time.store(now, ordering: .relaxed)
            return service.fire(now: now)
        }

        var names: [String] { ran.withLock { $0 } }
    }

    private final class Box: @unchecked Sendable { weak var bench: Bench? }

    @Test func callsRunByDeadlineThenInTheOrderOfScheduling() {
        let bench = Bench()
        for (name, delay) in [("c", 30), ("a", 10), ("b1", 20), ("b2", 20), ("d", 31), ("b3", 20)] {
            _ = bench.add(name, after: Int64(delay))
        }
        #expect(bench.fire(at: 9) == 10)
        #expect(bench.names.isEmpty)
        #expect(bench.fire(at: 30) == 31)
        #expect(bench.names == ["a", "b1", "b2", "b3", "c"])
        #expect(bench.fire(at: 31) == nil)
        #expect(bench.names.last == "d")
    }

    @Test func aCallRunsInItsTurnHoweverManyBeforeItWereCancelled() {
        let bench = Bench()
        let cancelled = (1...10_000).map { bench.add("cancelled", after: Int64($0 * 2)) }
        _ = bench.add("a", after: 9_001)
        _ = bench.add("b", after: 30_000)
        for call in cancelled { call.cancel() }
        _ = bench.fire(at: 20_000)
        #expect(bench.names == ["a"])
        #expect(bench.service.next == 30_000)
        #expect(bench.fire(at: 30_000) == nil)
        #expect(bench.names == ["a", "b"])
    }

    @Test func aLoopIsWokenForANewEarliestDeadlineAlone() {
        let bench = Bench()
        _ = bench.add("a", after: 50)
        _ = bench.add("b", after: 60)
        _ = bench.add("c", after: 50)
        _ = bench.add("d", after: 40)
        _ = bench.add("never", after: .max)
        #expect(bench.woken.withLock { $0 } == [50, 40])
        #expect(bench.service.next == 40)
    }

    @Test func whatACallSchedulesForNowRunsInALaterTurnAndWakesNobody() {
        let bench = Bench()
        _ = bench.service.schedule(after: 0) { [unowned bench] in _ = bench.add("inner", after: 0) }
        _ = bench.add("outer", after: 0)
        #expect(bench.fire(at: 0) == 0)
        #expect(bench.names == ["outer"])
        #expect(bench.woken.withLock { $0 } == [0])
        #expect(bench.fire(at: 0) == nil)
        #expect(bench.names == ["outer", "inner"])
    }

    @Test func aCancelledCallNeverRunsAndReleasesItsBodyAtOnce() {
        let bench = Bench()
        weak var held: Box?
        let call = {
            let box = Box()
            held = box
            return bench.service.schedule(after: 5) { box.bench = nil }
        }()
        #expect(held != nil)
        #expect(call.cancel())
        #expect(held == nil)
        #expect(!call.cancel())
        #expect(bench.service.next == nil)
        #expect(bench.fire(at: 10) == nil)
    }

    @Test func aCallMayCancelOthersOfItsTurnAndItself() {
        let bench = Bench()
        let calls = Lock<[TimerCall]>([])
        let answers = Lock<[Bool]>([])
        let first = bench.service.schedule(after: 1) {
            let all = calls.withLock { $0 }
            answers.withLock { $0 = all.map { $0.cancel() } }
        }
        let second = bench.add("second", after: 1)
        calls.withLock { $0 = [first, second] }
        #expect(bench.fire(at: 1) == nil)
        #expect(answers.withLock { $0 } == [false, true])
        #expect(bench.names.isEmpty)
        #expect(!first.cancel())
    }

    @Test func aShutdownCancelsAllThatWaitsAndWhatComesLater() {
        let bench = Bench()
        _ = bench.add("a", after: 1)
        let cancelled = bench.add("b", after: 2)
        _ = bench.add("never", after: .max)
        _ = bench.add("negative", after: -5)
        cancelled.cancel()
        _ = bench.service.schedule(after: 0) { [unowned bench] in #expect(bench.service.shutdown() == 2) }
        #expect(bench.fire(at: 0) == nil)
        #expect(bench.names == ["negative"])
        #expect(!bench.add("late", after: 0).cancel())
        #expect(bench.fire(at: 100) == nil)
        #expect(bench.names == ["negative"])
        #expect(bench.service.shutdown() == 0)
    }

    @Test func eachCallRunsOrIsCancelledWhateverRaces() async {
        let service = TimerService(now: { Clocks.monotonic() }, wake: { _ in })
        let perThread = 20_000
        let counts = Counts()
        await withTaskGroup { group in
            group.addTask {
                while !counts.isOver.load(ordering: .acquiring) {
                    _ = service.fire(now: Clocks.monotonic())
                    await Task.yield()
                }
            }
            await withTaskGroup { schedulers in
                for thread in 0..<4 {
                    schedulers.addTask {
                        var waiting: [TimerCall] = []
                        for index in 0..<perThread {
                            waiting.append(
                                service.schedule(after: Int64(index % 7) * 1_000) {
                                    counts.ran.wrappingAdd(1, ordering: .relaxed)
                                }
                            )
                            if index % 3 != thread % 3 { continue }
                            for call in waiting where call.cancel() {
                                counts.cancelled.wrappingAdd(1, ordering: .relaxed)
                            }
                            waiting.removeAll(keepingCapacity: true)
                            await Task.yield()
                        }
                    }
                }
            }
            counts.isOver.store(true, ordering: .releasing)
        }
        counts.cancelled.wrappingAdd(service.shutdown(), ordering: .relaxed)
        #expect(counts.ran.load(ordering: .relaxed) + counts.cancelled.load(ordering: .relaxed) == 4 * perThread)
        #expect(counts.cancelled.load(ordering: .relaxed) > 0)
    }

    private final class Counts: Sendable {
        let ran = Atomic(0)
        let cancelled = Atomic(0)
        let isOver = Atomic(false)
    }
}
