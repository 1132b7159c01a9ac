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
        var emitters: [EmitterSetup]
        var generation: UInt64 = 1
        var lastError: ConfigurationError?
        /// What the file held then, as far as it could be read.
        var refused: ContentHash?
        /// The file's, when it was put in force last.
        var content: ContentHash?
        var isApplying = false
        var control: ControlServer?
    }

    /// The session that it configures.
    public let session: LoggingSession
    /// The file; `nil` for a configuration made in code, or handed over by who reads the file.
    public let path: String?
    /// Where it comes from, for people.
    internal let source: String?
    private let state: Lock<State>
    private static let current = Lock<LiveConfiguration?>(nil)
    internal static let log = makeLogger(NamespaceRegistry.audit, file: "TxaioConfiguration/LiveConfiguration.swift")

    internal init(
        _ configuration: LoggingConfiguration,
        _ emitters: [EmitterSetup],
        session: LoggingSession,
        _ file: FollowedFile?,
        _ control: ControlServer?,
        source: String? = nil
    ) {
        self.session = session
        path = file?.path
        self.source = source ?? path
        state = Lock(
            State(configuration: configuration, emitters: emitters, content: file?.content, control: control)
        )
        Self.current.withLock { $0 = self }
        control?.start(self)
        session.atEnd { [self] in state.withLock { $0.control }?.stop() }
        session.afterFork { [self] in state.withLock { $0.control }?.beginAnew() }
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

    /// What became of a reading of the file.
    internal enum Reading {
        case inForce, refused
        /// Somebody wrote meanwhile.
        case overtaken
    }

    /// Reads the file and puts it in force where its content is another one.
    ///
    /// Runs on the calling thread; returns when the new emitters are in force and those that are retired are closed. Where
    /// anything is wrong nothing changes, and ``lastError`` says what.
    ///
    /// - Returns: Whether the file's content is in force.
    @discardableResult
    public func reload() -> Bool { read { true } == .inForce }

    /// Reads the file; `isStill` is asked afterwards whether nobody has written meanwhile.
    internal func read(_ isStill: () -> Bool) -> Reading {
        guard let path else { return .inForce }
        var content: ContentHash?
        do throws(ConfigurationError) {
            let bytes = try LoggingConfiguration.bytes(of: path)
            guard isStill() else { return .overtaken }
            let read = ContentHash(bytes)
            content = read
            if state.withLock({ $0.content == read && $0.lastError == nil }) { return .inForce }
            try apply(LoggingConfiguration(parsing: bytes))
            state.withLock { $0.content = read }
            return .inForce
        } catch {
            refuse(error.inFile(path), content)
            return .refused
        }
    }

    /// Puts in force what somebody else has read, or tells why not.
    package func take(_ configuration: LoggingConfiguration) {
        do throws(ConfigurationError) {
            try apply(configuration)
        } catch {
            refuse(error, nil)
        }
    }

    /// Tells that what somebody else has read is not put in force, once for each content.
    package func refuse(_ error: ConfigurationError, content: [UInt8]) { refuse(error, ContentHash(content)) }

    private func refuse(_ error: ConfigurationError, _ content: ContentHash?) {
        let (isNew, generation) = state.withLock { state in
            defer { (state.lastError, state.refused) = (error, content) }
            return (state.lastError != error || state.refused != content, state.generation)
        }
        guard isNew else { return }
        Self.log.error(
            "Configuration refused, generation {generation} stays in force: {fault}",
            ("generation", generation),
            ("fault", error.description)
        )
    }

    // ------------------------------------------------------------------------------------------------ in force

    /// Puts another configuration in force, whole or not at all.
    ///
    /// Emitters whose type and options are the same go on with their files and sockets; others are opened before and closed
    /// after the change, without an event lost or doubled. What it changes is logged, whatever the levels say. `delivery`,
    /// `queue` and `reload` take effect at the next start, which is logged too.
    ///
    /// - Throws: ``ConfigurationError`` with every fault; then nothing has changed.
    public func apply(_ configuration: LoggingConfiguration) throws(ConfigurationError) {
        claim()
        defer { state.withLock { $0.isApplying = false } }
        let (old, running) = state.withLock { ($0.configuration, $0.emitters) }
        let change = ConfigurationChange(from: old, to: configuration)
        let control = try newControl(for: configuration)
        let made: (all: [EmitterSetup], new: [any LogEmitter])
        do throws(ConfigurationError) {
            made = try configuration.makeEmitters(keeping: running.filter { change.kept.contains($0.emitter.name) })
        } catch {
            control?.discard()
            throw error
        }
        do {
            try session.change(to: configuration.setup(with: made.all))
        } catch {
            for emitter in made.new { emitter.close(until: .after(.zero)) }
            control?.discard()
            throw ConfigurationError([.init("\(error)")])
        }
        let generation = state.withLock { state in
            state.configuration = configuration
            state.emitters = made.all
            state.lastError = nil
            state.generation += change.parts.isEmpty ? 0 : 1
            return state.generation
        }
        put(control, for: configuration)
        tell(change, generation)
    }

    /// The socket that a configuration wants, where it is another one than is there.
    private func newControl(for configuration: LoggingConfiguration) throws(ConfigurationError) -> ControlServer? {
        let path = state.withLock { $0.control?.path }
        guard let wanted = configuration.control, wanted.socket != path else { return nil }
        return try ControlServer(wanted)
    }

    private func put(_ new: ControlServer?, for configuration: LoggingConfiguration) {
        let old = state.withLock { state -> ControlServer? in
            let old = state.control
            guard old?.path != configuration.control?.socket else { return nil }
            state.control = new
            return old
        }
        old?.stop()
        // The end of the session may have come before the socket was known here.
        if !session.isInForce { new?.stop() }
        new?.start(self)
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
            TxaioLog.Platform.pause()
        }
    }
}
#endif
