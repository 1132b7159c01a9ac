extension ByteBuffer {
    /// Appends an integer as a resolved specification of an integer type (`b`, `c`, `d`, `n`, `o`, `x`, `X`) has it.
    internal mutating func append(_ magnitude: UInt128, isNegative: Bool, _ spec: FormatSpecification) {
        let start = count
        if isNegative {
            append(0x2D as UInt8)
        } else if spec.sign == 0x2B || spec.sign == 0x20 {
            append(spec.sign)
        }
        let bits: Int
        switch spec.type {
        case "b": bits = 1
        case "o": bits = 3
        case "x", "X": bits = 4
        default: bits = 0
        }
        if bits > 0, spec.isAlternate {
            append(0x30 as UInt8)
            append(UInt8(truncatingIfNeeded: spec.type))
        }
        let head = count - start
        if bits == 0 {
            append(wideDecimal: magnitude)
        } else {
            append(magnitude, bits: bits, isUpperCase: spec.type == 0x58)
        }
        arrange(numberFrom: start, head: head, digits: count - start - head, rest: 0, spec)
    }

    /// Appends an unsigned integer of up to 128 bits in decimal.
    internal mutating func append(wideDecimal value: UInt128) {
        if let small = UInt64(exactly: value) { return append(decimal: small) }
        let (upper, lower) = value.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
        append(wideDecimal: upper)
        let start = count
        append(decimal: UInt64(truncatingIfNeeded: lower))
        insert(0x30, count: 19 - (count - start), at: start)
    }

    private mutating func append(_ magnitude: UInt128, bits: Int, isUpperCase: Bool) {
        let significant = max(1, UInt128.bitWidth - magnitude.leadingZeroBitCount)
        let digits = (significant + bits - 1) / bits
        for index in stride(from: digits - 1, through: 0, by: -1) {
            let digit = UInt8(truncatingIfNeeded: magnitude >> UInt128(index * bits)) & ((1 << UInt8(bits)) - 1)
            let shown = hexDigit(digit)
            append(isUpperCase && shown >= 0x61 ? shown - 0x20 : shown)
        }
    }
}
