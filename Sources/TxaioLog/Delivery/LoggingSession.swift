internal import CTxaio
internal import Synchronization

/// What `startLogging` is given: where events go, and which.
public struct LoggingSetup: Sendable {
    /// Where events go; at most 16, each with a name of its own.
    public var emitters: [EmitterSetup]
    /// Which events pass, by namespace and emitter.
    public var rules: LevelRules
    /// Whether the caller delivers, or queues.
    public var delivery: LogDelivery
    /// Bytes that one event may have, its values included; what exceeds them is cut.
    ///
    /// Between 64 KiB and 256 MiB.
    public var recordLimit: Int
    /// How much of what single call sites say is delivered; the longest pattern that matches a namespace wins.
    public var noise: [NoiseRule]
    /// What passes besides within certain scopes.
    public var scoped: [ScopedLevels]
    /// What is kept of scopes, and written only where they fail.
    public var recorder: FlightRecorder?

    /// Takes emitters and rules; by default info and above pass, in events of at most 4 MiB.
    public init(
        emitters: [EmitterSetup],
        rules: LevelRules = LevelRules(root: .info),
        delivery: LogDelivery = .direct,
        recordLimit: Int = 4 << 20,
        noise: [NoiseRule] = [],
        scoped: [ScopedLevels] = [],
        recorder: FlightRecorder? = nil
    ) {
        self.recorder = recorder
        self.emitters = emitters
        self.delivery = delivery
        self.rules = rules
        self.recordLimit = recordLimit
        self.noise = noise
        self.scoped = scoped
    }

    internal var levels: NamespaceLevels { NamespaceLevels(rules: rules, scoped: scoped, recorder: recorder) }

    /// Within what ``recordLimit`` must lie.
    package static var recordLimits: ClosedRange<Int> { RecordLimits.range }

    internal func check() throws(LoggingSetupError) {
        if emitters.count > Int(TXAIO_EMITTER_SLOTS) { throw LoggingSetupError(.tooManyEmitters, "\(emitters.count)") }
        var names: Set<String> = []
        for setup in emitters where LevelRule.fault(inEmitter: Array(setup.emitter.name.utf8)[...]) != nil {
            throw LoggingSetupError(.badName, "'\(setup.emitter.name)'")
        }
        for setup in emitters where !names.insert(setup.emitter.name).inserted {
            throw LoggingSetupError(.sameName, setup.emitter.name)
        }
        if !RecordLimits.range.contains(recordLimit) { throw LoggingSetupError(.recordLimit, "\(recordLimit)") }
    }
}

/// Why a ``LoggingSetup`` cannot be put in force.
///
/// Nothing was changed.
public struct LoggingSetupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public struct Code: Sendable, Hashable {
        fileprivate let text: String
        /// More than 16 emitters.
        public static let tooManyEmitters = Code(text: "at most 16 emitters can be used at once, not")
        /// Two emitters of one name.
        public static let sameName = Code(text: "two emitters are both called")
        /// An emitter's name that rules could not spell.
        public static let badName = Code(text: "an emitter's name has letters, digits, '_' and '-' only, unlike")
        /// The session that was to be changed has ended.
        public static let ended = Code(text: "logging has ended")
        /// An emitter did not return in time.
        public static let busy = Code(text: "an emitter does not return:")
        /// The environment variable `TXAIO_LOG` has a fault.
        public static let environment = Code(text: "\(EnvironmentLevels.variable) cannot be read:")
        /// A record limit outside 64 KiB to 256 MiB.
        public static let recordLimit = Code(text: "the record limit must lie between 64 KiB and 256 MiB, not at")
    }

    /// What is wrong.
    public let code: Code
    private let detail: String

    internal init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// A sentence for people.
    public var description: String { "\(code.text) \(detail)" }

    /// What the environment says of levels.
    internal static func ofEnvironment() throws(LoggingSetupError) -> TemporaryLevels? {
        do {
            return try EnvironmentLevels.read()
        } catch {
            throw LoggingSetupError(.environment, error.description)
        }
    }
}

/// Sends events to emitters from now on; those made before, up to 10,000 or 2 MiB of them, are delivered first.
///
/// In direct delivery other threads that log meanwhile wait for that, a second at most.
///
/// Logging is started once: while it runs, a further call changes nothing and returns the same session; mirrors txaio's
/// `start_logging`. Levels take effect on loggers that already exist. At the process's exit what emitters keep back is
/// flushed within a second.
///
/// Where the environment variable `TXAIO_LOG` is set, its rules, in the grammar of ``LevelRules``, hold above those of the
/// setup: `TXAIO_LOG=Gateway=debug`.
///
/// - Throws: ``LoggingSetupError`` for two emitters of one name, more than 16, or a fault in `TXAIO_LOG`; then nothing is
///   changed.
@discardableResult
public func startLogging(_ setup: LoggingSetup) throws(LoggingSetupError) -> LoggingSession {
    try LogSystem.shared.start(setup)
}

/// Sends events of a level and above to emitters from now on; see ``startLogging(_:)``.
@discardableResult
public func startLogging(
    to emitters: [any LogEmitter],
    level: LogLevel = .info
) throws(LoggingSetupError) -> LoggingSession {
    try startLogging(LoggingSetup(emitters: emitters.map { EmitterSetup($0) }, rules: LevelRules(root: level)))
}

/// Running logging: to flush it, to end it, and to see what became of the events.
public final class LoggingSession: Sendable {
    private struct State {
        var pipeline: Pipeline
        /// Of emitters that another configuration has retired, added up by name.
        var retired: [EmitterCounts] = []
        var atEnd: [@Sendable () -> Void] = []
        var afterFork: [@Sendable () -> Void] = []
        /// What noise rules held back that another configuration has retired, by reason.
        var suppressed = [UInt64](repeating: 0, count: NoiseReason.allCases.count)
    }

    private let state: Lock<State>
    private let recoveredCount = Atomic<UInt64>(0)

    internal init(_ pipeline: Pipeline) { state = Lock(State(pipeline: pipeline)) }

    /// The pipeline in force.
    internal var pipeline: Pipeline { state.withLock { $0.pipeline } }

    /// Notes that another pipeline is in force.
    internal func put(_ pipeline: Pipeline) { state.withLock { $0.pipeline = pipeline } }

    /// Keeps the counts of an emitter that has been closed.
    internal func retire(_ counts: EmitterCounts) {
        state.withLock { state in
            if let index = state.retired.firstIndex(where: { $0.name == counts.name }) {
                state.retired[index] = state.retired[index] + counts
            } else {
                state.retired.append(counts)
            }
        }
    }

    /// Sends events to other emitters from now on, and by other rules, without a loss: emitters that are given again go on
    /// as they are, new ones begin, and the others are flushed and closed once no event is on its way to them.
    ///
    /// Each event is judged either as before or as now. In queued delivery all that was committed before the call goes
    /// where it would have gone. One thread changes at a time; others wait. How events are delivered stays as it was.
    ///
    /// - Parameter limit: How long emitters may hold up the change; those that are retired get as much again to flush, and
    ///   what they keep then is counted as dropped.
    /// - Throws: ``LoggingSetupError`` for what is wrong with the setup, where this session has ended, or an emitter of
    ///   those in force does not return in time: then nothing is changed, and emitters that are not in force are not closed.
    public func change(to setup: LoggingSetup, within limit: Duration = .seconds(5)) throws(LoggingSetupError) {
        try LogSystem.shared.change(self, to: setup, within: limit)
    }

    /// Keeps the counts of noise rules that are no longer in force; what they held back is told.
    internal func retire(_ noise: NoiseFilter) {
        noise.end()
        state.withLock { state in
            for (index, count) in noise.counts.enumerated() { state.suppressed[index] += count }
        }
    }

    private var suppressed: [String: UInt64] {
        let noise = pipeline.noise?.counts ?? []
        let retired = state.withLock { $0.suppressed }
        return NoiseReason.allCases.reduce(into: [:]) { counts, reason in
            let count = retired[reason.rawValue] + (noise.isEmpty ? 0 : noise[reason.rawValue])
            if count > 0 { counts[reason.name] = count }
        }
    }

    /// Has something done when the session ends, by the thread that ends it.
    package func atEnd(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.atEnd.append(body) } }

    /// Has something done in each child process, on its one thread.
    package func afterFork(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.afterFork.append(body) } }

    /// Does what is to be done at the end.
    internal func end() { for body in state.withLock({ $0.atEnd }) { body() } }

    /// Hands over what emitters keep back, waiting at most `limit`.
    ///
    /// - Returns: Whether nothing is left.
    @discardableResult
    public func flush(within limit: Duration = .seconds(5)) -> Bool { pipeline.flush(until: .after(limit)) }

    /// Ends logging: flushes, closes the emitters, and refuses events from then on, counting them.
    ///
    /// Waits at most `limit`; what waits for emitters then is counted as dropped, what is in rings goes on waiting. A second call
    /// changes nothing.
    ///
    /// - Returns: Whether all that was accepted reached its sink or was counted as dropped before.
    @discardableResult
    public func shutdown(within limit: Duration = .seconds(5)) -> Bool {
        LogSystem.shared.stop(self, until: .after(limit))
    }

    /// What became of every event so far.
    ///
    /// At rest the counts add up exactly; while events flow each is a bound.
    public var ledger: LoggingLedger {
        LoggingLedger(
            emitters: pipeline.slots.map(\.ledger.snapshot),
            retired: state.withLock { $0.retired },
            queue: pipeline.queue,
            recovered: recoveredCount.load(ordering: .relaxed),
            suppressed: suppressed
        )
    }

    internal func countRecovered() { recoveredCount.wrappingAdd(1, ordering: .relaxed) }

    /// The session that runs now.
    package static var running: LoggingSession? { LogSystem.shared.running }

    /// Whether it runs.
    package var isInForce: Bool { LogSystem.shared.running === self }

    /// Whether it was started with these emitters.
    package func uses(_ setup: LoggingSetup) -> Bool {
        pipeline.slots.count == setup.emitters.count
            && zip(pipeline.slots, setup.emitters).allSatisfy { $0.emitter === $1.emitter }
    }

    /// In a child process: counts anew.
    internal func beginAnew() {
        recoveredCount.store(0, ordering: .relaxed)
        state.withLock { state in
            state.retired = []
            for index in state.suppressed.indices { state.suppressed[index] = 0 }
        }
        for slot in pipeline.slots { slot.ledger.beginAnew() }
        pipeline.queue?.beginAnew()
        pipeline.noise?.beginAnew()
        runAfterFork()
    }

    /// Runs what others do in a child process; at the start, where there is nothing yet, for what Swift makes at the first use.
    ///
    /// That takes locks of Swift's runtime, and a child in which this was the first use might find one held for ever, by a
    /// thread of its parent.
    internal func runAfterFork() {
        for body in state.withLock({ $0.afterFork }) { body() }
    }

    internal var isComplete: Bool { pipeline.slots.allSatisfy { $0.ledger.snapshot.inFlight == 0 } }
}

/// The process's counters at one moment: what became of the events that passed their namespace's level.
///
/// At rest `offered = delivered + redirected + waiting + refused + dropped`, and for each emitter that was there from the start
/// `delivered + recovered = filtered + accepted + refused`, `accepted = handedOver + dropped + inFlight`.
public struct LoggingLedger: Sendable, Hashable {
    /// Calls that passed their namespace's level.
    public let offered: UInt64
    /// Events that went through the pipeline.
    public let delivered: UInt64
    /// Events of processes that died, found in their rings; delivered besides those that were offered here.
    public let recovered: UInt64
    /// Events that went to a test's own emitters.
    public let redirected: UInt64
    /// Events that wait for the start, or in the queue.
    public let waiting: UInt64
    /// Calls turned away: made after the end, within a signal handler at the wrong moment, too deep inside an emitter, or
    /// before the start when the backlog was full.
    public let refused: UInt64
    /// Events that found no room in the queue.
    public let dropped: UInt64
    /// What became of the events at each emitter.
    public let emitters: [EmitterCounts]
    /// What became of the events at emitters that another configuration has retired, added up by name.
    public let retired: [EmitterCounts]
    /// Events that noise rules held back, by reason: `rate`, `sample`, `fold`.
    ///
    /// Each is among those that every emitter's ``EmitterCounts/filtered`` counts.
    public let suppressed: [String: UInt64]
    /// What became of the events that the flight recorder kept: until they are written they are not among the others.
    public let recorded: RecorderCounts

    internal init(
        emitters: [EmitterCounts],
        retired: [EmitterCounts],
        queue: EventQueue?,
        recovered: UInt64,
        suppressed: [String: UInt64]
    ) {
        self.suppressed = suppressed
        self.emitters = emitters
        self.retired = retired
        self.recovered = recovered
        recorded = RecorderTotals.counts
        // Downstream first.
        let (queued, discarded) = EventQueue.counts(with: queue)
        var dropped: UInt64 = 0
        var begun: UInt64 = 0
        var delivered: UInt64 = 0
        var redirected: UInt64 = 0
        var turnedAway: UInt64 = 0
        var refused: UInt64 = 0
        var next = txaio_thread_first()
        while let thread = next {
            delivered += txaio_counter_load(&thread.pointee.delivered)
            redirected += txaio_counter_load(&thread.pointee.redirected)
            refused += txaio_counter_load(&thread.pointee.refused)
            turnedAway += txaio_counter_load(&thread.pointee.turned_away)
            dropped += txaio_counter_load(&thread.pointee.dropped)
            begun += txaio_counter_load(&thread.pointee.sequence)
            next = thread.pointee.next
        }
        self.delivered = delivered
        self.redirected = redirected
        self.refused = refused + turnedAway
        self.dropped = dropped + discarded
        waiting = UInt64(LogSystem.shared.waitingCount) + queued
        offered = begun + turnedAway
    }

    /// Whether every count adds up.
    public var isBalanced: Bool {
        offered == delivered + redirected + waiting + refused + dropped && emitters.allSatisfy(\.isBalanced)
            && recorded.isBalanced && retired.allSatisfy(\.isBalanced)
    }
}
