/// What the environment variable `TXAIO_LOG` says: rules that hold above those of code and of configuration files, for as
/// long as the process runs.
///
/// A bare level is for all namespaces that no rule of the variable matches, whatever a file says of them.
package enum EnvironmentLevels {
    package static let variable = "TXAIO_LOG"

    /// Reads the variable; `nil` where it is not set, or empty.
    ///
    /// - Throws: ``LevelRulesError`` with every fault of the text, and where.
    package static func read(
        _ environment: (String) -> String? = Platform.environment
    ) throws(LevelRulesError) -> TemporaryLevels? {
        guard let text = environment(variable), !text.isEmpty else { return nil }
        let levels = try TemporaryLevels(parsing: text)
        guard levels.duration == nil else {
            throw LevelRulesError([.init("what \(variable) says has no end, so 'for' cannot be in it")])
        }
        return levels
    }
}
