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
}
