// Scalars of UTF-8 bytes. The bytes of texts are valid; those of raw values may be anything, and are repaired as they are
// read: each longest part of a broken sequence becomes one U+FFFD, as `String(decoding:as:)` has it.

extension UnsafeRawBufferPointer {
    /// The scalar at `position`, which moves behind it.
    ///
    /// `position` must lie within the bytes.
    @inline(__always)
    internal func scalar(at position: inout Int) -> UInt32 {
        let first = self[position]
        position &+= 1
        return first < 0x80 ? UInt32(first) : longScalar(first, &position)
    }

    private func longScalar(_ first: UInt8, _ position: inout Int) -> UInt32 {
        let more: Int
        var allowed: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: more = 1
        case 0xE0: (more, allowed) = (2, 0xA0...0xBF)
        case 0xED: (more, allowed) = (2, 0x80...0x9F)
        case 0xE1...0xEF: more = 2
        case 0xF0: (more, allowed) = (3, 0x90...0xBF)
        case 0xF4: (more, allowed) = (3, 0x80...0x8F)
        case 0xF1...0xF3: more = 3
        default: return 0xFFFD
        }
        var value = UInt32(first) & (0x3F >> UInt32(more))
        for _ in 0..<more {
            guard position < count, allowed.contains(self[position]) else { return 0xFFFD }
            value = value << 6 | UInt32(self[position] & 0x3F)
            allowed = 0x80...0xBF
            position &+= 1
        }
        return value
    }

    /// How many scalars these bytes of valid UTF-8 hold.
    internal var scalarCount: Int {
        var count = 0
        for byte in self where byte & 0xC0 != 0x80 { count &+= 1 }
        return count
    }

    /// The bytes from `start` to before `end`, which must lie within.
    @inline(__always)
    internal func part(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[start..<end])
    }

    /// How many bytes the first `limit` scalars of valid UTF-8 take.
    internal func length(ofScalars limit: Int) -> Int {
        guard limit < count else { return count }
        var left = limit
        for position in 0..<count where self[position] & 0xC0 != 0x80 {
            if left == 0 { return position }
            left &-= 1
        }
        return count
    }
}

/// What Python's Unicode tables say about a scalar: those of version 14, which CPython 3.11 carries.
internal enum PythonScalar {
    private static func isAssigned(_ scalar: Unicode.Scalar) -> Bool {
        guard let age = scalar.properties.age else { return false }
        return age.major <= 14
    }

    /// Whether `repr` shows the scalar as it is.
    internal static func isPrintable(_ value: UInt32) -> Bool {
        if value < 0x7F { return value >= 0x20 }
        guard value > 0xA0, let scalar = Unicode.Scalar(value) else { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return isAssigned(scalar)
        }
    }

    /// The value of a decimal digit of any script, or `nil`.
    @inline(__always)
    internal static func digit(_ value: UInt32) -> Int? {
        if value < 0x80 { return value &- 0x30 < 10 ? Int(value &- 0x30) : nil }
        return foreignDigit(value)
    }

    private static func foreignDigit(_ value: UInt32) -> Int? {
        guard let scalar = Unicode.Scalar(value), scalar.properties.numericType == .decimal, isAssigned(scalar),
            let number = scalar.properties.numericValue, number >= 0, number < 10
        else { return nil }
        return Int(exactly: number)
    }
}

/// Reads decimal digits from `position` on; `nil` where the number is beyond `Int`.
internal func decimalNumber(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) -> (value: Int, digits: Int)? {
    var value = 0
    var digits = 0
    while position < bytes.count {
        var next = position
        guard let digit = PythonScalar.digit(bytes.scalar(at: &next)) else { break }
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, excess) = tens.addingReportingOverflow(digit)
        if overflow || excess { return nil }
        value = sum
        digits += 1
        position = next
    }
    return (value, digits)
}
