#if Configuration
internal import TxaioEmitters
public import TxaioLog

/// The configuration that is in force, and the file that it follows.
///
/// A thread of its own watches the file: directories by inotify, the file's identity four times a second besides. What it
/// finds is read whole, checked whole, and put in force whole; where anything is wrong with it, the last good one stays,
/// and one event of the logger `TxaioConfiguration` says why, once for each content. That logger cannot be turned off.
public final class LiveConfiguration: Sendable {
    private struct State {
        var configuration: LoggingConfiguration
        var setups: [String: EmitterSetup]
        var generation: UInt64 = 1
        var lastError: ConfigurationError?
        /// What was told last and not mended since.
        var told: String?
        var content: ContentHash?
        var isApplying = false
    }

    /// The session that it configures.
    public let session: LoggingSession
    /// The file; `nil` for a configuration made in code.
    public let path: String?
    private let state: Lock<State>
    private static let current = Lock<LiveConfiguration?>(nil)
    internal static let log = makeLogger("TxaioConfiguration", file: "TxaioConfiguration/LiveConfiguration.swift")

    internal init(
        _ configuration: LoggingConfiguration,
        _ setup: LoggingSetup,
        session: LoggingSession,
        path: String?
    ) {
        self.session = session
        self.path = path
        let setups = Dictionary(setup.emitters.map { ($0.emitter.name, $0) }, uniquingKeysWith: { first, _ in first })
        state = Lock(State(configuration: configuration, setups: setups))
        Self.current.withLock { $0 = self }
    }

    /// The one that is in force; `nil` before logging was started with a configuration.
    public static var running: LiveConfiguration? { current.withLock { $0 } }

    /// What is in force.
    public var configuration: LoggingConfiguration { state.withLock { $0.configuration } }

    /// How many configurations were in force so far, this one included.
    public var generation: UInt64 { state.withLock { $0.generation } }

    /// Why the file's last content is not in force; `nil` where it is.
    public var lastError: ConfigurationError? { state.withLock { $0.lastError } }

    // ------------------------------------------------------------------------------------------------ from the file

    /// What was read, and whether the file stayed the same meanwhile.
    internal enum Reading {
        case unchanged, applied, refused
    }

    /// Reads the file and puts it in force where its content is another one.
    ///
    /// Runs on the calling thread; returns when the new emitters are in force and those that are retired are closed. Where
    /// anything is wrong nothing changes, and ``lastError`` says what.
    ///
    /// - Returns: Whether the file's content is in force.
    @discardableResult
    public func reload() -> Bool { read { true } != .refused }

    /// Reads the file; `isStill` is asked afterwards whether nobody has written meanwhile.
    internal func read(_ isStill: () -> Bool) -> Reading? {
        guard let path else { return .unchanged }
        let bytes: [UInt8]
        do {
            bytes = try Platform.read(path, limit: SourceText.limit)
        } catch {
            refuse(ConfigurationError(file: path, [.init("the file cannot be read: \(error.reason)")]))
            return .refused
        }
        guard isStill() else { return nil }
        let content = ContentHash(bytes)
        let (isSame, hadFault) = state.withLock { ($0.content == content, $0.lastError != nil) }
        if isSame, !hadFault { return .unchanged }
        do throws(ConfigurationError) {
            try apply(LoggingConfiguration(parsing: bytes))
        } catch {
            refuse(error.inFile(path))
            return .refused
        }
        state.withLock { $0.content = content }
        return .applied
    }

    /// Takes down what the file held when logging was started with it.
    internal func remember(_ content: ContentHash) { state.withLock { $0.content = content } }

    private func refuse(_ error: ConfigurationError) {
        let text = error.description
        let isNew = state.withLock { state in
            state.lastError = error
            defer { state.told = text }
            return state.told != text
        }
        guard isNew else { return }
        let generation = state.withLock { $0.generation }
        Self.log.error(
            "Configuration refused, generation {generation} stays in force: {fault}",
            ("generation", generation),
            ("fault", text)
        )
    }

    // ------------------------------------------------------------------------------------------------ in force

    /// Puts another configuration in force, whole or not at all.
    ///
    /// Emitters whose type and options are the same go on with their files and sockets; others are opened before and closed
    /// after the change, without an event lost or doubled. What it changes is logged, whatever the levels say. `delivery` and
    /// `queue` take effect at the next start, which is logged too.
    ///
    /// - Throws: ``ConfigurationError`` with every fault; then nothing has changed.
    public func apply(_ configuration: LoggingConfiguration) throws(ConfigurationError) {
        claim()
        defer { state.withLock { $0.isApplying = false } }
        let (old, running) = state.withLock { ($0.configuration, $0.setups) }
        let change = ConfigurationChange(from: old, to: configuration)
        let made = try configuration.makeEmitters(keeping: running, change.kept)
        let setup = LoggingSetup(
            emitters: made.all,
            rules: configuration.rules,
            recordLimit: configuration.recordLimit
        )
        do {
            try session.change(to: setup)
        } catch {
            for emitter in made.new { emitter.close(until: .after(.zero)) }
            throw ConfigurationError([.init("\(error)")])
        }
        let generation = state.withLock { state in
            state.configuration = configuration
            state.setups = Dictionary(
                made.all.map { ($0.emitter.name, $0) },
                uniquingKeysWith: { first, _ in first }
            )
            state.lastError = nil
            state.told = nil
            state.generation += change.parts.isEmpty ? 0 : 1
            return state.generation
        }
        tell(change, generation)
    }

    private func tell(_ change: ConfigurationChange, _ generation: UInt64) {
        if !change.parts.isEmpty {
            Self.log.info(
                "Configuration {generation} is in force: {changes}.",
                ("generation", generation),
                ("changes", change.parts.joined(separator: "; "))
            )
        }
        for key in change.waiting {
            Self.log.warn("A change of '{key}' takes effect at the next start.", ("key", key))
        }
    }

    /// Makes the rules one level more verbose, or less, until the file says otherwise.
    ///
    /// Rules that turn all away stay as they are.
    public func shiftLevels(by steps: Int) throws(ConfigurationError) {
        var configuration = configuration
        configuration.rules = configuration.rules.shifted(by: steps)
        try apply(configuration)
    }

    private func claim() {
        while true {
            let isMine = state.withLock { state in
                defer { state.isApplying = true }
                return !state.isApplying
            }
            if isMine { return }
            Platform.pause()
        }
    }
}

extension LevelRules {
    /// Each threshold so many levels more verbose; none leaves critical to trace, and `none` stays.
    internal func shifted(by steps: Int) -> LevelRules {
        func shift(_ level: LogLevel) -> LogLevel {
            guard level != .off else { return .off }
            let raw = min(max(Int(level.rawValue) + min(max(steps, -6), 6), 1), 6)
            return LogLevel(rawValue: UInt8(raw)) ?? level
        }
        var rules: [LevelRule] = []
        for rule in self.rules {
            let shifted = try? LevelRule(
                emitter: rule.emitter,
                pattern: rule.pattern.isEmpty ? "*" : rule.pattern,
                level: shift(rule.level)
            )
            rules.append(shifted ?? rule)
        }
        return (try? LevelRules(root: shift(root), rules: rules)) ?? self
    }
}
#endif
