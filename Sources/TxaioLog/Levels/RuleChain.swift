/// Why rules give a namespace the level that they give it.
package struct RuleChain: Sendable {
    /// One rule that matches, or the root's level.
    package struct Step: Sendable, Hashable {
        package let rule: String
        package let level: LogLevel
        package let decides: Bool
        /// Why it decides, or does not.
        package let reason: String
    }

    /// What matches, the one that decides first; the root's level last.
    package let steps: [Step]
    /// What the rules let pass.
    package let level: LogLevel

    /// Takes what stands above the rules as well: layers, the strongest last, each with what it is called, and the level
    /// that was set by hand.
    package init(
        _ rules: LevelRules,
        below layers: [(name: String, levels: TemporaryLevels)] = [],
        byHand: LogLevel? = nil,
        namespace: String,
        emitter: String?
    ) {
        let below = RuleChain(rules, namespace: namespace, emitter: emitter)
        var name = namespace
        var above: [Step] = []
        if let byHand { above.append(Step(rule: "by hand", level: byHand, decides: true, reason: "set on a logger")) }
        for layer in layers.reversed() {
            let step = name.withUTF8 { bytes in layer.levels.step(for: UnsafeRawBufferPointer(bytes), emitter: emitter)
            }
            guard let step else { continue }
            above.append(Step(rule: step.rule, level: step.level, decides: above.isEmpty, reason: layer.name))
        }
        steps =
            above
            + below.steps.map { step in
                Step(
                    rule: step.rule,
                    level: step.level,
                    decides: step.decides && above.isEmpty,
                    reason: step.reason
                )
            }
        level = above.first?.level ?? below.level
    }

    private init(_ rules: LevelRules, namespace: String, emitter: String?) {
        var name = namespace
        let matching = name.withUTF8 { rules.matching(UnsafeRawBufferPointer($0), emitter: emitter) }
        let first = matching.first
        var steps = matching.enumerated().map { index, rule in
            let reason = index == 0 ? "the longest pattern that matches" : Self.reason(rule, behind: first ?? rule)
            return Step(rule: rule.description, level: rule.level, decides: index == 0, reason: reason)
        }
        let reason = first == nil ? "no rule matches" : "for what no rule matches"
        let root = rules.root
        steps.append(Step(rule: root.description, level: root, decides: first == nil, reason: reason))
        self.steps = steps
        level = first?.level ?? root
    }

    private static func reason(_ rule: LevelRule, behind first: LevelRule) -> String {
        if rule.literalCount < first.literalCount { return "a shorter pattern" }
        if rule.isGlob, !first.isGlob { return "as long, but with a star" }
        if rule.emitter == nil, first.emitter != nil { return "as long, but for all emitters" }
        return "as long, but given earlier"
    }
}
