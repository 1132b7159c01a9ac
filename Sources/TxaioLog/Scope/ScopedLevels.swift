internal import CTxaio

/// Levels that hold only for what is logged within a scope: `Gateway=trace when request.id=abc`.
///
/// They raise, and never lower: outside of such scopes the other rules decide as if these were not there. A level that was
/// set on a logger by hand stays, and no emitter takes more than its own `level`. The scope is that of `withLogContext`:
/// it goes with tasks, and with the futures and timers of TxaioCore.
///
/// **Cost.** None for namespaces that no such rule names. For the others a call that only such a rule lets pass looks its
/// scope up; where the scope is not meant, the event is given up as if it had been turned away at once.
public struct ScopedLevels: Sendable, Hashable {
    /// What the scope must hold.
    public let condition: ScopeCondition
    /// What passes there: the longest pattern that matches a namespace wins.
    public let rules: [LevelRule]

    private let ranked: LevelRules

    /// Takes rules that are for all emitters.
    ///
    /// - Throws: ``LevelRulesError`` for a rule that is for one emitter, or is given twice.
    public init(when condition: ScopeCondition, _ rules: [LevelRule]) throws(LevelRulesError) {
        if let rule = rules.first(where: { $0.emitter != nil }) {
            throw LevelRulesError([
                .init("\(Quotation.of(rule.description)) is for one emitter; with 'when' rules are for all")
            ])
        }
        // A rule for all namespaces stands as the root.
        let root = rules.last { $0.bytes.isEmpty }
        ranked = try LevelRules(root: root?.level ?? .off, rules: rules.filter { !$0.bytes.isEmpty })
        self.condition = condition
        self.rules = rules
    }

    /// What passes of a namespace in such a scope; `off` where they say nothing of it.
    internal func level(for namespace: UnsafeRawBufferPointer) -> LogLevel {
        ranked.level(for: namespace, emitter: nil)
    }
}

/// The scoped levels that are in force.
internal enum ScopeGate {
    private static let levels = Lock<[ScopedLevels]>([])

    /// Puts others in force.
    internal static func set(_ scoped: [ScopedLevels]) { levels.withLock { $0 = scoped } }

    /// Whether an event, which the namespace's cell lets pass for the sake of some scope, passes in this one.
    @inline(never)
    internal static func admits(_ level: UInt8, _ cell: UnsafePointer<txaio_cell>, _ scope: LogContext?) -> Bool {
        guard let fields = scope?.fields else { return false }
        let name = UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
        return levels.withLock { $0 }.contains {
            $0.level(for: name).rawValue >= level && $0.condition.holds(in: fields)
        }
    }
}
