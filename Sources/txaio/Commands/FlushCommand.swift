#if Tool
import ArgumentParser
import TxaioConfiguration

/// `txaio flush`: has a running service hand over what its emitters keep back.
struct FlushCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Has a running service hand over what its queue and its emitters keep back.",
        discussion: EndStatus.description
    )

    @Option(help: ArgumentHelp("How long that may take, at most '10s'.", valueName: "span"))
    var within = "5s"

    @Flag(help: "One JSON object on a line.")
    var json = false

    @OptionGroup var service: RunningService

    func run() throws {
        let answer = try service.ask("flush \(within)", for: ControlAnswers.Flush.self)
        if json {
            try Console.say(json: answer)
        } else {
            Console.say(answer.complete ? "nothing is left" : "not everything was taken within \(within)")
        }
        if !answer.complete { throw ExitCode(EndStatus.incomplete.rawValue) }
    }
}
#endif
