internal import CTxaio

extension ByteBuffer {
    /// Appends an integer in decimal.
    public mutating func append(decimal value: Int64) {
        if value < 0 { append(0x2D) }
        append(decimal: value.magnitude)
    }

    /// Appends an integer in decimal.
    public mutating func append(decimal value: UInt64) {
        let start = tail(20)
        advance(by: start.distance(to: txaio_put_decimal(start, value)))
    }

    /// Appends exactly two digits of `value`, which must be below 100.
    @inline(__always)
    package mutating func append(twoDigits value: Int) {
        _ = txaio_put_two(tail(2), UInt32(truncatingIfNeeded: value))
        advance(by: 2)
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
        let start = tail(24)
        if let end = txaio_put_short_double(start, value) { return advance(by: start.distance(to: end)) }
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
