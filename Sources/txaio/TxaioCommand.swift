#if Tool
import ArgumentParser

/// The tool, whose subcommands are in `Commands`, each in a file.
struct TxaioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "txaio",
        abstract: "Looks after the logs of services that use txaio.",
        discussion: EndStatus.description,
        subcommands: [
            RecoverCommand.self,
            CheckCommand.self,
            ExplainCommand.self,
            LevelCommand.self,
            StatusCommand.self,
            FlushCommand.self,
            ViewCommand.self,
            VerifyCommand.self,
        ]
    )
}
#endif
