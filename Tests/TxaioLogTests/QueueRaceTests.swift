import Synchronization
import Testing
import TxaioLog
import TxaioTesting

@Suite("QueueTests: at once") struct QueueRaceTests {
    @Test func eventsDroppedAsTheOldestWhileTheyAreReadAreNeverMixedUp() {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.race")
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.overflow = .dropOldest
        let count = 30_000
        withLogging(to: sink, delivery: .queued(options)) {
            for number in 0..<count {
                let text = String(repeating: "\(number) ", count: number % 40)
                log.info("{number} {text}", ("number", number), ("text", text))
            }
        }
        var last: Int128 = -1
        var announced: Int128 = 0
        var arrived = 0
        for event in sink.events {
            if event.namespace == "TxaioLog", case .int(let dropped) = event["count"] {
                announced += dropped
            } else if case .int(let number) = event["number"] {
                #expect(number > last)
                #expect(event["text"] == .string(String(repeating: "\(number) ", count: Int(number % 40))))
                last = number
                arrived += 1
            }
        }
        #expect(last >= 0 && Int128(arrived) + announced == Int128(count))
    }

    @Test(arguments: [2, 5])
    func whatATaskLogsOnceItHeardOfAnothersEventComesAfterThat(tasks: Int) async {
        final class Baton: Sendable { let next = Atomic(0) }
        let sink = CapturingEmitter()
        let log = makeLogger("queue.baton")
        let baton = Baton()
        var options = QueueOptions()
        options.overflow = .block(upTo: .seconds(60))
        // The rings are looked at all the time.
        options.spins = true
        let count = 20_000
        await withLogging(to: sink, delivery: .queued(options)) {
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<tasks {
                    group.addTask {
                        for number in stride(from: task, to: count, by: tasks) {
                            while baton.next.load(ordering: .acquiring) != number { await Task.yield() }
                            log.info("{number}", ("number", number))
                            baton.next.store(number + 1, ordering: .releasing)
                        }
                    }
                }
            }
        }
        let numbers = sink.events.compactMap { if case .int(let number) = $0["number"] { Int(number) } else { nil } }
        #expect(numbers.count == count && numbers == numbers.sorted())
    }

    @Test(arguments: [OverflowPolicy.block(upTo: .seconds(60)), .dropNewest])
    func recordsAreWholeHoweverOftenTheirRingBeginsAnew(policy: OverflowPolicy) {
        let sink = CapturingEmitter()
        let log = makeLogger("queue.laps")
        var options = QueueOptions()
        options.ringBytes = 64 << 10
        options.overflow = policy
        let count = 30_000
        withLogging(to: sink, delivery: .queued(options)) {
            for number in 0..<count {
                let text = String(repeating: "\(number) ", count: number % 40)
                log.info("{number} {text}", ("number", number), ("text", text))
            }
        }
        let events = sink.events.filter { $0.namespace == "queue.laps" }
        let numbers = events.compactMap { if case .int(let number) = $0["number"] { Int(number) } else { nil } }
        #expect(numbers.count == events.count && zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(events, numbers).allSatisfy { $0["text"] == .string(String(repeating: "\($1) ", count: $1 % 40)) })
        let announced = sink.events.reduce(Int128(0)) { sum, event in
            if event.namespace == "TxaioLog", case .int(let dropped) = event["count"] { sum + dropped } else { sum }
        }
        #expect(Int128(numbers.count) + announced == Int128(count))
    }
}
