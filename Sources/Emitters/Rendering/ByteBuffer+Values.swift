internal import TxaioLog

extension ByteBuffer {
    /// Appends an integer of up to 128 bits in decimal.
    internal mutating func append(decimal value: Int128) {
        if value < 0 { append(0x2D) }
        append(decimal: value.magnitude)
    }

    /// Appends an integer of up to 128 bits in decimal.
    internal mutating func append(decimal value: UInt128) {
        let group: UInt128 = 10_000_000_000_000_000_000
        guard value >= group else { return append(decimal: UInt64(truncatingIfNeeded: value)) }
        let (upper, lower) = value.quotientAndRemainder(dividingBy: group)
        append(decimal: upper)
        append(padded: UInt64(truncatingIfNeeded: lower), width: 19)
    }

    /// Appends a span of time as a decimal number of seconds, exactly: `0.25`, `-3.0`.
    internal mutating func append(seconds value: Duration) {
        let attoseconds = value.attoseconds
        if attoseconds < 0 { append(0x2D) }
        let (seconds, rest) = attoseconds.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000_000_000_000)
        append(decimal: seconds)
        append(0x2E)
        var fraction = UInt64(truncatingIfNeeded: rest)
        var width = 18
        while width > 1, fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        append(padded: fraction, width: width)
    }

    /// Appends `value` in decimal with zeros before it.
    private mutating func append(padded value: UInt64, width: Int) {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits += 1
            rest /= 10
        }
        append(repeating: 0x30, count: width - digits)
        append(decimal: value)
    }
}
