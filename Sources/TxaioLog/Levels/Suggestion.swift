/// Finds the name that somebody meant who wrote another.
package enum Suggestion {
    /// No name is longer; a longer word has no suggestion.
    private static let longest = 64

    /// The name nearest to `word`, where one is near enough to be meant; the first of equally near ones.
    ///
    /// Near is a third of the word's bytes, at least one, at most three: inserted, deleted, replaced, or two neighbours
    /// swapped. Upper and lower case are the same.
    package static func closest(to word: some StringProtocol, among names: some Sequence<String>) -> String? {
        let word = word.utf8.prefix(longest + 1).map(lowercased)
        guard !word.isEmpty, word.count <= longest else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let candidate = name.utf8.prefix(longest + 1).map(lowercased)
            let allowed = min(3, max(1, max(word.count, candidate.count) / 3))
            guard candidate.count <= longest, abs(candidate.count - word.count) <= allowed else { continue }
            let distance = distance(word, candidate)
            // A word of which nothing remains was not a slip of that name.
            guard distance <= allowed, distance < max(word.count, candidate.count) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (name, distance) }
        }
        return best?.name
    }

    /// `; did you mean 'levels'?`, or nothing where no name is near.
    package static func hint(for word: some StringProtocol, among names: some Sequence<String>) -> String {
        hint(closest(to: word, among: names))
    }

    /// `; did you mean 'levels'?`, or nothing.
    package static func hint(_ name: String?) -> String {
        guard let name else { return "" }
        return "; did you mean '\(name)'?"
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    /// The number of edits between two words; a swap of neighbours is one ("optimal string alignment").
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var row = [Int](repeating: i + 1, count: b.count + 1)
            for (j, y) in b.enumerated() {
                row[j + 1] = min(last[j] + (x == y ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1) }
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}

extension LogLevel {
    /// The level that somebody meant who wrote `word`: a slip of the pen, or another system's name for it.
    package static func suggestion(for word: some StringProtocol) -> LogLevel? {
        switch word.lowercased() {
        case "warning", "alarm": .warn
        case "notice", "information", "informational", "default", "on", "true", "yes": .info
        case "fatal", "emergency", "emerg", "alert", "crit", "panic", "severe", "fault": .critical
        case "err", "failure": .error
        case "verbose", "fine": .debug
        case "all", "finest", "max", "everything": .trace
        case "off", "false", "no", "null", "nil", "never", "silent", "quiet", "~": .off
        default:
            Suggestion.closest(to: word, among: allCases.map(\.description)).flatMap { LogLevel($0) }
        }
    }
}
