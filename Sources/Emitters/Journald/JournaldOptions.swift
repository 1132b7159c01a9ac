public import TxaioLog

/// How a ``JournaldEmitter`` works.
public struct JournaldOptions: Sendable {
    /// How entries reach journald.
    public struct Transport: Sendable, Hashable, CustomStringConvertible {
        /// The name in configuration files.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// journald's own protocol over its socket: never blocks, sees every error.
        ///
        /// The default.
        public static let native = Transport("native")
        /// `sd_journal_sendv` of libsystemd; needs the package's trait `LibSystemd`.
        ///
        /// - Warning: It blocks the caller **for ever** while journald is stopped or its queue is full: the call cannot be
        ///   made non-blocking, so ``JournaldOptions/whenFull`` has no effect. A journald that holds its own socket and
        ///   dies loses what was queued, as with the native transport.
        public static let libsystemd = Transport("libsystemd")
    }

    /// What happens while journald's queue is full.
    ///
    /// Native transport only. In queued delivery it is not the thread that logs which waits: there a batch of events always
    /// waits for room, with ``drop`` up to a second, while others wait in the queue.
    public struct WhenFull: Sendable, Hashable {
        internal let patience: Duration?

        /// The event is dropped at once, counted as overflow, and announced in the journal later.
        public static let drop = WhenFull(patience: nil)
        /// The thread that logs waits for room, never longer than `duration`; then the event is dropped and counted.
        public static func wait(upTo duration: Duration) -> WhenFull { WhenFull(patience: duration) }
    }

    /// How entries reach journald.
    public var transport = Transport.native
    /// `SYSLOG_IDENTIFIER`, for `journalctl -t`; `nil` for the program's name.
    public var identifier: String?
    /// Where journald listens.
    ///
    /// Native transport only: libsystemd knows one path.
    public var socketPath = "/run/systemd/journal/socket"
    /// Each level's `PRIORITY`.
    public var priorities = JournalPriorities()
    /// Fields that every entry carries, in order.
    ///
    /// Names are made valid as those of values are.
    public var fields: [(name: String, value: String)] = []
    /// What happens while journald's queue is full.
    ///
    /// By default events are dropped, and counted.
    public var whenFull = WhenFull.drop
    /// How many bytes may be on their way (`SO_SNDBUF`); `nil` leaves the kernel's default, with which one sender
    /// gets no more than 278 small entries into journald's queue.
    ///
    /// Native transport only.
    public var sendBuffer: Int? = JournalSocket.defaultSendBuffer
    /// Who takes events while there is no journald; `nil` to drop and count them.
    ///
    /// It becomes part of this emitter: it is flushed and closed with it, and its events are counted in the same
    /// ledger.
    public var fallback: (any LogEmitter)?

    /// The defaults.
    public init() {}
}

/// Why a ``JournaldEmitter`` could not be made.
public struct JournaldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wrong.
    public let code: Code
    /// The whole sentence.
    public let description: String

    /// Kinds of errors.
    public struct Code: Sendable, Hashable {
        private let number: Int
        /// The transport was left out when the package was built.
        public static let transportMissing = Code(number: 1)
    }

    internal static let noLibSystemd = JournaldError(
        code: .transportMissing,
        description: """
            the transport 'libsystemd' is not part of this build: it needs the trait 'LibSystemd' of the package 'txaio' \
            and, on Debian and Ubuntu, the system package 'libsystemd-dev'; the transport 'native' needs neither
            """
    )
}
