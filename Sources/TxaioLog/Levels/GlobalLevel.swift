/// Sets the level of all namespaces that neither a rule nor a hand set otherwise; mirrors txaio's `set_global_log_level`.
///
/// It takes effect at once on every living logger.
public func setGlobalLogLevel(_ level: LogLevel) {
    NamespaceRegistry.shared.changeRules { $0.root = level }
}

/// The level of namespaces that neither a rule nor a hand set otherwise; mirrors txaio's `get_global_log_level`.
public var globalLogLevel: LogLevel { NamespaceRegistry.shared.rules.root }
