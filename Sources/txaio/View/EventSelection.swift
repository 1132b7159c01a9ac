import TxaioLog

/// Which events are shown: by levels in the filter grammar, and by what fields hold.
struct EventSelection: Sendable {
    private let rules: LevelRules?
    private let wanted: [(name: String, text: String)]

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// Takes rules as in `warn,Gateway=debug`, where a namespace that no rule matches is shown from `info` on unless there is a
    /// bare level, and conditions `name=value`, all of which must hold.
    init(rules text: String?, conditions: [String]) throws {
        rules = try text.map { text throws(LevelRulesError) in try LevelRules(parsing: text) }
        wanted = try conditions.map { condition in
            guard let sign = condition.firstIndex(of: "="), sign > condition.startIndex else {
                throw Fault(description: "'\(condition)' is no condition; one is written as 'request_id=abc'")
            }
            return (String(condition[..<sign]), String(condition[condition.index(after: sign)...]))
        }
    }

    /// Whether all is shown, lines that are no events too.
    var isEverything: Bool { rules == nil && wanted.isEmpty }

    func takes(_ event: ShownEvent) -> Bool {
        if let rules, let level = event.level, level > rules.level(for: event.namespace) { return false }
        return wanted.allSatisfy { condition in
            event.value(condition.name).map { value in value.text.utf8.elementsEqual(condition.text.utf8) } ?? false
        }
    }
}
