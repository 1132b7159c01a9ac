internal import CTxaio
package import TxaioLog

/// Writes points in time; keeps the text of the latest second, in which most events of a busy service fall.
///
/// Total for every `Int64` of nanoseconds since 1970: the years 1677 to 2262. Proleptic Gregorian calendar, UTC, no leap
/// seconds, as the system's clock counts.
package struct Timestamp {
    /// The text of the latest second, `2026-11-22T21:38:54.`, which C reads too.
    internal var second = txaio_second()

    package init() {}

    /// Appends `2026-11-22T21:38:54.123456Z`: RFC 3339, microseconds, cut not rounded, so that no event is in the future.
    package mutating func append(_ time: Int64, to buffer: inout ByteBuffer) {
        if second.is_known, time >= second.start, UInt64(bitPattern: time &- second.start) < 1_000_000_000 {
            withUnsafeBytes(of: &second.text) { buffer.append($0) }
            return Self.appendRest(time &- second.start, to: &buffer)
        }
        var (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        if nanoseconds < 0 {
            nanoseconds += 1_000_000_000
            seconds -= 1
        }
        let start = buffer.count
        Self.appendSeconds(seconds, to: &buffer)
        withUnsafeMutableBytes(of: &second.text) { text in
            buffer.withBytes { text.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + 20])) }
        }
        // The first second of all begins before what the type can say.
        second.start = time &- nanoseconds
        second.is_known = second.start <= time
        Self.appendRest(nanoseconds, to: &buffer)
    }

    private static func appendRest(_ nanoseconds: Int64, to buffer: inout ByteBuffer) {
        appendMicroseconds(nanoseconds / 1000, to: &buffer)
        buffer.append(0x5A)
    }

    /// Appends seconds since 1970 with six decimals: `1795383534.123456`.
    package static func appendEpoch(_ time: Int64, to buffer: inout ByteBuffer) {
        if time < 0 { buffer.append(0x2D) }
        let (seconds, nanoseconds) = time.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        buffer.append(decimal: seconds)
        buffer.append(0x2E)
        appendMicroseconds(Int64(nanoseconds / 1000), to: &buffer)
    }

    private static func appendMicroseconds(_ microseconds: Int64, to buffer: inout ByteBuffer) {
        let digits = Int(microseconds)
        buffer.append(twoDigits: digits / 10_000)
        buffer.append(twoDigits: digits / 100 % 100)
        buffer.append(twoDigits: digits % 100)
    }

    /// Days to a date after Howard Hinnant's `civil_from_days`: years begin in March, so that leap days end them.
    private static func appendSeconds(_ seconds: Int64, to buffer: inout ByteBuffer) {
        var (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        let month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        let time = Int(rest)

        buffer.append(twoDigits: year / 100)
        buffer.append(twoDigits: year % 100)
        buffer.append(0x2D)
        buffer.append(twoDigits: month)
        buffer.append(0x2D)
        buffer.append(twoDigits: day)
        buffer.append(0x54)
        buffer.append(twoDigits: time / 3_600)
        buffer.append(0x3A)
        buffer.append(twoDigits: time / 60 % 60)
        buffer.append(0x3A)
        buffer.append(twoDigits: time % 60)
        buffer.append(0x2E)
    }
}
