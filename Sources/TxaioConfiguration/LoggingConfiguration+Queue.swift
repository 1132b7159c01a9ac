#if Configuration
internal import TxaioEmitters
public import TxaioLog
internal import TxaioRecovery

extension LoggingConfiguration {
    /// What `delivery: queued` says: how events wait, and whether they outlive the process.
    public struct Queue: Sendable, Hashable {
        /// Sizes, what happens when a ring is full, and how the delivering thread looks for events.
        public var options: QueueOptions
        /// Whether the rings lie in a mapped file, from which the service's next start recovers what this process left.
        ///
        /// The file survives every death of the process, but no reboot.
        public var survives: Bool
        /// Whose files the next start looks for: letters, digits, `.`, `_` and `-`; `nil` for the program's name.
        public var service: String?
        /// Where the file lies, a directory that is there already; `nil` for `RingDirectory.standard()`.
        public var directory: String?

        internal var position: OptionPosition?

        /// Takes what differs from the standard: rings of 1 MiB, 64 MiB in all, in a file that survives the process.
        public init(
            _ options: QueueOptions = QueueOptions(),
            survives: Bool = true,
            service: String? = nil,
            directory: String? = nil
        ) {
            self.options = options
            self.survives = survives
            self.service = service
            self.directory = directory
        }
    }
}

extension LoggingConfiguration.Queue {
    /// The service's name in the file's: the one that is given, or the program's with what cannot be in it replaced.
    internal var serviceName: String {
        if let service { return service }
        let path = CommandLine.arguments.first ?? ""
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        let spelled = name.prefix(100).map { RingDirectory.isOfName($0) ? $0 : UInt8(ascii: "_") }
        let text = String(decoding: spelled, as: UTF8.self)
        if text.isEmpty { return "service" }
        return text.utf8.first == UInt8(ascii: ".") ? "_" + text.dropFirst() : text
    }

    /// Makes the file that the rings lie in, where they are to outlive the process.
    internal func makeFile() throws(ConfigurationError) -> RingFile? {
        guard survives else { return nil }
        do {
            return try RingFile(service: serviceName, directory: directory, totalBytes: options.totalBytes)
        } catch {
            throw ConfigurationError([.init("the queue's file cannot be had: \(error)", at: position)])
        }
    }

    /// Delivers what dead processes of the service left, and says so in the log.
    internal func recover(into session: LoggingSession) {
        do {
            let report = try Recovery.recover(service: serviceName, directory: directory, into: session)
            Self.tell(report)
        } catch {
            Self.log.warn("{fault}", fault: "\(error)")
        }
    }

    private static func tell(_ report: RecoveryReport) {
        for error in report.refused { log.warn("{fault}", fault: "\(error)") }
        if report.left > 0 {
            log.warn(
                "{left} events of dead processes were taken by no emitter: they stay for the next start.",
                left: report.left
            )
        }
        guard report.files > 0 || report.recovered > 0 else { return }
        log.info(
            """
            Recovered {recovered} events that {files} dead processes left: {maybe_repeated} may be repeated, \
            {skipped} records made no sense, {unresolved} names were not found.
            """,
            recovered: report.recovered,
            files: report.files,
            maybe_repeated: report.maybeRepeated,
            skipped: report.skipped,
            unresolved: report.unresolved
        )
    }

    private static let log = makeLogger("TxaioRecovery")
}
#endif
