#if Configuration
internal import TxaioEmitters
internal import TxaioLog

/// What differs between two configurations, for people and for whoever puts the later one in force.
internal struct ConfigurationChange: Sendable {
    /// Emitters of the later one that go on as they are, by name; the others of it are made.
    internal let kept: Set<String>
    /// One sentence part for each difference; empty where there is none.
    internal let parts: [String]
    /// Keys whose change waits for the next start.
    internal let waiting: [String]

    internal init(from old: LoggingConfiguration, to new: LoggingConfiguration) {
        var parts: [String] = []
        Self.tellRules(from: old.rules, to: new.rules, &parts)
        var kept: Set<String> = []
        for emitter in new.emitters {
            guard let before = old.emitters.first(where: { $0.name == emitter.name }) else {
                parts.append("emitter '\(emitter.name)' is new")
                continue
            }
            if before.isMade(like: emitter) {
                kept.insert(emitter.name)
                if before.level != emitter.level {
                    parts.append("emitter '\(emitter.name)' takes \(emitter.level), not \(before.level)")
                }
            } else {
                parts.append("emitter '\(emitter.name)' is made anew")
            }
        }
        for emitter in old.emitters where !new.emitters.contains(where: { $0.name == emitter.name }) {
            parts.append("emitter '\(emitter.name)' is gone")
        }
        if old.recordLimit != new.recordLimit {
            parts.append("limits.record is \(new.recordLimit) bytes, not \(old.recordLimit)")
        }
        if old.scoped != new.scoped {
            let conditions = new.scoped.map { Quotation.of($0.condition.description) }.joined(separator: ", ")
            parts.append(
                new.scoped.isEmpty ? "no scope has levels of its own" : "levels hold in scopes of \(conditions)"
            )
        }
        if old.noise != new.noise {
            let patterns = new.noise.map { Quotation.of($0.pattern) }.joined(separator: ", ")
            parts.append(new.noise.isEmpty ? "nothing is noise" : "noise is held back of \(patterns)")
        }
        if old.recorder != new.recorder {
            let rules = new.recorder?.rules.map(\.description).joined(separator: ",")
            parts.append(rules.map { "scopes record \($0)" } ?? "no scope is recorded")
        }
        if old.control?.socket != new.control?.socket {
            parts.append(new.control.map { "the control socket is '\($0.socket)'" } ?? "the control socket is gone")
        }
        self.kept = kept
        self.parts = parts
        waiting =
            (old.queue.hasSameMeaning(as: new.queue) ? [] : ["delivery"])
            + (old.following == new.following ? [] : ["reload"])
    }

    /// More rules than these are only counted.
    private static let shown = 8

    private static func tellRules(from old: LevelRules, to new: LevelRules, _ parts: inout [String]) {
        if old.root != new.root { parts.append("level is \(new.root), not \(old.root)") }
        guard old.rules != new.rules else { return }
        let before = Set(old.rules)
        let now = Set(new.rules)
        let added = new.rules.filter { !before.contains($0) }
        let removed = old.rules.filter { !now.contains($0) }
        if added.isEmpty, removed.isEmpty { parts.append("the same rules stand in another order") }
        tell(added, "set", &parts)
        tell(
            removed.filter { gone in !added.contains { $0.emitter == gone.emitter && $0.pattern == gone.pattern } },
            "taken back",
            &parts
        )
    }

    private static func tell(_ rules: [LevelRule], _ verb: String, _ parts: inout [String]) {
        guard !rules.isEmpty else { return }
        let list = rules.prefix(shown).map(\.description).joined(separator: ",")
        let rest = rules.count > shown ? " and \(rules.count - shown) more" : ""
        parts.append("\(list)\(rest) \(verb)")
    }
}

extension LoggingConfiguration.Emitter {
    /// Whether the emitter that is made of it would be the same, wherever in a file its options stand.
    internal func isMade(like other: Self) -> Bool {
        type == other.type && OptionValue(.map(options)).hasSameMeaning(as: OptionValue(.map(other.options)))
    }
}

extension LoggingConfiguration.Queue? {
    fileprivate func hasSameMeaning(as other: Self) -> Bool {
        guard var queue = self, let other else { return self == nil && other == nil }
        queue.position = other.position
        return queue == other
    }
}

extension OptionValue {
    /// Equal but for the places in the file and the order of keys.
    fileprivate func hasSameMeaning(as other: OptionValue) -> Bool {
        switch (content, other.content) {
        case (.map(let one), .map(let two)):
            one.count == two.count
                && one.allSatisfy { entry in
                    two.contains { $0.key == entry.key && $0.value.hasSameMeaning(as: entry.value) }
                }
        case (.list(let one), .list(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.hasSameMeaning(as: $1) }
        default: content == other.content
        }
    }
}
#endif
