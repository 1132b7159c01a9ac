#if Tool
import ArgumentParser
import TxaioConfiguration
import TxaioLog

/// `txaio level`: shows the levels of a running service, or puts others in force for a while.
struct LevelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "level",
        abstract: "Shows the levels of a running service, or sets temporary ones.",
        discussion: """
            RULES are written as in 'info,Gateway=debug,NIO*=warn,journal:Audit.*=info'. They hold above the \
            configuration until they end or are taken back, and the service logs both.
            """
    )

    @Argument(help: "What is to hold; without it the levels are shown.")
    var rules: String?

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, as '90s', '10m' or '2h'.", valueName: "span"))
    var span: String?

    @Flag(help: "Takes back all temporary levels.")
    var reset = false

    @Flag(help: "One JSON object on a line.")
    var json = false

    @OptionGroup var service: RunningService

    func validate() throws {
        if reset, rules != nil { throw ValidationError("'--reset' takes no rules") }
        if span != nil, rules == nil { throw ValidationError("'--for' goes with rules") }
        if let text = request.text {
            do {
                _ = try TemporaryLevels(parsing: text)
            } catch {
                throw ValidationError(error.description)
            }
        }
    }

    private var request: (line: String, text: String?) {
        if reset { return ("reset", nil) }
        guard let rules else { return ("level", nil) }
        let text = rules + (span.map { " for \($0)" } ?? "")
        return ("level \(text)", text)
    }

    func run() throws {
        let answer = try service.ask(request.line, for: ControlAnswers.Levels.self)
        if json { return try Console.say(json: answer) }
        for levels in answer.temporary.reversed() {
            let rest = levels.remaining.map { "for \(Self.shown($0)) more" } ?? "until taken back"
            Console.say("temporary    \(levels.rules)  (\(rest))")
        }
        if let environment = answer.environment { Console.say("environment  \(environment)") }
        Console.say("rules        \(answer.rules)")
    }

    private static func shown(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up).clamped(to: 0...1e9))
        if whole < 60 { return "\(whole)s" }
        if whole < 3600 { return "\(whole / 60)m\(whole % 60)s" }
        return "\(whole / 3600)h\(whole % 3600 / 60)m"
    }
}

extension Double {
    fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
        isNaN ? range.lowerBound : Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
#endif
