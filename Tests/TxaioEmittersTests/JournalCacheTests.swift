import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// What the encoder remembers changes no entry.
struct JournalCacheTests {
    /// Encodes each event with an encoder that has seen others, and with one that has not.
    private final class Comparing: LogEmitter, @unchecked Sendable {
        // Unchecked: one test logs, on one thread.
        let name = "comparing"
        private var warm = JournalEntryEncoder(form: .framed)
        private let plans = [[("SERVICE", "a")], [("PATH", "b")]].map {
            JournalEntryPlan(identifier: "test", priorities: JournalPriorities(), fields: $0)
        }
        private(set) var differences = 0
        private(set) var count = 0

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let plan = plans[count / 100 % 2]
            warm.encode(event, plan: plan)
            var fresh = JournalEntryEncoder(form: .framed)
            fresh.encode(event, plan: plan)
            if warm.withBytes({ Array($0) }) != fresh.withBytes({ Array($0) }) { differences += 1 }
            count += 1
            return .handedOver
        }
    }

    @Test func entriesAreTheSameHoweverManyWereEncodedBefore() {
        let comparing = Comparing()
        let logs = (0..<40).map { makeLogger("cache.number\($0)") }
        withLogging(to: comparing, level: .trace) {
            for round in 0..<100 {
                for (index, log) in logs.enumerated() {
                    log.info("literal {number}", ("number", round), ("path", "/"), ("service", index))
                    log.debug("literal {number} with names", number: round, path: "/", key_of_its_own: index)
                    // Made at run time: their memory is used again, for others of the same length.
                    log.emit(.warn, "template \(100 + (round * 7 + index) % 900) {x}", ["x": 1, "name\(round)": index])
                    log.error("text \(1000 + round)")
                }
            }
        }
        #expect(comparing.count == 16_000 && comparing.differences == 0)
    }

    @Test func namesAreTheSameHoweverManyWereMadeBefore() {
        func made(_ names: inout JournalFieldName, _ original: String) -> String {
            var original = original
            names.beginEvent()
            original.withUTF8 { names.make(UnsafeRawBufferPointer($0), reserved: []) }
            return names.withBytes { String(decoding: $0, as: UTF8.self) }
        }
        var warm = JournalFieldName()
        let originals = (0..<500).flatMap { ["n\($0)", "a_longer_name_\($0)", "x.\($0)", "\($0)", "ключ\($0)"] }
        for _ in 0..<3 {
            for original in originals + ["message", "", String(repeating: "l", count: 33)] {
                var fresh = JournalFieldName()
                #expect(made(&warm, original) == made(&fresh, original))
            }
        }
    }
}
