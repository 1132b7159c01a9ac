/// How long something holds, as people write it: `500ms`, `90s`, `10m`, `10 min`, `2h`, `1d`.
package enum TimeSpan {
    /// Nanoseconds; of two names the first is written.
    private static let units: [(unit: String, factor: Int64)] = [
        ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("min", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// Where the text before a word ends, and where what stands behind it lies.
    ///
    /// Rules hold no white space inside a word, so the word between white space can be nothing else.
    internal static func split(_ bytes: [UInt8], at word: String = "for") -> (end: Int, word: Range<Int>?) {
        func isSpace(_ index: Int) -> Bool {
            index < 0 || index >= bytes.count || bytes[index] == 0x20 || (0x09...0x0D).contains(bytes[index])
        }
        let keyword = Array(word.utf8)
        for start in stride(from: bytes.count - keyword.count, through: 0, by: -1)
        where isSpace(start - 1) && isSpace(start + keyword.count)
            && bytes[start..<start + keyword.count].elementsEqual(keyword)
        {
            var (first, last) = (start + keyword.count, bytes.count)
            while first < last, isSpace(first) { first += 1 }
            while last > first, isSpace(last - 1) { last -= 1 }
            return (start, first..<last)
        }
        return (bytes.count, nil)
    }

    /// Reads a span of time.
    ///
    /// - Throws: ``LevelRulesError`` with the place of the fault, `column` being that of the first byte.
    package static func read(_ text: some StringProtocol) throws(LevelRulesError) -> Duration {
        try read(Array(text.utf8.prefix(100))[...], column: 1)
    }

    internal static func read(_ bytes: ArraySlice<UInt8>, column: Int) throws(LevelRulesError) -> Duration {
        let shown = Quotation.of(String(decoding: bytes, as: UTF8.self))
        // Any number of spaces may stand before the unit.
        let words = bytes.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
        let duration: Duration
        switch Quantity.read(words.joined(separator: " "), units) {
        case .value(let nanoseconds): duration = .nanoseconds(nanoseconds)
        case .tooLarge: duration = .nanoseconds(Int64.max)
        case .malformed, .unknownUnit:
            let form = "a span of time is written as '90s', '10m', '2h' or '1d'"
            let message = bytes.isEmpty ? "\(form); it is missing" : "\(form), unlike \(shown)"
            throw LevelRulesError([.init(message, column: column)])
        }
        guard TemporaryLevels.durations.contains(duration) else {
            throw LevelRulesError([.init("\(shown) is not between 1ms and 366d", column: column)])
        }
        return duration
    }

    /// The span with the largest unit that divides it.
    package static func text(_ duration: Duration) -> String {
        Quantity.text(duration.inNanoseconds, units, separator: "")
    }
}
