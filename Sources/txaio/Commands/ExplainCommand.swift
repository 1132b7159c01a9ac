#if Tool
import ArgumentParser
import TxaioConfiguration
import TxaioLog

/// `txaio explain`: which rules of a configuration decide.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why events of a namespace pass, or do not, at each emitter of a running service or a file.",
        discussion: EndStatus.description
    )

    @Argument(help: "The namespace of a logger, as 'MyService.Gateway'.")
    var namespace: String

    @Argument(help: "The level of the events.", completion: .list(ExplainCommand.levels))
    var level: String

    @Option(help: ArgumentHelp("A configuration file.", valueName: "file"), completion: .file())
    var file: String?

    @Option(help: ArgumentHelp("The control socket of a running service.", valueName: "path"), completion: .file())
    var socket: String?

    @Flag(help: "One JSON object an emitter, each on a line.")
    var json = false

    private static var levels: [String] { LogLevel.allCases.filter { $0 != .off }.map(\.description) }

    func validate() throws {
        guard let parsed = LogLevel(level), parsed != .off else {
            throw ValidationError(
                "'\(level)' is no level of an event; valid are: \(Self.levels.joined(separator: ", "))"
            )
        }
        if (file == nil) == (socket == nil) { throw ValidationError("either '--file' or '--socket' is needed") }
    }

    func run() throws {
        #if Configuration
        for explanation in try explanations() {
            if json { try Console.say(json: explanation) } else { show(explanation) }
        }
        #else
        Console.complain("'explain' needs the package's trait 'Configuration'")
        throw ExitCode(EndStatus.impossible.rawValue)
        #endif
    }

    #if Configuration
    private func explanations() throws -> [ControlAnswers.Explanation] {
        do {
            let name = LogLevel(level)?.description ?? level
            if let socket { return try ControlClient(path: socket).ask("explain \(namespace) \(name)") }
            let configuration = try LoggingConfiguration(contentsOf: file ?? "")
            return ControlAnswers.Explanation.all(
                configuration,
                namespace: namespace,
                level: LogLevel(level) ?? .critical
            )
        } catch {
            for fault in "\(error)".split(separator: "\n") { Console.complain(String(fault)) }
            throw ExitCode(EndStatus.impossible.rawValue)
        }
    }

    private func show(_ found: ControlAnswers.Explanation) {
        Console.say("\(found.emitter): \(level) of \(found.namespace) \(found.passes ? "passes" : "does not pass")")
        for step in found.rules {
            Console.say("  \(step.decides ? "decides" : "       ")  \(step.rule)  (\(step.reason))")
        }
        for scope in found.scopes where !found.passes {
            let verdict = scope.passes ? "passes there" : "does not pass there"
            Console.say(
                "  \(scope.passes ? "in scopes" : "         ")  \(scope.rule) when \(scope.condition)  (\(verdict))"
            )
        }
        if let rule = found.recorded {
            Console.say("  recorded   \(rule)  (kept in scopes, written where they fail)")
        }
        if found.threshold == found.emitterLevel, found.threshold != found.rules.first(where: \.decides)?.level {
            Console.say("  decides  level: \(found.emitterLevel)  (the emitter takes no more, whatever the rules say)")
        }
    }
    #endif
}
#endif
