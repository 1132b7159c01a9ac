#if Configuration
public import TxaioLog

/// Starts logging as a configuration file in YAML or JSON says.
///
/// The whole file is read and checked before anything else happens: a file with faults changes nothing, opens nothing,
/// and is one error that lists them all. Logging is started once: while it runs, a further call reads nothing and returns
/// the same session.
///
/// - Parameter path: A regular file of at most 1 MiB, in UTF-8. A relative path starts at the working directory; so do
///   relative paths in the file, since log files belong to where the service runs and not to where its configuration is
///   kept.
/// - Throws: ``ConfigurationError`` with every fault, each with line, column and what was probably meant.
@discardableResult
public func startLogging(configuration path: String) throws(ConfigurationError) -> LoggingSession {
    if let session = LoggingSession.running { return session }
    let configuration = try LoggingConfiguration(contentsOf: path)
    do {
        return try startLogging(configuration)
    } catch {
        throw error.inFile(path)
    }
}

/// Starts logging as a configuration made in code says; see ``startLogging(configuration:)``.
@discardableResult
public func startLogging(_ configuration: LoggingConfiguration) throws(ConfigurationError) -> LoggingSession {
    if let session = LoggingSession.running { return session }
    let setup = try configuration.makeSetup()
    do {
        let session = try startLogging(setup)
        // Somebody else was quicker.
        if !session.uses(setup) { close(setup) }
        return session
    } catch {
        close(setup)
        throw ConfigurationError([.init("\(error)")])
    }
}

private func close(_ setup: LoggingSetup) {
    for emitter in setup.emitters { emitter.emitter.close(until: .after(.zero)) }
}
#endif
