#if Configuration
internal import TxaioEmitters
internal import TxaioLog

/// What stands under `noise:`, a mapping of patterns of namespaces to what is held back there.
internal enum NoiseReading {
    private static let spans = Duration.milliseconds(1) ... .seconds(86_400)
    private static let counts = 1...1_000_000

    /// Reads the rules.
    ///
    /// An absent section reads as an empty one.
    internal static func rules(_ read: inout EmitterOptions) -> [NoiseRule] {
        var rules: [NoiseRule] = []
        for pattern in read.entries.map(\.key) {
            let rule = read.nested(pattern) { inside in Self.rule(pattern, &inside) }
            if let rule { rules.append(rule) }
        }
        return rules
    }

    private static func rule(_ pattern: String, _ read: inout EmitterOptions) -> NoiseRule? {
        let rate = rate(&read)
        let sample = sample(&read)
        let fold = read.durationIfPresent("fold", in: spans)
        let errors = read.bool("errors", default: false)
        if ["rate", "sample", "fold"].allSatisfy({ read.value($0) == nil }) {
            read.fault("rate", "noise of \(Quotation.of(pattern)) needs 'rate', 'sample' or 'fold'")
        }
        do {
            return try NoiseRule(pattern, rate: rate, sample: sample, fold: fold, errors: errors)
        } catch {
            for fault in error.faults { read.fault("", "\(fault.message)\(Suggestion.hint(fault.suggestion))") }
            return nil
        }
    }

    /// `10/s`, `100/min`, `5/10s`, and how many may come at once.
    private static func rate(_ read: inout EmitterOptions) -> NoiseRule.Rate? {
        let burst = read.intIfPresent("burst", in: counts)
        guard let text = read.stringIfPresent("rate") else {
            if burst != nil, read.value("rate") == nil { read.fault("burst", "'burst' goes with 'rate'") }
            return nil
        }
        if let (first, second) = parts(text), let count = Int(first), counts.contains(count) {
            let hasNumber = second.utf8.first.map { (0x30...0x39).contains($0) } ?? false
            if let span = try? TimeSpan.read(hasNumber ? second : "1\(second)"), spans.contains(span) {
                return NoiseRule.Rate(count, per: span, burst: burst)
            }
        }
        read.fault("rate", "a rate is written as '10/s', '100/min' or '5/10s', unlike \(Quotation.of(text))")
        return nil
    }

    /// `1/100`.
    private static func sample(_ read: inout EmitterOptions) -> Int? {
        guard let text = read.stringIfPresent("sample") else { return nil }
        if let (first, second) = parts(text), first == "1", let count = Int(second), counts.contains(count) {
            return count
        }
        read.fault("sample", "a sample is written as '1/100', unlike \(Quotation.of(text))")
        return nil
    }

    /// What stands before and behind the one slash of a text.
    private static func parts(_ text: String) -> (String, String)? {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.count == 2 ? (String(Substring(parts[0])), String(Substring(parts[1]))) : nil
    }
}
#endif
