/// What is kept of each scope, and written only where the scope fails: an error is logged in it, or it takes too long.
///
/// A scope is an outermost `withLogContext` and all that goes with it: inner ones, tasks, and the futures and timers of
/// TxaioCore. In it the events of the named namespaces that pass at no emitter are kept in a ring; where it overflows the
/// oldest give way. When an event of level error or critical is logged there, they are written before it, each with its own
/// time and the number and thread of whoever writes them, behind an announcement of how many they are; an emitter's own
/// `level` holds for them too. As many bytes again are then written as they come. Noise rules do not apply to what was kept.
///
/// **What is lost.** What is kept lies in the process's memory and dies with it. What a scope that did not fail kept is
/// discarded at its end, or rather when nothing holds the scope any more. All of it is counted: ``LoggingLedger/recorded``.
///
/// **Cost.** A namespace that no rule names pays nothing. In one that is named a call that only the recorder lets pass is
/// encoded, and in a scope copied once under a lock that few others share; a scope costs two objects more.
public struct FlightRecorder: Sendable, Hashable {
    /// What is kept of which namespaces; the longest pattern that matches wins.
    public let rules: [LevelRule]
    /// Bytes that one scope's events may take: 4 KiB to 64 MiB.
    public let bytes: Int
    /// Bytes that those of all scopes may take together: up to 1 GiB.
    ///
    /// Where that is not enough, a scope's own oldest events give way early.
    public let total: Int
    /// A scope that is open for longer fails too: what it kept is written at that moment, and the rest at its end.
    ///
    /// It counts until the body of `withLogContext` returns. `nil` for however long.
    public let slower: Duration?

    private let ranked: LevelRules

    /// Within what ``bytes`` lies.
    package static let byteLimits = (4 << 10)...(64 << 20)
    /// Within what ``total`` lies.
    package static let totalLimits = (4 << 10)...(1 << 30)
    /// Within what ``slower`` lies.
    package static let slowerLimits = Duration.milliseconds(1) ... .seconds(86_400)

    /// Takes rules that are for all emitters; numbers that are beyond a limit count as the limit.
    ///
    /// - Throws: ``LevelRulesError`` for a rule that is for one emitter, or is given twice.
    public init(
        _ rules: [LevelRule],
        bytes: Int = 64 << 10,
        total: Int = 16 << 20,
        slower: Duration? = nil
    ) throws(LevelRulesError) {
        ranked = try LevelRules(besides: "what is recorded is for all", rules)
        self.rules = rules
        self.bytes = min(max(bytes, Self.byteLimits.lowerBound), Self.byteLimits.upperBound)
        self.total = min(max(total, Self.totalLimits.lowerBound), Self.totalLimits.upperBound)
        self.slower = slower.map { min(max($0, Self.slowerLimits.lowerBound), Self.slowerLimits.upperBound) }
    }

    /// The rule that decides for a namespace; `nil` where nothing of it is kept.
    package func rule(for namespace: String) -> LevelRule? { ranked.ruleBesides(for: namespace, of: rules) }

    /// What is kept of a namespace; `off` where nothing is.
    internal func level(for namespace: UnsafeRawBufferPointer) -> LogLevel {
        ranked.level(for: namespace, emitter: nil)
    }
}

/// What became of the events that the flight recorder kept.
///
/// At rest `kept = written + lost + discarded + held`.
public struct RecorderCounts: Sendable, Hashable {
    /// Events that passed at no emitter and were kept.
    public let kept: UInt64
    /// Written, since their scope failed; they are among ``LoggingLedger/offered``.
    public let written: UInt64
    /// Gave way to later ones, or found no room.
    public let lost: UInt64
    /// Not needed.
    public let discarded: UInt64
    /// Kept at the moment.
    public let held: UInt64

    /// Whether the counts add up.
    public var isBalanced: Bool { kept == written + lost + discarded + held }
}
