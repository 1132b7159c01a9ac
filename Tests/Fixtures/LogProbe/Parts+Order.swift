import Synchronization
import TxaioLog
import TxaioTesting

/// Counts events whose number is not that which follows the one before, of the same thread.
private final class Ordered: LogEmitter {
    let name: String
    let state = Lock((next: [Int](repeating: 0, count: 4), count: 0, outOfOrder: 0))

    init(_ name: String) { self.name = name }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        var values: [Int] = []
        var reader = event.fields.reader
        while let field = reader.nextField() { if case .int(let value) = field.value { values.append(Int(value)) } }
        guard values.count == 2 else { return .handedOver }
        state.withLock { state in
            state.count += 1
            if values[1] != state.next[values[0]] { state.outOfOrder += 1 }
            state.next[values[0]] = values[1] + 1
        }
        return .handedOver
    }
}

extension Parts {
    /// Threads log before logging is started, while it is, and afterwards.
    static func orderAcrossTheStart(_ delivery: LogDelivery, emitters count: Int) throws {
        let sinks = (0..<count).map { Ordered("sink-\($0)") }
        let isOver = Atomic(false)
        let isStarted = Atomic(false)
        let made = Atomic(0)
        let log = makeLogger("probe")
        let loggers = startThreads(4) { thread in
            var number = 0
            while !isOver.load(ordering: .relaxed) {
                // The backlog takes 10,000.
                if number == 2_000, !isStarted.load(ordering: .relaxed) {
                    pause(milliseconds: 1)
                    continue
                }
                log.info("{t} {n}", ("t", thread), ("n", number))
                number += 1
                made.wrappingAdd(1, ordering: .relaxed)
                // Many at once before the start, so that it takes a while to deliver them.
                if number > 1_500 { pause(milliseconds: 1) }
            }
        }
        while made.load(ordering: .relaxed) < 6_000 { pause(milliseconds: 1) }
        let before = made.load(ordering: .relaxed)
        let session = try startLogging(LoggingSetup(emitters: sinks.map { EmitterSetup($0) }, delivery: delivery))
        let started = made.load(ordering: .relaxed)
        isStarted.store(true, ordering: .relaxed)
        while made.load(ordering: .relaxed) < started + 200 { pause(milliseconds: 1) }
        isOver.store(true, ordering: .relaxed)
        join(loggers)
        tell("complete", session.shutdown(within: .seconds(60)))
        tell("before", before >= 6_000)
        tell("after", made.load(ordering: .relaxed) > started)
        for sink in sinks {
            let (_, count, outOfOrder) = sink.state.withLock { $0 }
            tell("out-of-order", outOfOrder)
            tell("all", count == made.load(ordering: .relaxed))
        }
        tell(session.ledger)
    }
}
