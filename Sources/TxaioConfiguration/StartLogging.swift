#if Configuration
public import TxaioLog
internal import TxaioRecovery

/// Starts logging as a configuration file in YAML or JSON says.
///
/// The whole file is read and checked before anything else happens: a file with faults changes nothing, opens nothing,
/// and is one error that lists them all. Logging is started once: while it runs, a further call reads nothing and returns
/// the same session.
///
/// Where the file says `delivery: queued`, events that dead processes of this service left in their rings are delivered
/// before the call returns, each with its own time and marked as recovered, unless `survive: false` forgoes it. The
/// logger `TxaioRecovery` says how many there were, and warns of files that it left alone.
///
/// From then on the file is followed: what is written to it is in force within a tenth of a second, whole or not at all; see
/// ``LiveConfiguration``. SIGHUP has it read and log files opened anew, unless the file's `reload` says otherwise.
///
/// The environment comes before the file: `TXAIO_LOG` holds rules in the same grammar, `info,Gateway=debug,NIO*=warn`, which
/// stand above the file's for as long as the process runs, and `TXAIO_CONFIG` names the file itself.
///
/// - Parameters:
///   - path: A regular file of at most 1 MiB, in UTF-8. A relative path starts at the working directory; so do relative
///     paths in the file, since log files belong to where the service runs and not to where its configuration is kept.
///   - overridable: Whether `TXAIO_CONFIG`, where it is set and not empty, names the file in place of `path`. False where
///     the path is somebody's wish already, such as an option of the command line.
/// - Throws: ``ConfigurationError`` with every fault, each with line, column and what was probably meant.
@discardableResult
public func startLogging(
    configuration path: String,
    overridable: Bool = true
) throws(ConfigurationError) -> LoggingSession {
    if let session = LoggingSession.running { return session }
    let path = overridable ? LoggingConfiguration.path(insteadOf: path) : path
    do {
        _ = try EnvironmentLevels.read()
    } catch {
        // Before anything is opened.
        throw ConfigurationError(error.faults.map { .init("\(EnvironmentLevels.variable): \($0)") })
    }
    // Before it is read: who writes to it meanwhile is noticed.
    let identity = Platform.identity(of: path)
    let bytes = try LoggingConfiguration.bytes(of: path)
    let configuration = try LoggingConfiguration(parsing: bytes, from: path)
    do {
        return try start(configuration, FollowedFile(path: path, identity: identity, content: ContentHash(bytes)))
    } catch {
        throw error.inFile(path)
    }
}

/// Starts logging as a configuration made in code says; see ``startLogging(configuration:)``.
@discardableResult
public func startLogging(_ configuration: LoggingConfiguration) throws(ConfigurationError) -> LoggingSession {
    if let session = LoggingSession.running { return session }
    return try start(configuration, nil)
}

/// Starts logging as a configuration says that somebody else has read, and will hand over anew.
///
/// - Throws: ``ConfigurationError`` also where logging runs already.
package func startLogging(
    _ configuration: LoggingConfiguration,
    from source: String
) throws(ConfigurationError) -> LiveConfiguration {
    if LoggingSession.running == nil {
        let session = try start(configuration, nil, source: source)
        if let live = LiveConfiguration.running, live.session === session, live.source == source { return live }
    }
    throw ConfigurationError([.init("logging was started already, by another configuration")])
}

private func start(
    _ configuration: LoggingConfiguration,
    _ followed: FollowedFile?,
    source: String? = nil
) throws(ConfigurationError) -> LoggingSession {
    let (setup, file) = try configuration.makeParts()
    let control: ControlServer?
    do throws(ConfigurationError) {
        control = try configuration.control.map { socket throws(ConfigurationError) in try ControlServer(socket) }
    } catch {
        close(setup, file)
        throw error
    }
    do {
        let session = try startLogging(setup)
        if session.uses(setup) {
            if file != nil { configuration.queue?.recover(into: session) }
            let live = LiveConfiguration(
                configuration,
                setup.emitters,
                session: session,
                followed,
                control,
                source: source
            )
            if let followed { ConfigurationFollower(live, followed)?.start() }
        } else {
            // Somebody else was quicker.
            control?.discard()
            close(setup, file)
        }
        return session
    } catch {
        control?.discard()
        close(setup, file)
        throw ConfigurationError([.init("\(error)")])
    }
}

extension LoggingConfiguration {
    /// The file that `TXAIO_CONFIG` names, else `path`.
    internal static func path(insteadOf path: String) -> String {
        TxaioLog.Platform.environment("TXAIO_CONFIG").flatMap { $0.isEmpty ? nil : $0 } ?? path
    }
}

private func close(_ setup: LoggingSetup, _ file: RingFile?) {
    file?.finish()
    for emitter in setup.emitters { emitter.emitter.close(until: .after(.zero)) }
}
#endif
