/// Thresholds by namespace and emitter, as one value.
///
/// In text: `info,MyService.Gateway=debug,NIO*=warn,journal:Audit.*=info`, rules between commas.
///
/// - A bare level is the root's, for what no rule matches; `journal:warn` is the root's for one emitter.
/// - `A.B=debug` is for that namespace and everything below it; a star stands for any run of characters (``LevelRule``).
/// - `journal:` in front of a rule restricts it to the emitter of that name.
///
/// The rule with most bytes besides stars wins. Of two that have as many, one without stars wins, then one for an emitter,
/// then the later one. The order of all others does not matter; to give the same rule twice is an error.
public struct LevelRules: Sendable, Hashable {
    /// How many rules there can be.
    public static let maximumCount = 10_000

    /// The threshold where no rule matches.
    public var root: LogLevel
    /// The rules, in the order in which they were given.
    public let rules: [LevelRule]

    /// The same, the one that wins first.
    private let ranked: [LevelRule]

    /// Makes rules with a root level alone.
    public init(root: LogLevel = .info) {
        self.root = root
        rules = []
        ranked = []
    }

    /// Makes rules.
    ///
    /// - Throws: ``LevelRulesError`` if a rule is given twice, one is for all namespaces and all emitters (which is what
    ///   `root` is for), or there are more than ``maximumCount``.
    public init(root: LogLevel = .info, rules: [LevelRule]) throws(LevelRulesError) {
        var faults: [LevelRulesError.Fault] = []
        if rules.count > Self.maximumCount {
            faults.append(.init("\(rules.count) rules; at most \(Self.maximumCount) are allowed"))
        } else {
            var seen: Set<RuleKey> = []
            for rule in rules {
                if rule.emitter == nil, rule.bytes.isEmpty {
                    faults.append(.init("the root's level is given twice"))
                } else if !seen.insert(RuleKey(rule)).inserted {
                    faults.append(.init("the rule for \(RuleKey(rule)) is given twice"))
                }
            }
        }
        guard faults.isEmpty else { throw LevelRulesError(faults) }
        self.init(root: root, checked: rules)
    }

    /// Makes rules of what passes besides: nothing where none matches, and for all emitters.
    internal init(besides reason: String, _ rules: [LevelRule]) throws(LevelRulesError) {
        if let rule = rules.first(where: { $0.emitter != nil }) {
            throw LevelRulesError([.init("\(Quotation.of(rule.description)) is for one emitter; \(reason)")])
        }
        // A rule for all namespaces stands as the root.
        let root = rules.last { $0.bytes.isEmpty }
        try self.init(root: root?.level ?? .off, rules: rules.filter { !$0.bytes.isEmpty })
    }

    /// The rule that decides for a namespace, where these are of what passes besides; `nil` where none does.
    internal func ruleBesides(for namespace: String, of given: [LevelRule]) -> LevelRule? {
        rule(for: namespace) ?? given.last { $0.bytes.isEmpty }
    }

    internal init(root: LogLevel, checked rules: [LevelRule]) {
        self.root = root
        self.rules = rules
        ranked = rules.enumerated().sorted { Self.wins($0, over: $1) }.map(\.element)
    }

    private typealias Numbered = (offset: Int, element: LevelRule)

    private static func wins(_ a: Numbered, over b: Numbered) -> Bool {
        a.element.wins(over: b.element) ?? (a.offset > b.offset)
    }

    /// The threshold of a namespace at an emitter; without one, by the rules that are for all emitters.
    ///
    /// Looks at each rule until one matches: for set-up and reload, not for each event.
    public func level(for namespace: some StringProtocol, emitter: String? = nil) -> LogLevel {
        rule(for: namespace, emitter: emitter)?.level ?? root
    }

    /// The rule that decides for a namespace at an emitter; `nil` where the root's level does.
    public func rule(for namespace: some StringProtocol, emitter: String? = nil) -> LevelRule? {
        var namespace = String(namespace)
        return namespace.withUTF8 { rule(for: UnsafeRawBufferPointer($0), emitter: emitter) }
    }

    /// The most verbose threshold of a namespace among emitters; without any, by the rules that are for all emitters.
    public func mostVerboseLevel(for namespace: some StringProtocol, emitters: [String]) -> LogLevel {
        var namespace = String(namespace)
        return namespace.withUTF8 { mostVerboseLevel(for: UnsafeRawBufferPointer($0), emitters: emitters) }
    }

    /// The threshold of a namespace, given as UTF-8.
    package func level(for namespace: UnsafeRawBufferPointer, emitter: String?) -> LogLevel {
        rule(for: namespace, emitter: emitter)?.level ?? root
    }

    /// The most verbose threshold of a namespace, given as UTF-8, among emitters.
    package func mostVerboseLevel(for namespace: UnsafeRawBufferPointer, emitters: [String]) -> LogLevel {
        var most: LogLevel?
        for emitter in emitters {
            let level = level(for: namespace, emitter: emitter)
            if most.map({ level > $0 }) ?? true { most = level }
        }
        return most ?? level(for: namespace, emitter: nil)
    }

    internal func rule(for namespace: UnsafeRawBufferPointer, emitter: String?) -> LevelRule? {
        ranked.first { $0.matches(namespace, emitter: emitter) }
    }

    /// All rules that match, the one that wins first.
    internal func matching(_ namespace: UnsafeRawBufferPointer, emitter: String?) -> [LevelRule] {
        ranked.filter { $0.matches(namespace, emitter: emitter) }
    }

    /// Each threshold so many levels more verbose, from critical to trace; `none` stays.
    package func shifted(by steps: Int) -> LevelRules {
        LevelRules(
            root: root.shifted(by: steps),
            checked: rules.map { rule in
                LevelRule(emitter: rule.emitter, checked: rule.bytes, level: rule.level.shifted(by: steps))
            }
        )
    }

    /// The emitters that rules name, each once, in the order of the rules.
    public var emitters: [String] {
        var seen: Set<String> = []
        return rules.compactMap(\.emitter).filter { seen.insert($0).inserted }
    }
}

extension LevelRules: CustomStringConvertible, LosslessStringConvertible {
    /// The rules in text, the root's level first: what ``init(parsing:default:)`` reads again as an equal value.
    public var description: String {
        ([root.description] + rules.map(\.description)).joined(separator: ",")
    }

    /// Reads rules; `nil` where the text has a fault.
    public init?(_ description: String) {
        guard let rules = try? LevelRules(parsing: description) else { return nil }
        self = rules
    }
}

/// What makes two rules the same rule.
internal struct RuleKey: Hashable, CustomStringConvertible {
    private let emitter: String?
    private let pattern: [UInt8]

    internal init(_ rule: LevelRule) {
        emitter = rule.emitter
        pattern = rule.bytes
    }

    internal var description: String {
        Quotation.of((emitter.map { "\($0):" } ?? "") + String(decoding: pattern, as: UTF8.self))
    }
}
