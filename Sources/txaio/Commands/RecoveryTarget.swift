#if Tool
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// Whose events are recovered, and where they go.
struct RecoveryTarget {
    let service: String?
    let directory: String?
    #if Configuration
    private let configuration: LoggingConfiguration?
    #endif

    /// What is named comes before what the configuration file says.
    init(config: String?, service: String?, directory: String?) throws {
        #if Configuration
        configuration = try config.map { path throws(ConfigurationError) in try LoggingConfiguration(contentsOf: path) }
        self.service = service ?? configuration?.queue?.service
        self.directory = directory ?? configuration?.queue?.directory
        #else
        guard config == nil else { throw Fault("'--config' needs the package's trait 'Configuration'") }
        (self.service, self.directory) = (service, directory)
        #endif
    }

    func startLogging(_ format: RecoverCommand.Format) throws -> LoggingSession {
        // What is in the rings passed the levels of the service: the environment of who recovers it takes nothing away.
        Console.unset("TXAIO_LOG")
        #if Configuration
        if var configuration {
            // Handed over on this thread: nothing waits in rings of the tool's own.
            configuration.queue = nil
            return try TxaioConfiguration.startLogging(configuration)
        }
        #endif
        let emitter: any LogEmitter =
            switch format {
            case .json: JSONEmitter(waitingAtMost: Self.patience)
            case .text: TextEmitter(waitingAtMost: Self.patience)
            }
        return try TxaioLog.startLogging(to: [emitter], level: .trace)
    }

    /// Who reads the output may take a while over it, as a pager does.
    private static let patience = Duration.seconds(86_400)

    private struct Fault: Error, CustomStringConvertible {
        let description: String
        init(_ text: String) { description = text }
    }
}
#endif
