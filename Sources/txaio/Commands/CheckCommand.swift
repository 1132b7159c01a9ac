#if Tool
import ArgumentParser
import TxaioConfiguration
import TxaioEmitters

/// `txaio check`: all that is wrong with configuration files.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks configuration files whole, emitters' options too; opens nothing else.",
        discussion: """
            Each fault has a line of its own with file, line and column, on standard output. Emitter types that a service \
            registers itself are unknown here. Exit status: 0 all files are good; 1 one has faults; 2 one cannot be read; \
            64 wrong usage.
            """
    )

    @Argument(help: "The configuration files.")
    var files: [String]

    @Flag(help: "One JSON object a fault, each on a line.")
    var json = false

    func validate() throws {
        if files.isEmpty { throw ValidationError("a file is missing") }
    }

    func run() throws {
        #if Configuration
        var status = EndStatus.done
        for file in files {
            do {
                _ = try LoggingConfiguration(contentsOf: file)
                if !json { Console.say("\(file): ok") }
            } catch {
                // A fault without a place is one of the file itself.
                let isRead = error.faults.contains { $0.position != nil }
                if status != .impossible { status = isRead ? .incomplete : .impossible }
                for fault in error.faults { try show(fault, in: file) }
            }
        }
        if status != .done { throw ExitCode(status.rawValue) }
        #else
        Console.complain("'check' needs the package's trait 'Configuration'")
        throw ExitCode(EndStatus.impossible.rawValue)
        #endif
    }

    #if Configuration
    private func show(_ fault: ConfigurationError.Fault, in file: String) throws {
        guard json else { return Console.say("\(file): \(fault)") }
        let line = Line(
            file: file,
            message: fault.message,
            line: fault.position?.line,
            column: fault.position?.column,
            suggestion: fault.suggestion
        )
        try Console.say(json: line)
    }

    private struct Line: Encodable {
        let file: String
        let message: String
        let line: Int?
        let column: Int?
        let suggestion: String?
    }
    #endif
}
#endif
