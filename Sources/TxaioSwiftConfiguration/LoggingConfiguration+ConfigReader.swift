#if SwiftConfiguration
public import Configuration
public import TxaioConfiguration
internal import TxaioLog

extension LoggingConfiguration {
    /// Reads the few values that environment and command line can hold, under keys that the caller's reader is scoped to.
    ///
    /// Of a map of namespaces the keys cannot be listed by a reader: such ones are for ``LoggingSnapshot``.
    ///
    /// | key | value | if absent |
    /// |---|---|---|
    /// | `levels` | rules: `info,Gateway=debug,NIO*=warn` | `info` |
    /// | `emitters` | names of registered types, each by its own defaults: `json`, `journald` | `text` |
    /// | `delivery` | `direct` or `queued` | `direct` |
    ///
    /// ```swift
    /// let config = ConfigReader(provider: EnvironmentVariablesProvider())     // LOGGING_LEVELS, LOGGING_EMITTERS
    /// try startLogging(LoggingConfiguration(config: config.scoped(to: "logging")))
    /// ```
    ///
    /// - Throws: ``ConfigurationError`` with every fault.
    public init(config: ConfigReader) throws(ConfigurationError) {
        var faults: [ConfigurationError.Fault] = []
        var rules = LevelRules()
        do throws(LevelRulesError) {
            if let text = config.string(forKey: "levels") { rules = try LevelRules(parsing: text) }
        } catch {
            faults += error.faults.map { .init("levels: \($0)") }
        }
        let types = config.stringArray(forKey: "emitters") ?? ["text"]
        let delivery = config.string(forKey: "delivery") ?? "direct"
        let near = Suggestion.closest(to: delivery, among: ["direct", "queued"])
        if delivery != "direct", delivery != "queued" {
            let message = "unknown delivery \(Quotation.of(delivery)) (valid are: direct, queued)"
            faults.append(.init(message, suggestion: near))
        }
        guard faults.isEmpty else { throw ConfigurationError(faults) }
        self.init(
            emitters: types.map { Emitter($0, type: $0) },
            rules: rules,
            queue: delivery == "queued" ? Queue() : nil
        )
    }
}
#endif
