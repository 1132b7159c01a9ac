#if Configuration
internal import TxaioEmitters
internal import TxaioLog

/// What stands under `when:`, a mapping of conditions to levels: `request.id=abc: {Gateway: trace}`.
internal enum ScopedReading {
    /// Reads them.
    ///
    /// An absent section reads as an empty one.
    internal static func levels(_ read: inout EmitterOptions) -> [ScopedLevels] {
        var found: [ScopedLevels] = []
        for key in read.entries.map(\.key) {
            let condition: ScopeCondition
            do {
                condition = try ScopeCondition(parsing: key)
            } catch {
                // Known, for all that it is wrong.
                _ = read.value(key)
                for fault in error.faults { read.fault(key, fault.message) }
                continue
            }
            let rules = read.nested(key) { Self.rules(&$0) }
            do {
                found.append(try ScopedLevels(when: condition, rules))
            } catch {
                for fault in error.faults { read.fault(key, fault.message) }
            }
        }
        return found
    }

    /// Reads a map of patterns of namespaces to levels.
    internal static func rules(_ read: inout EmitterOptions) -> [LevelRule] {
        read.entries.map(\.key).compactMap { rule($0, &read) }
    }

    private static func rule(_ pattern: String, _ read: inout EmitterOptions) -> LevelRule? {
        guard let text = read.stringIfPresent(pattern) else { return nil }
        guard let level = LogLevel(text) else {
            let near = LogLevel.suggestion(for: text)?.description
            read.fault(pattern, "unknown level \(Quotation.of(text))", suggestion: near)
            return nil
        }
        do {
            return try LevelRule(pattern: pattern, level: level)
        } catch {
            for fault in error.faults { read.fault(pattern, fault.message, suggestion: fault.suggestion) }
            return nil
        }
    }
}
#endif
