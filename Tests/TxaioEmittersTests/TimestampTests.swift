import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite struct TimestampTests {
    private func text(_ time: Int64, _ timestamp: inout Timestamp) -> String {
        var buffer = ByteBuffer()
        timestamp.append(time, to: &buffer)
        return buffer.string()
    }

    /// A calendar that counts day after day: slow, and made another way than the one that is tested.
    private struct Calendar {
        private static let firstYear = 1677
        private var dates: [(year: Int, month: Int, day: Int)] = []
        private var epoch = 0

        init() {
            for year in Self.firstYear...2262 {
                let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
                let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
                for (month, length) in lengths.enumerated() {
                    for day in 1...length {
                        if year == 1970, month == 0, day == 1 { epoch = dates.count }
                        dates.append((year, month + 1, day))
                    }
                }
            }
        }

        func text(_ time: Int64) -> String {
            let shifted = Int128(time) + Int128(epoch) * 86_400_000_000_000
            let day = Int(shifted / 86_400_000_000_000)
            let rest = Int(shifted % 86_400_000_000_000) / 1000
            let date = dates[day]
            func pad(_ value: Int, _ width: Int) -> String {
                String(repeating: "0", count: width - String(value).count) + String(value)
            }
            let seconds = rest / 1_000_000
            return pad(date.year, 4) + "-" + pad(date.month, 2) + "-" + pad(date.day, 2) + "T" + pad(seconds / 3600, 2)
                + ":" + pad(seconds / 60 % 60, 2) + ":" + pad(seconds % 60, 2) + "." + pad(rest % 1_000_000, 6) + "Z"
        }
    }

    @Test func knownPointsInTimeAreRight() {
        var timestamp = Timestamp()
        #expect(text(0, &timestamp) == "1970-01-01T00:00:00.000000Z")
        #expect(text(-1, &timestamp) == "1969-12-31T23:59:59.999999Z")
        #expect(text(1_000_000_000_000_000_000, &timestamp) == "2001-09-09T01:46:40.000000Z")
        #expect(text(951_782_400_123_456_789, &timestamp) == "2000-02-29T00:00:00.123456Z")
        #expect(text(4_107_542_400_000_000_000, &timestamp) == "2100-03-01T00:00:00.000000Z")
        #expect(text(2_147_483_648_000_000_000, &timestamp) == "2038-01-19T03:14:08.000000Z")
        #expect(text(.max, &timestamp) == "2262-04-11T23:47:16.854775Z")
        #expect(text(.min, &timestamp) == "1677-09-21T00:12:43.145224Z")
    }

    @Test func aHundredThousandRandomTimesAgreeWithAnotherCalendar() {
        let calendar = Calendar()
        var generator = SeededGenerator(seed: 7)
        var timestamp = Timestamp()
        var previous: Int64 = 0
        for index in 0..<100_000 {
            // Every other one lies in the second of the one before, or next to it.
            let step = Int64.random(in: -1_500_000_000...1_500_000_000, using: &generator)
            let time = index % 2 == 0 ? Int64.random(in: .min ... .max, using: &generator) : previous &+ step
            previous = time
            let written = text(time, &timestamp)
            if written != calendar.text(time) { Issue.record("\(time): \(written), not \(calendar.text(time))") }
        }
    }

    @Test func secondsSince1970HaveSixDecimals() {
        func epoch(_ time: Int64) -> String {
            var buffer = ByteBuffer()
            Timestamp.appendEpoch(time, to: &buffer)
            return buffer.string()
        }
        #expect(epoch(0) == "0.000000")
        #expect(epoch(1_795_383_534_123_456_789) == "1795383534.123456")
        #expect(epoch(-500_000_000) == "-0.500000")
        #expect(epoch(.max) == "9223372036.854775")
        #expect(epoch(.min) == "-9223372036.854775")
    }
}
