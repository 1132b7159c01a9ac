/// What one call site has said lately: pure, fed with events and their times.
internal struct NoiseSite: Sendable {
    /// What was held back and is not told yet.
    internal private(set) var held = [UInt64](repeating: 0, count: NoiseReason.allCases.count)
    /// From when on that is to be told; nanoseconds.
    internal private(set) var tellAt = Int64.max
    internal private(set) var latest = Int64.min
    private var tokens = 0.0
    private var filledAt: Int64?
    private var seen: UInt64 = 0
    private var last: (content: Int, time: Int64)?

    internal var hasHeld: Bool { tellAt != .max }

    /// What of the samples is held back is told so often.
    private static let sampleSpan: Int64 = 60_000_000_000
    /// Nothing is told more often.
    private static let leastSpan: Int64 = 1_000_000_000

    /// Whether the event is delivered; `nil` for yes.
    ///
    /// - Parameters:
    ///   - time: Nanoseconds; one that is before the latest counts as the latest.
    ///   - content: Tells the event's values from others, where the rule folds.
    internal mutating func judge(_ rule: NoiseRule, at time: Int64, content: Int) -> NoiseReason? {
        let now = max(time, latest)
        latest = now
        if let fold = rule.fold {
            if let last, last.content == content, now &- last.time < fold.inNanoseconds {
                return hold(.fold, until: last.time &+ fold.inNanoseconds, now)
            }
            last = (content, now)
        }
        if let sample = rule.sample {
            defer { seen &+= 1 }
            if seen % UInt64(sample) != 0 { return hold(.sample, until: now &+ Self.sampleSpan, now) }
        }
        guard let rate = rule.rate else { return nil }
        let span = rate.span.inNanoseconds
        let most = Double(rate.burst ?? rate.count)
        if let filledAt {
            tokens = min(most, tokens + Double(now &- filledAt) * Double(rate.count) / Double(span))
        } else {
            tokens = most
        }
        filledAt = now
        guard tokens >= 1 else { return hold(.rate, until: now &+ span, now) }
        tokens -= 1
        return nil
    }

    private mutating func hold(_ reason: NoiseReason, until end: Int64, _ now: Int64) -> NoiseReason {
        held[reason.rawValue] += 1
        tellAt = min(tellAt, max(end, now &+ Self.leastSpan))
        return reason
    }

    /// The same with nothing to tell: that is left to whoever goes on with this one.
    internal var successor: NoiseSite {
        var next = self
        _ = next.takeHeld()
        return next
    }

    /// Takes what is to be told.
    internal mutating func takeHeld() -> [UInt64] {
        defer {
            held = [UInt64](repeating: 0, count: held.count)
            tellAt = .max
        }
        return held
    }
}
