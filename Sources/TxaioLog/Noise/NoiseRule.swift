/// How much of what one call site says is delivered.
///
/// A call site is a template at a level in a namespace; of texts made at run time, a line of the source. What is held back
/// is counted, as `filtered` at each emitter, and told in the stream: `250 similar events suppressed`.
public struct NoiseRule: Sendable, Hashable {
    /// At most so many events in a span of time.
    public struct Rate: Sendable, Hashable {
        /// How many.
        public var count: Int { didSet { count = counted(count) } }
        /// In how long.
        public var span: Duration { didSet { span = spanned(span) } }
        /// How many may come at once; `nil` for as many as in the span.
        public var burst: Int? { didSet { burst = burst.map(counted) } }

        /// Takes a count from 1 to 1,000,000 and a span from a millisecond to a day; what is beyond counts as the limit.
        public init(_ count: Int, per span: Duration = .seconds(1), burst: Int? = nil) {
            self.count = counted(count)
            self.span = spanned(span)
            self.burst = burst.map(counted)
        }
    }

    /// Which namespaces it is for, in the grammar of ``LevelRules``; `*` is for all.
    public let pattern: String
    /// At most so many.
    public var rate: Rate?
    /// One of so many, the first to begin with.
    public var sample: Int? { didSet { sample = sample.map(counted) } }
    /// For so long after an event the same event again, values included, is held back.
    public var fold: Duration? { didSet { fold = fold.map(spanned) } }
    /// Whether events of level error and critical are held back too.
    public var errors: Bool

    internal let matcher: LevelRule

    /// Makes a rule.
    ///
    /// - Throws: ``LevelRulesError`` for a pattern that the grammar cannot spell.
    public init(
        _ pattern: String,
        rate: Rate? = nil,
        sample: Int? = nil,
        fold: Duration? = nil,
        errors: Bool = false
    ) throws(LevelRulesError) {
        matcher = try LevelRule(pattern: pattern, level: .trace)
        self.pattern = pattern
        self.rate = rate
        self.sample = sample.map(counted)
        self.fold = fold.map(spanned)
        self.errors = errors
    }
}

/// A number within what rules may have.
private func counted(_ number: Int) -> Int { min(max(number, 1), 1_000_000) }

/// A span of time within what rules may have.
private func spanned(_ span: Duration) -> Duration { min(max(span, .milliseconds(1)), .seconds(86_400)) }

/// Why an event was held back.
internal enum NoiseReason: Int, Sendable, CaseIterable {
    case rate, sample, fold

    /// The name in the ledger and in announcements.
    internal var name: String {
        switch self {
        case .rate: "rate"
        case .sample: "sample"
        case .fold: "fold"
        }
    }
}
