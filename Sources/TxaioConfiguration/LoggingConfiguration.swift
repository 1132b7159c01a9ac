#if Configuration
public import TxaioEmitters
public import TxaioLog

/// What a configuration file says: which events go where.
///
/// It is a value that can also be made in code. It holds no open file and no socket: emitters are made when logging is
/// started with it.
public struct LoggingConfiguration: Sendable, Hashable {
    /// Which events pass, by namespace and emitter.
    public var rules: LevelRules
    /// Where events go, in the order of the file.
    public var emitters: [Emitter]
    /// How events wait for a thread of the logger's own; `nil` where the thread that logs delivers.
    public var queue: Queue?
    /// Bytes that one event may have; see `LoggingSetup`.
    public var recordLimit: Int
    /// How much of what single call sites say is delivered.
    public var noise: [NoiseRule]
    /// What passes besides within certain scopes.
    public var scoped: [ScopedLevels]
    /// What is kept of scopes, and written only where they fail.
    public var recorder: FlightRecorder?
    /// What the running service follows.
    public var following: Following
    /// Where the tool reaches the running service; `nil` for nowhere.
    public var control: Control?

    /// What a running service follows: its file, and signals.
    public struct Following: Sendable, Hashable {
        /// Whether a changed file is put in force.
        public var watch: Bool
        /// Whether SIGHUP has the file read and log files opened anew, where the process does not ignore it.
        public var hangup: Bool
        /// Whether SIGUSR1 makes the rules one level louder and SIGUSR2 one level quieter.
        public var verbosity: Bool

        /// By default the file and SIGHUP are followed.
        public init(watch: Bool = true, hangup: Bool = true, verbosity: Bool = false) {
            self.watch = watch
            self.hangup = hangup
            self.verbosity = verbosity
        }
    }

    /// Takes emitters and rules; by default info and above pass, in events of at most 4 MiB, delivered directly.
    public init(
        emitters: [Emitter],
        rules: LevelRules = LevelRules(root: .info),
        queue: Queue? = nil,
        recordLimit: Int = 4 << 20,
        following: Following = Following(),
        control: Control? = nil,
        noise: [NoiseRule] = [],
        scoped: [ScopedLevels] = [],
        recorder: FlightRecorder? = nil
    ) {
        self.recorder = recorder
        self.emitters = emitters
        self.rules = rules
        self.queue = queue
        self.recordLimit = recordLimit
        self.following = following
        self.control = control
        self.noise = noise
        self.scoped = scoped
    }

    /// One emitter: what it is called, of which registered type it is, and what it gets.
    public struct Emitter: Sendable, Hashable {
        /// The name in rules and in the ledger: letters, digits, `_` and `-`.
        public var name: String
        /// The type's name in `EmitterRegistry`: `text`, `json`, `journald`, or one of your own.
        public var type: String
        /// Nothing more verbose reaches it, whatever the rules say.
        public var level: LogLevel
        /// What the type's factory reads.
        public var options: [OptionEntry]

        internal var position: OptionPosition?
        internal var typePosition: OptionPosition?

        /// Takes a name, a type and its options; by default everything reaches it that the rules let pass.
        public init(_ name: String, type: String, level: LogLevel = .trace, options: [OptionEntry] = []) {
            self.name = name
            self.type = type
            self.level = level
            self.options = options
        }
    }
}

extension LoggingConfiguration {
    /// Reads a file in YAML or JSON and checks everything in it, emitters' options too.
    ///
    /// Opens nothing else.
    ///
    /// - Parameter path: A regular file of at most 1 MiB, in UTF-8. A relative path starts at the working directory, as
    ///   do relative paths in the file.
    /// - Throws: ``ConfigurationError`` with every fault that was found.
    public init(contentsOf path: String) throws(ConfigurationError) {
        try self.init(parsing: Self.bytes(of: path), from: path)
    }

    /// Reads a file's bytes.
    internal static func bytes(of path: String) throws(ConfigurationError) -> [UInt8] {
        do {
            return try Platform.read(path, limit: SourceText.limit)
        } catch {
            throw ConfigurationError(file: path, [.init("the file cannot be read: \(error.reason)")])
        }
    }

    /// Reads what a file holds.
    internal init(parsing bytes: [UInt8], from path: String) throws(ConfigurationError) {
        do {
            try self.init(parsing: bytes)
        } catch {
            throw error.inFile(path)
        }
    }

    /// Reads a text in YAML or JSON and checks everything in it, emitters' options too.
    ///
    /// Opens nothing.
    ///
    /// - Parameter text: At most 1 MiB.
    /// - Throws: ``ConfigurationError`` with every fault that was found.
    public init(parsing text: some StringProtocol) throws(ConfigurationError) {
        try self.init(parsing: Array(text.utf8.prefix(SourceText.limit + 1)))
    }

    /// Reads what a file holds, or one section of it.
    package init(parsing bytes: [UInt8], section: [String] = []) throws(ConfigurationError) {
        let tree = try ConfigurationTree(SourceText(bytes).text, section: section)
        var reader = ConfigurationReader(tree)
        let configuration = reader.read()
        let faults = reader.faults + configuration.faultsOfEmitters()
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        self = configuration
    }
}
#endif
