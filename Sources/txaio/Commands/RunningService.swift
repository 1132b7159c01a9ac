#if Tool
import ArgumentParser
import TxaioConfiguration

/// Which running service a subcommand talks to.
struct RunningService: ParsableArguments {
    @Option(help: ArgumentHelp("The control socket of the service.", valueName: "path"), completion: .file())
    var socket: String?

    @Option(
        help: ArgumentHelp("The service's configuration file, whose 'control.socket' is used.", valueName: "file"),
        completion: .file()
    )
    var config: String?

    func validate() throws {
        if (socket == nil) == (config == nil) { throw ValidationError("either '--socket' or '--config' is needed") }
    }

    #if Configuration
    /// Asks the service; what keeps it from answering ends the tool.
    func ask<Answer: Decodable>(_ request: String, for type: Answer.Type = Answer.self) throws -> Answer {
        do {
            return try ControlClient(path: path()).ask(request, for: type)
        } catch {
            for line in "\(error)".split(separator: "\n") { Console.complain(String(line)) }
            throw ExitCode(EndStatus.impossible.rawValue)
        }
    }

    private func path() throws -> String {
        if let socket { return socket }
        let configuration = try LoggingConfiguration(contentsOf: config ?? "")
        guard let control = configuration.control else { throw NoSocket(file: config ?? "") }
        return control.socket
    }

    private struct NoSocket: Error, CustomStringConvertible {
        let file: String
        var description: String { "\(file): there is no 'control.socket' in it" }
    }
    #else
    /// Says that the tool cannot.
    func ask<Answer: Decodable>(_ request: String, for type: Answer.Type = Answer.self) throws -> Answer {
        Console.complain("this needs the package's trait 'Configuration'")
        throw ExitCode(EndStatus.impossible.rawValue)
    }
    #endif
}
#endif
