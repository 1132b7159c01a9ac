extension ByteBuffer {
    /// Appends a double as Python's `repr` spells it: `0.1`, `1e+16`, `nan`, `-inf`.
    package mutating func append(python value: Double) {
        let magnitude = value.magnitude
        // Within these bounds Swift and Python spell alike.
        if (magnitude >= 1e-4 && magnitude < 1e15) || magnitude == 0 { return append(shortest: value) }
        append(value, FormatSpecification.none)
    }

    /// Appends a float as Python would spell it if it had this type: with the shortest digits of a `Float`.
    package mutating func append(python value: Float) {
        let magnitude = value.magnitude
        if (magnitude >= 1e-4 && magnitude < 1e6) || magnitude == 0 { return append(shortest: value) }
        guard value.isFinite else { return append(python: Double(value)) }
        let start = count
        append(shortest: value)
        respell(shortestFrom: start, isNegative: value.sign == .minus)
    }

    private mutating func respell(shortestFrom start: Int, isNegative: Bool) {
        DecimalDigits.withRoom { room in
            let digits = withBytes { DecimalDigits(parsing: $0.part(start, $0.count), in: room) }
            truncate(to: start)
            if isNegative { append(0x2D as UInt8) }
            _ = append(digits, .shortest(FormatSpecification.none))
        }
    }

    /// Appends a double as a resolved specification of a float type has it: CPython's `format_float_internal`.
    internal mutating func append(_ value: Double, _ spec: FormatSpecification) {
        let isPercentage = spec.type == 0x25
        let value = isPercentage ? value * 100 : value
        let start = count
        guard value.isFinite else {
            let isUpperCase = spec.type == 0x45 || spec.type == 0x46 || spec.type == 0x47
            appendSign(isNegative: value.sign == .minus && !value.isNaN, spec)
            let head = count - start
            append(value.isNaN ? (isUpperCase ? "NAN" : "nan") : (isUpperCase ? "INF" : "inf"))
            if isPercentage { append(0x25 as UInt8) }
            return arrange(numberFrom: start, head: head, digits: 0, rest: count - start - head, spec)
        }
        DecimalDigits.withRoom { room in
            let layout = DoubleLayout(spec)
            var digits: DecimalDigits
            if layout.style == .shortest {
                append(shortest: value)
                digits = withBytes { DecimalDigits(parsing: $0.part(start, $0.count), in: room) }
                truncate(to: start)
            } else {
                digits = DecimalDigits(exactly: value, in: room)
                if layout.style == .fixed {
                    digits.round(toPlaces: layout.precision)
                } else {
                    digits.round(toDigits: layout.precision)
                }
            }
            appendSign(isNegative: value.sign == .minus && !(spec.coercesNegativeZero && digits.isZero), spec)
            let head = count - start
            let whole = append(digits, layout)
            if isPercentage { append(0x25 as UInt8) }
            arrange(numberFrom: start, head: head, digits: whole, rest: count - start - head - whole, spec)
        }
    }

    private mutating func appendSign(isNegative: Bool, _ spec: FormatSpecification) {
        if isNegative {
            append(0x2D as UInt8)
        } else if spec.sign == 0x2B || spec.sign == 0x20 {
            append(spec.sign)
        }
    }

    /// Appends digits with point and exponent, as CPython's `format_float_short` does.
    ///
    /// - Returns: How many digits stand before the point.
    private mutating func append(_ digits: DecimalDigits, _ layout: DoubleLayout) -> Int {
        var point = digits.point
        let hasExponent = layout.hasExponent(point: point)
        let exponent = point - 1
        if hasExponent { point = 1 }
        var end = layout.end(point: point, digits: digits.count)
        end = layout.addsZero && !hasExponent ? (end > point ? end : point + 1) : max(end, point)

        let whole = max(point, 1)
        let start = count
        if point <= 0 {
            append("0.")
            append(repeating: 0x30, count: -point)
            append(digits, 0, digits.count)
            append(repeating: 0x30, count: end - digits.count)
        } else {
            append(digits, 0, min(point, digits.count))
            append(repeating: 0x30, count: point - digits.count)
            append(0x2E as UInt8)
            append(digits, point, digits.count)
            append(repeating: 0x30, count: end - max(point, digits.count))
        }
        if !layout.isAlternate, withBytes({ $0[$0.count - 1] }) == 0x2E { truncate(to: count - 1) }
        if hasExponent {
            append(layout.isUpperCase ? 0x45 : 0x65 as UInt8)
            append(exponent < 0 ? 0x2D : 0x2B as UInt8)
            if abs(exponent) < 10 { append(0x30 as UInt8) }
            append(decimal: UInt64(abs(exponent)))
        }
        return min(whole, count - start)
    }

    private mutating func append(_ digits: DecimalDigits, _ start: Int, _ end: Int) {
        guard end > start else { return }
        append(UnsafeRawBufferPointer(start: digits.digits + start, count: end - start))
    }
}

/// What a float type asks for.
private struct DoubleLayout {
    enum Style { case shortest, significant, fixed, exponent }

    let style: Style
    /// Digits in all, or behind the point where the style is fixed.
    let precision: Int
    let isAlternate: Bool
    let isUpperCase: Bool
    /// Whether a number without a fraction gets `.0`.
    let addsZero: Bool

    static func shortest(_ spec: FormatSpecification) -> DoubleLayout { DoubleLayout(spec) }

    init(_ spec: FormatSpecification) {
        let asked = min(spec.precision, FormatSpecification.maximumPrecision)
        isAlternate = spec.isAlternate
        isUpperCase = spec.type == 0x45 || spec.type == 0x46 || spec.type == 0x47
        addsZero = spec.type == 0
        switch spec.type {
        case "e", "E":
            style = .exponent
            precision = (asked < 0 ? 6 : asked) + 1
        case "f", "F", "%":
            style = .fixed
            precision = asked < 0 ? 6 : asked
        case 0 where asked < 0:
            style = .shortest
            precision = 0
        default:
            style = .significant
            precision = asked < 0 ? 6 : max(1, asked)
        }
    }

    func hasExponent(point: Int) -> Bool {
        switch style {
        case .exponent: true
        case .fixed: false
        case .shortest: point <= -4 || point > 16
        case .significant: point <= -4 || point > precision - (addsZero ? 1 : 0)
        }
    }

    /// Up to which digit zeros are filled in.
    func end(point: Int, digits: Int) -> Int {
        switch style {
        case .exponent: precision
        case .fixed: point + precision
        case .significant: isAlternate ? precision : digits
        case .shortest: digits
        }
    }
}
