#if SwiftConfiguration
public import Configuration
public import TxaioConfiguration

/// A file of an application's own, in which one section is the configuration of logging.
///
/// The section reads as a file of txaio's does, `version: 1` included, and is checked whole: names of namespaces and stars
/// need no keys that are known before. The rest of the file, and the section too, is there for readers as `Base` has it.
///
/// ```swift
/// let provider = try await ReloadingFileProvider<LoggingSnapshot<YAMLSnapshot>>(filePath: "/etc/orders/orders.yaml")
/// let logging = try LoggingFollower(provider)
/// let config = ConfigReader(provider: provider)
/// let services = ServiceGroup(services: [provider, logging, Orders(config)], logger: ...)
/// ```
///
/// The file has at most 1 MiB, 40,000 entries and four aliases; none of these may be in the section itself.
public struct LoggingSnapshot<Base: FileConfigSnapshot>: FileConfigSnapshot {
    /// Where the section stands, and how the rest is read.
    public struct ParsingOptions: FileParsingOptions {
        /// The section's name; of one that stands in others the names with dots between them.
        public var section: String
        /// How `Base` reads the file.
        public var base: Base.ParsingOptions

        /// Takes the section's name, `logging` by default.
        public init(section: String = "logging", base: Base.ParsingOptions = .default) {
            self.section = section
            self.base = base
        }

        /// The section `logging`.
        public static var `default`: Self { Self() }
    }

    /// What the section says.
    public let logging: LoggingConfiguration
    /// The whole file.
    public let base: Base

    /// Reads a file.
    ///
    /// While a ``LoggingFollower`` is at work what is wrong is logged as well, once for each content: swift-configuration
    /// itself tells it at level debug, and keeps the last good snapshot.
    ///
    /// - Throws: `ConfigurationError` with every fault of the section, with line and column in the file; what `Base` throws.
    public init(data: RawSpan, providerName: String, parsingOptions: ParsingOptions) throws {
        let bytes = data.withUnsafeBytes { Array($0) }
        do {
            logging = try LoggingConfiguration(
                parsing: bytes,
                section: parsingOptions.section.split(separator: ".").map(String.init)
            )
            base = try Base(data: data, providerName: providerName, parsingOptions: parsingOptions.base)
        } catch {
            let known = error as? ConfigurationError
            FollowedLogging.refuse(known ?? ConfigurationError([.init("\(error)")]), bytes)
            throw error
        }
    }

    /// The provider's name.
    public var providerName: String { base.providerName }

    /// The value of a key, as `Base` has it.
    public func value(forKey key: AbsoluteConfigKey, type: ConfigType) throws -> LookupResult {
        try base.value(forKey: key, type: type)
    }

    /// As `Base` has it.
    public var description: String { base.description }

    /// As `Base` has it.
    public var debugDescription: String { base.debugDescription }
}
#endif
