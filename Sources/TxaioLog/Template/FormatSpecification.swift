/// A parsed format specification: what follows the colon of a field.
///
/// Parsed without knowing the value; what depends on the value's type, the default alignment and type, is decided by
/// ``resolved(type:alignment:)``.
internal struct FormatSpecification {
    /// What is wrong with it, whatever the value.
    internal enum Fault: UInt8 {
        case none, tooManyDigits, tooWide, commaAndUnderscore, missingPrecision, malformed
    }

    /// CPython allows any width; an event is better off without a field of gigabytes.
    internal static let maximumWidth = 65_536
    /// The most digits that a number is asked for. (CPython: 2^31 - 1.)
    internal static let maximumPrecision = 65_536

    internal var fill: UInt32 = 0x20
    /// `<`, `>`, `=`, `^`, or 0.
    internal var alignment: UInt8 = 0
    /// `+`, `-`, a space, or 0.
    internal var sign: UInt8 = 0
    internal var coercesNegativeZero = false
    internal var isAlternate = false
    internal var hasZero = false
    /// -1 where there is none.
    internal var width = -1
    internal var precision = -1
    /// `,` or `_`, or 0.
    internal var separator: UInt8 = 0
    /// The type's scalar.
    ///
    /// Once resolved, 0 is what floats have where none is given.
    internal var type: UInt32 = 0
    internal var hasType = false
    internal var isEmpty = false
    internal var fault = Fault.none

    /// The specification of a field that has none.
    internal static var none: FormatSpecification {
        var none = FormatSpecification()
        none.isEmpty = true
        return none
    }

    private init() {}

    internal init(parsing bytes: UnsafeRawBufferPointer) {
        isEmpty = bytes.count == 0
        fault = parse(bytes)
    }

    private mutating func parse(_ bytes: UnsafeRawBufferPointer) -> Fault {
        var at = 0
        func byte() -> UInt8 { at < bytes.count ? bytes[at] : 0 }

        var hasFill = false
        if at < bytes.count {
            var second = 0
            let first = bytes.scalar(at: &second)
            if second < bytes.count, isAlignment(bytes[second]) {
                fill = first
                hasFill = true
                alignment = bytes[second]
                at = second + 1
            } else if isAlignment(bytes[0]) {
                alignment = bytes[0]
                at = 1
            }
        }
        if byte() == 0x2B || byte() == 0x2D || byte() == 0x20 {
            sign = byte()
            at += 1
        }
        if byte() == 0x7A {
            coercesNegativeZero = true
            at += 1
        }
        if byte() == 0x23 {
            isAlternate = true
            at += 1
        }
        if !hasFill, byte() == 0x30 {
            hasZero = true
            fill = 0x30
            at += 1
        }
        guard let number = decimalNumber(bytes, &at) else { return .tooManyDigits }
        if number.digits > 0 {
            width = number.value
            if width > Self.maximumWidth { return .tooWide }
        }
        if byte() == 0x2C {
            separator = 0x2C
            at += 1
        }
        if byte() == 0x5F {
            if separator != 0 { return .commaAndUnderscore }
            separator = 0x5F
            at += 1
        }
        if byte() == 0x2C, separator == 0x5F { return .commaAndUnderscore }
        if byte() == 0x2E {
            at += 1
            guard let number = decimalNumber(bytes, &at) else { return .tooManyDigits }
            if number.digits == 0 { return .missingPrecision }
            precision = number.value
        }
        if at < bytes.count {
            type = bytes.scalar(at: &at)
            hasType = true
            if at < bytes.count { return .malformed }
        }
        return .none
    }

    private func isAlignment(_ byte: UInt8) -> Bool { byte == 0x3C || byte == 0x3E || byte == 0x3D || byte == 0x5E }

    /// The specification with the defaults of a kind of value, or what is wrong with it.
    ///
    /// `type` is 0 for floats.
    internal func resolved(type defaultType: UInt32, alignment defaultAlignment: UInt8) -> FormatSpecification {
        var spec = self
        if !hasType { spec.type = defaultType }
        if alignment == 0 {
            spec.alignment = hasZero && defaultAlignment == 0x3E ? 0x3D : defaultAlignment
        }
        return spec
    }

    /// Whether the separator goes with the type.
    ///
    /// Call it on a resolved one.
    internal var separatorSuitsType: Bool {
        if separator == 0 { return true }
        switch type {
        case 0, "d", "e", "f", "g", "E", "G", "%", "F": return true
        case "b", "o", "x", "X": return separator == 0x5F
        default: return false
        }
    }

    /// How many digits stand between separators; 0 where there are none.
    internal var groupSize: Int {
        if separator == 0 { return 0 }
        switch type {
        case "b", "o", "x", "X": return 4
        default: return 3
        }
    }
}

/// Lets a type's code be compared with a letter.
internal func ~= (letter: Unicode.Scalar, code: UInt32) -> Bool { letter.value == code }
