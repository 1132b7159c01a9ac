internal import CTxaio
package import TxaioLog

/// Writes points in time; keeps the text of the latest second, in which most events of a busy service fall.
///
/// Total for every `Int64` of nanoseconds since 1970: the years 1677 to 2262. Proleptic Gregorian calendar, UTC, no leap
/// seconds, as the system's clock counts.
package struct Timestamp {
    private var startOfSecond: Int64 = 0
    private var isKnown = false
    /// `2026-11-22T21:38:54.` as 20 bytes.
    private var text: (UInt64, UInt64, UInt32) = (0, 0, 0)

    package init() {}

    /// Appends `2026-11-22T21:38:54.123456Z`: RFC 3339, microseconds, cut not rounded, so that no event is in the future.
    package mutating func append(_ time: Int64, to buffer: inout ByteBuffer) {
        if let into = intoSecond(time) {
            let to = buffer.tail(20)
            to.storeBytes(of: text.0, as: UInt64.self)
            to.storeBytes(of: text.1, toByteOffset: 8, as: UInt64.self)
            to.storeBytes(of: text.2, toByteOffset: 16, as: UInt32.self)
            buffer.advance(by: 20)
            return appendRest(into, to: &buffer)
        }
        var (seconds, nanoseconds) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        if nanoseconds < 0 {
            nanoseconds += 1_000_000_000
            seconds -= 1
        }
        let start = buffer.count
        Self.appendSeconds(seconds, to: &buffer)
        withUnsafeMutableBytes(of: &text) { text in
            buffer.withBytes { text.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + 20])) }
        }
        // The first second of all begins before what the type can say.
        startOfSecond = time &- nanoseconds
        isKnown = startOfSecond <= time
        appendRest(nanoseconds, to: &buffer)
    }

    /// How many nanoseconds a time lies behind the start of the second whose text is kept, if it is that one.
    @inline(__always)
    private func intoSecond(_ time: Int64) -> Int64? {
        let into = time &- startOfSecond
        return isKnown && time >= startOfSecond && UInt64(bitPattern: into) < 1_000_000_000 ? into : nil
    }

    /// The same within a line whose room was made; `false` where the second is another.
    @inline(__always)
    internal func write(_ time: Int64, with pen: inout LinePlan.Pen) -> Bool {
        guard let into = intoSecond(time) else { return false }
        let to = pen.place
        to.storeBytes(of: text.0, as: UInt64.self)
        to.storeBytes(of: text.1, toByteOffset: 8, as: UInt64.self)
        to.storeBytes(of: text.2, toByteOffset: 16, as: UInt32.self)
        let end = txaio_put_six(to + 20, UInt32(truncatingIfNeeded: into / 1000))
        pen.place = txaio_put_byte(end, 0x5A)
        return true
    }

    @inline(__always)
    private func appendRest(_ nanoseconds: Int64, to buffer: inout ByteBuffer) {
        Self.appendMicroseconds(nanoseconds / 1000, to: &buffer)
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
