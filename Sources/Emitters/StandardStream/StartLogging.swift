public import TxaioLog

/// Sends events of level info and above, as text, to standard output from now on; mirrors txaio's `start_logging`.
///
/// Each line is written before the log call returns. Logging is started once: while it runs, a further call changes
/// nothing and returns the same session.
///
/// - Parameter level: What passes.
@discardableResult
public func startLogging(level: LogLevel = .info) throws(LoggingSetupError) -> LoggingSession {
    try startLogging(to: [TextEmitter()], level: level)
}
