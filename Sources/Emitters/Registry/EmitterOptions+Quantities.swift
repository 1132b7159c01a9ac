internal import TxaioLog

extension EmitterOptions {
    /// A size in bytes within bounds, written with its unit (`64 KiB`; `kB`, `MB`, `GB` are decimal), that may be absent.
    public mutating func sizeIfPresent(_ key: String, in bounds: ClosedRange<Int>? = nil) -> Int? {
        guard let bytes = quantity(key, Quantity.sizes, example: "64 KiB") else { return nil }
        guard let bounds, !bounds.contains(Int(clamping: bytes)) else { return Int(clamping: bytes) }
        outOfBounds(key, Int64(bounds.lowerBound), Int64(bounds.upperBound), bytes, Quantity.sizes)
        return nil
    }

    /// A size in bytes within bounds, or `fallback` where it is absent.
    public mutating func size(_ key: String, in bounds: ClosedRange<Int>? = nil, default fallback: Int) -> Int {
        sizeIfPresent(key, in: bounds) ?? fallback
    }

    /// A duration within bounds, written with its unit (`500 ms`; `ns`, `us`, `ms`, `s`, `min`, `h`, `d`), that may be
    /// absent.
    public mutating func durationIfPresent(_ key: String, in bounds: ClosedRange<Duration>? = nil) -> Duration? {
        guard let nanoseconds = quantity(key, Quantity.durations, example: "500 ms") else { return nil }
        let duration = Duration.nanoseconds(nanoseconds)
        guard let bounds, !bounds.contains(duration) else { return duration }
        fault(key, "'\(path(key))' must lie between \(bounds.lowerBound) and \(bounds.upperBound), not \(duration)")
        return nil
    }

    /// A duration within bounds, or `fallback` where it is absent.
    public mutating func duration(
        _ key: String,
        in bounds: ClosedRange<Duration>? = nil,
        default fallback: Duration
    ) -> Duration {
        durationIfPresent(key, in: bounds) ?? fallback
    }

    private mutating func quantity(
        _ key: String,
        _ units: [(unit: String, factor: Int64)],
        example: String
    ) -> Int64? {
        // A bare number is the commonest slip: nobody can tell what it counts.
        if case .int(let number) = value(key)?.content {
            fault(key, "'\(path(key))' needs a unit, as in '\(example)', not \(number) alone")
            return nil
        }
        let text = read(key, as: "a number with a unit, as in '\(example)'") { content -> String? in
            if case .string(let text) = content { text } else { nil }
        }
        guard let text else { return nil }
        switch Quantity.read(text, units) {
        case .value(let value):
            return value
        case .malformed:
            fault(key, "'\(path(key))' must be a number with a unit, as in '\(example)', not \(Quotation.of(text))")
        case .unknownUnit(let unit):
            let valid = units.map(\.unit).joined(separator: ", ")
            let near = units.first { $0.unit.lowercased() == unit.lowercased() }?.unit
            let message = "'\(path(key))' has an unknown unit \(Quotation.of(unit)) (valid are: \(valid))"
            fault(key, message, suggestion: near ?? Suggestion.closest(to: unit, among: units.map(\.unit)))
        case .tooLarge:
            fault(key, "'\(path(key))' is too large: \(Quotation.of(text))")
        }
        return nil
    }

    private mutating func outOfBounds(
        _ key: String,
        _ lower: Int64,
        _ upper: Int64,
        _ value: Int64,
        _ units: [(unit: String, factor: Int64)]
    ) {
        let (low, high) = (Quantity.text(lower, units), Quantity.text(upper, units))
        fault(key, "'\(path(key))' must lie between \(low) and \(high), not at \(Quantity.text(value, units))")
    }
}
