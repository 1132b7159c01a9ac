extension ByteBuffer {
    /// Appends an integer in decimal.
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(0x2D) }
        append(decimal: value.magnitude)
    }

    /// Appends an integer in decimal.
    public mutating func append(decimal value: UInt64) {
        if value < 10 { return append(0x30 &+ UInt8(truncatingIfNeeded: value)) }
        // Digits are made from the right, two at a time, then copied once.
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var rest = value
            var at = 20
            while rest >= 100 {
                at -= 2
                digits.storeBytes(of: DigitPairs[Int(rest % 100)], toByteOffset: at, as: UInt16.self)
                rest /= 100
            }
            if rest >= 10 {
                at -= 2
                digits.storeBytes(of: DigitPairs[Int(rest)], toByteOffset: at, as: UInt16.self)
            } else {
                at -= 1
                digits[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest)
            }
            append(UnsafeRawBufferPointer(rebasing: digits[at...]))
        }
    }

    /// Appends exactly two digits of `value`, which must be below 100.
    @inline(__always)
    package mutating func append(twoDigits value: Int) {
        reserve(2)
        UnsafeMutableRawPointer(base + used).storeBytes(of: DigitPairs[value], as: UInt16.self)
        used &+= 2
    }

    /// Appends `value` in lower-case hexadecimal, padded with zeros to `width` digits.
    package mutating func append(hex value: UInt64, width: Int) {
        var shift = max(0, (width - 1) * 4)
        while shift >= 0 {
            append(hexDigit(UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 15))
            shift -= 4
        }
    }

    /// Appends the shortest text that reads back as `value`, in Swift's own spelling: `0.1`, `1e+16`, `nan`, `-inf`.
    public mutating func append(shortest value: Double) {
        var sink = NumberSink(buffer: UnsafeMutableRawPointer(scratch()))
        value.write(to: &sink)
        used &+= sink.count
    }

    /// Appends the shortest text that reads back as `value`, in Swift's own spelling.
    public mutating func append(shortest value: Float) {
        var sink = NumberSink(buffer: UnsafeMutableRawPointer(scratch()))
        value.write(to: &sink)
        used &+= sink.count
    }

    private mutating func scratch() -> UnsafeMutablePointer<UInt8> {
        reserve(NumberSink.room)
        return base + used
    }
}

@inline(__always)
package func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }

/// Takes a number's text without a `String` in between: `write(to:)` hands ASCII over through `_writeASCII` where the
/// standard library has it, else as a `String`.
private struct NumberSink: TextOutputStream {
    static let room = 64
    let buffer: UnsafeMutableRawPointer
    var count = 0

    init(buffer: UnsafeMutableRawPointer) { self.buffer = buffer }

    mutating func write(_ string: String) {
        var string = string
        string.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    mutating func _writeASCII(_ bytes: UnsafeBufferPointer<UInt8>) { copy(UnsafeRawBufferPointer(bytes)) }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        let length = min(bytes.count, Self.room - count)
        guard length > 0, let source = bytes.baseAddress else { return }
        (buffer + count).copyMemory(from: source, byteCount: length)
        count += length
    }
}

/// "00" to "99", two bytes each.
@frozen
package struct DigitPairs {
    @inline(__always)
    package static subscript(_ value: Int) -> UInt16 {
        let table: StaticString =
            """
            0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
            5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
            """
        return UnsafeRawPointer(table.utf8Start).loadUnaligned(fromByteOffset: value &* 2, as: UInt16.self)
    }
}
