/// Rules that hold above those of the configuration, for a while or until they are taken back:
/// `Gateway=trace,NIO*=warn for 10m`.
///
/// Where several are in force, the one that was set last and says anything about a namespace decides for it.
public struct TemporaryLevels: Sendable, Hashable, CustomStringConvertible {
    /// How many can be in force at once.
    public static let maximumCount = 64
    /// How long they can hold; without an end they hold until they are taken back.
    public static let durations = Duration.milliseconds(1) ... .seconds(366 * 86_400)

    /// What is said of single namespaces.
    public let rules: [LevelRule]
    /// The level of namespaces that no rule matches, where the text gives one.
    public let root: LogLevel?
    /// In which scopes they hold; `nil` for everywhere.
    public let condition: ScopeCondition?
    /// How long they hold, from when they are set; `nil` for until they are taken back.
    public let duration: Duration?

    private let ranked: LevelRules
    /// The same where they hold in scopes alone.
    package let scoped: ScopedLevels?

    /// Reads rules in the grammar of ``LevelRules``, perhaps followed by `when` and what a scope must hold,
    /// `request.id=abc`, and by `for` and a span of time: `90s`, `10m`, `2h`, `1d`.
    ///
    /// - Throws: ``LevelRulesError`` with every fault that is in the text, and where; a text without rules is one.
    public init(parsing text: some StringProtocol) throws(LevelRulesError) {
        let bytes = Array(text.utf8.prefix(LevelRules.longestText + 1))
        guard bytes.count <= LevelRules.longestText else { throw LevelRules.tooLong }
        let (beforeSpan, word) = TimeSpan.split(bytes)
        let (end, place) = TimeSpan.split(Array(bytes[..<beforeSpan]), at: "when")
        var parser = LevelRulesParser(Array(bytes[..<end]))
        parser.parse()
        var faults = parser.faults
        if faults.isEmpty, parser.rules.isEmpty, parser.root == nil {
            faults.append(.init("a rule is missing", column: 1))
        }
        var duration: Duration?
        if let word {
            do throws(LevelRulesError) {
                duration = try TimeSpan.read(bytes[word], column: word.lowerBound + 1)
            } catch {
                faults += error.faults
            }
        }
        var condition: ScopeCondition?
        var scoped: ScopedLevels?
        do throws(LevelRulesError) {
            if let place {
                let found = try ScopeCondition(bytes[place], column: place.lowerBound + 1)
                let every = parser.root.map { [LevelRule(emitter: nil, checked: [], level: $0)] } ?? []
                condition = found
                scoped = try ScopedLevels(when: found, every + parser.rules)
            }
        } catch {
            faults += error.faults
        }
        guard faults.isEmpty else { throw LevelRulesError(faults) }
        self.condition = condition
        self.scoped = scoped
        rules = parser.rules
        root = parser.root
        self.duration = duration
        ranked = LevelRules(root: parser.root ?? .info, checked: parser.rules)
    }

    /// The rules alone, as the grammar spells them.
    public var rulesText: String {
        let list = ((root.map { [$0.description] } ?? []) + rules.map(\.description)).joined(separator: ",")
        return list + (condition.map { " when \($0)" } ?? "")
    }

    /// The rules and how long they hold: what ``init(parsing:)`` reads again as an equal value.
    public var description: String { rulesText + (duration.map { " for \(TimeSpan.text($0))" } ?? "") }

    /// The rule of theirs that decides for a namespace at an emitter, as text; `nil` where none does.
    internal func step(for namespace: UnsafeRawBufferPointer, emitter: String?) -> (rule: String, level: LogLevel)? {
        if let rule = ranked.rule(for: namespace, emitter: emitter) { return (rule.description, rule.level) }
        return root.map { ($0.description, $0) }
    }

    /// What they say of a namespace at an emitter; `nil` where they say nothing.
    internal func level(for namespace: UnsafeRawBufferPointer, emitter: String?) -> LogLevel? {
        ranked.rule(for: namespace, emitter: emitter)?.level ?? root
    }
}
