internal import TxaioLog

// Each type in three forms: required, with a default, and optional. What is absent and required is a fault; the value
// returned then is a stand-in that nobody sees, since `finish()` throws.

extension EmitterOptions {
    // ------------------------------------------------------------------------------------------------ text

    /// A text that may be absent.
    public mutating func stringIfPresent(_ key: String) -> String? {
        read(key, as: "a text") { if case .string(let text) = $0 { text } else { nil } }
    }

    /// A text that must be there.
    public mutating func string(_ key: String) -> String {
        require(key)
        return stringIfPresent(key) ?? ""
    }

    /// A text, or `fallback` where it is absent.
    public mutating func string(_ key: String, default fallback: String) -> String {
        stringIfPresent(key) ?? fallback
    }

    /// One of a few texts, that may be absent.
    public mutating func choiceIfPresent(_ key: String, of choices: [String]) -> String? {
        guard let text = stringIfPresent(key) else { return nil }
        if choices.contains(text) { return text }
        let valid = choices.joined(separator: ", ")
        let near = Suggestion.closest(to: text, among: choices)
        fault(key, "'\(path(key))' cannot be '\(text)' (valid are: \(valid))", suggestion: near)
        return nil
    }

    /// One of a few texts, that must be there.
    public mutating func choice(_ key: String, of choices: [String]) -> String {
        require(key)
        return choiceIfPresent(key, of: choices) ?? choices.first ?? ""
    }

    /// One of a few texts, or `fallback` where it is absent.
    public mutating func choice(_ key: String, of choices: [String], default fallback: String) -> String {
        choiceIfPresent(key, of: choices) ?? fallback
    }

    /// A list of texts; empty where it is absent.
    public mutating func strings(_ key: String) -> [String] {
        let texts = read(key, as: "a list of texts") { content -> [String]? in
            guard case .list(let values) = content else { return nil }
            var texts: [String] = []
            for value in values {
                guard case .string(let text) = value.content else { return nil }
                texts.append(text)
            }
            return texts
        }
        return texts ?? []
    }

    // ------------------------------------------------------------------------------------------------ numbers, truth

    /// An integer within bounds, that may be absent.
    public mutating func intIfPresent(_ key: String, in bounds: ClosedRange<Int>? = nil) -> Int? {
        let number = read(key, as: "an integer") { content -> Int? in
            if case .int(let number) = content { Int(clamping: number) } else { nil }
        }
        guard let number, let bounds, !bounds.contains(number) else { return number }
        fault(key, "'\(path(key))' must lie between \(bounds.lowerBound) and \(bounds.upperBound), not \(number)")
        return nil
    }

    /// An integer within bounds, that must be there.
    public mutating func int(_ key: String, in bounds: ClosedRange<Int>? = nil) -> Int {
        require(key)
        return intIfPresent(key, in: bounds) ?? bounds?.lowerBound ?? 0
    }

    /// An integer within bounds, or `fallback` where it is absent.
    public mutating func int(_ key: String, in bounds: ClosedRange<Int>? = nil, default fallback: Int) -> Int {
        intIfPresent(key, in: bounds) ?? fallback
    }

    /// A finite number within bounds, integers among them, that may be absent.
    public mutating func doubleIfPresent(_ key: String, in bounds: ClosedRange<Double>? = nil) -> Double? {
        let number = read(key, as: "a number") { content -> Double? in
            switch content {
            case .int(let number): Double(number)
            case .double(let number): number
            default: nil
            }
        }
        guard let number else { return nil }
        guard number.isFinite else {
            fault(key, "'\(path(key))' must be a finite number, not \(number)")
            return nil
        }
        guard let bounds, !bounds.contains(number) else { return number }
        fault(key, "'\(path(key))' must lie between \(bounds.lowerBound) and \(bounds.upperBound), not \(number)")
        return nil
    }

    /// A finite number within bounds, that must be there.
    public mutating func double(_ key: String, in bounds: ClosedRange<Double>? = nil) -> Double {
        require(key)
        return doubleIfPresent(key, in: bounds) ?? bounds?.lowerBound ?? 0
    }

    /// A finite number within bounds, or `fallback` where it is absent.
    public mutating func double(
        _ key: String,
        in bounds: ClosedRange<Double>? = nil,
        default fallback: Double
    ) -> Double {
        doubleIfPresent(key, in: bounds) ?? fallback
    }

    /// `true` or `false`, that may be absent.
    public mutating func boolIfPresent(_ key: String) -> Bool? {
        read(key, as: "true or false") { if case .bool(let truth) = $0 { truth } else { nil } }
    }

    /// `true` or `false`, that must be there.
    public mutating func bool(_ key: String) -> Bool {
        require(key)
        return boolIfPresent(key) ?? false
    }

    /// `true` or `false`, or `fallback` where it is absent.
    public mutating func bool(_ key: String, default fallback: Bool) -> Bool {
        boolIfPresent(key) ?? fallback
    }
}
