internal import CTxaio
internal import Synchronization

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
        ranked = try LevelRules(besides: "with 'when' rules are for all", rules)
        self.condition = condition
        self.rules = rules
    }

    /// The rule that decides for a namespace in such a scope; `nil` where they say nothing of it.
    package func rule(for namespace: String) -> LevelRule? { ranked.ruleBesides(for: namespace, of: rules) }

    /// What passes of a namespace in such a scope; `off` where they say nothing of it.
    internal func level(for namespace: UnsafeRawBufferPointer) -> LogLevel {
        ranked.level(for: namespace, emitter: nil)
    }
}

/// The scoped levels that are in force.
internal enum ScopeGate {
    private static let levels = Lock<[ScopedLevels]>([])
    private static let hasLevels = Atomic<Bool>(false)

    /// Puts others in force.
    internal static func set(_ scoped: [ScopedLevels]) {
        levels.withLock { $0 = scoped }
        hasLevels.store(!scoped.isEmpty, ordering: .relaxed)
    }

    /// What becomes of an event of a namespace of which more passes, or is recorded, in some scopes.
    internal enum Verdict {
        /// It passes by the rules that hold everywhere.
        case passes
        /// It passes for the sake of its scope.
        case passesHere
        /// The flight recorder keeps it.
        case isKept(Tape)
        /// As if the namespace's cell had turned it away.
        case isGivenUp
    }

    /// Decides for an event that the namespace's cell lets pass.
    ///
    /// - Parameter record: What is known of the event; `nil` where it is still to be encoded.
    @inline(never)
    internal static func verdict(
        _ level: UInt8,
        _ cell: UnsafePointer<txaio_cell>,
        _ scope: LogContext?,
        _ record: UnsafeRawPointer?,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Verdict {
        let scoped = txaio_cell_scoped(cell)
        // A scope's own emitters have their own levels.
        if scoped == 0 || level < scoped || scope?.pipeline != nil { return .passes }
        if admits(level, cell, scope) { return .passesHere }
        if level <= txaio_cell_outside(cell) { return .passes }
        // What emitters log is not their callers'.
        guard level <= txaio_cell_recorded(cell), txaio_thread_depth(thread) == 0, let tape = scope?.recording?.tape
        else { return .isGivenUp }
        if let record, tape.passes(record) { return .passesHere }
        return .isKept(tape)
    }

    /// Whether an event passes for the sake of its scope.
    private static func admits(_ level: UInt8, _ cell: UnsafePointer<txaio_cell>, _ scope: LogContext?) -> Bool {
        guard hasLevels.load(ordering: .relaxed), let fields = scope?.fields else { return false }
        let name = UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
        return levels.withLock { $0 }.contains {
            $0.level(for: name).rawValue >= level && $0.condition.holds(in: fields)
        }
    }
}
