#if Tool
import ArgumentParser
import TxaioConfiguration
import TxaioLog

/// `txaio explain`: which rules of a configuration decide.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says why events of a namespace pass, or do not, at each emitter of a configuration file.",
        discussion: EndStatus.description
    )

    @Argument(help: "The namespace of a logger, as 'MyService.Gateway'.")
    var namespace: String

    @Argument(help: "The level of the events.")
    var level: String

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var file: String

    @Flag(help: "One JSON object an emitter, each on a line.")
    var json = false

    func validate() throws {
        guard let parsed = LogLevel(level), parsed != .off else {
            let near = LogLevel.allCases.filter { $0 != .off }.map(\.description).joined(separator: ", ")
            throw ValidationError("'\(level)' is no level of an event; valid are: \(near)")
        }
    }

    func run() throws {
        #if Configuration
        let configuration: LoggingConfiguration
        do {
            configuration = try LoggingConfiguration(contentsOf: file)
        } catch {
            for fault in error.description.split(separator: "\n") { Console.complain(String(fault)) }
            throw ExitCode(EndStatus.impossible.rawValue)
        }
        let level = LogLevel(level) ?? .critical
        for emitter in configuration.emitters {
            let chain = RuleChain(configuration.rules, namespace: namespace, emitter: emitter.name)
            let passes = level <= min(chain.level, emitter.level)
            if json {
                try Console.say(json: Line(namespace, level, emitter.name, emitter.level, chain, passes))
            } else {
                show(emitter.name, emitter.level, chain, passes)
            }
        }
        #else
        Console.complain("'explain' needs the package's trait 'Configuration'")
        throw ExitCode(EndStatus.impossible.rawValue)
        #endif
    }

    private func show(_ emitter: String, _ cap: LogLevel, _ chain: RuleChain, _ passes: Bool) {
        Console.say("\(emitter): \(level) of \(namespace) \(passes ? "passes" : "does not pass")")
        for step in chain.steps {
            Console.say("  \(step.decides ? "decides" : "       ")  \(step.rule)  (\(step.reason))")
        }
        if cap < chain.level {
            Console.say("  decides  level: \(cap)  (the emitter takes no more, whatever the rules say)")
        }
    }

    private struct Line: Encodable {
        struct Step: Encodable {
            let rule: String
            let level: String
            let decides: Bool
            let reason: String
        }
        let namespace: String
        let level: String
        let emitter: String
        let passes: Bool
        let threshold: String
        let emitterLevel: String
        let rules: [Step]

        init(
            _ namespace: String,
            _ level: LogLevel,
            _ emitter: String,
            _ cap: LogLevel,
            _ chain: RuleChain,
            _ passes: Bool
        ) {
            self.namespace = namespace
            self.level = level.description
            self.emitter = emitter
            self.passes = passes
            threshold = min(cap, chain.level).description
            emitterLevel = cap.description
            rules = chain.steps.map {
                Step(rule: $0.rule, level: $0.level.description, decides: $0.decides, reason: $0.reason)
            }
        }
    }
}
#endif
