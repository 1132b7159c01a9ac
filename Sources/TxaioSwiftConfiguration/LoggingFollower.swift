#if SwiftConfiguration
public import Configuration
public import ServiceLifecycle
public import TxaioConfiguration
public import TxaioLog

/// Logging that follows a section of an application's own file, as a service of the application.
///
/// The provider polls the file, and so must run in the same group. What it accepts is put in force whole, as
/// `LiveConfiguration.apply` has it; a file with faults leaves the last good one in force, and one event of the logger
/// `TxaioConfiguration` says why, with line and column. The section's `reload` has no effect: whether and how often the file
/// is looked at is the provider's matter. A file that is deleted, the provider tells nobody of.
public struct LoggingFollower<Base: FileConfigSnapshot>: Service {
    private let provider: ReloadingFileProvider<LoggingSnapshot<Base>>
    private let live: LiveConfiguration

    /// Running logging.
    public var session: LoggingSession { live.session }

    /// Starts logging as the file says.
    ///
    /// - Parameters:
    ///   - provider: Reads the file.
    ///   - file: What `txaio status` and messages call the file.
    /// - Throws: `ConfigurationError` where the file is not there, an emitter cannot be made, or logging runs already.
    public init(
        _ provider: ReloadingFileProvider<LoggingSnapshot<Base>>,
        file: String? = nil
    ) throws(ConfigurationError) {
        guard let snapshot = provider.snapshot() as? LoggingSnapshot<Base> else {
            throw ConfigurationError(file: file, [.init("the file is not there")])
        }
        self.provider = provider
        do throws(ConfigurationError) {
            live = try startLogging(snapshot.logging, from: file ?? provider.providerName)
        } catch {
            throw file.map(error.inFile) ?? error
        }
        FollowedLogging.begin(live, file: file)
    }

    /// Puts what the provider accepts in force, until the group shuts down; does not end logging.
    public func run() async throws {
        try await provider.watchSnapshot { updates in
            for await update in updates.cancelOnGracefulShutdown() {
                if let snapshot = update as? LoggingSnapshot<Base> {
                    live.take(snapshot.logging)
                } else {
                    FollowedLogging.refuse(ConfigurationError([.init("the file is not there")]), [])
                }
            }
        }
    }
}

/// Where it is told what was wrong with a file that its provider reads.
internal enum FollowedLogging {
    private static let state = Lock<(live: LiveConfiguration, file: String?)?>(nil)

    internal static func begin(_ live: LiveConfiguration, file: String?) { state.withLock { $0 = (live, file) } }

    internal static func refuse(_ error: ConfigurationError, _ content: [UInt8]) {
        guard let (live, file) = state.withLock({ $0 }), live.session.isInForce else { return }
        live.refuse(file.map(error.inFile) ?? error, content: content)
    }
}
#endif
