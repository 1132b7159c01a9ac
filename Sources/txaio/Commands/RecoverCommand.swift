#if Tool
import ArgumentParser
import TxaioEmitters
import TxaioLog
import TxaioRecovery

/// `txaio recover`: what dead services left in their rings.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Writes out the events that dead processes left in their ring files, and removes the files.",
        discussion: """
            Each event has its own time and is marked as recovered; those that the process may have handed over before \
            it died, as possibly repeated. Files of living processes, and files that another process recovers, are passed \
            over; what is no ring file of this user's is left alone and named. A file is removed when all its events were \
            handed over; else the rest stays. Templates and names are read from the file of the program that died: where \
            it was deleted or replaced they read '(unresolved)'.

            \(EndStatus.description)
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable { case json, text }

    @Option(help: ArgumentHelp("The directory of ring files.", valueName: "directory"))
    var dir: String?

    @Option(help: "Only files of this service. By default those of all.")
    var service: String?

    @Option(help: "How events, or with --list files, are written to standard output: json or text.")
    var format: Format?

    @Option(help: ArgumentHelp("Hand events to the emitters of this configuration file instead.", valueName: "file"))
    var config: String?

    @Flag(name: [.long, .customLong("dry-run")], help: "Say what is there, and take nothing.")
    var list = false

    func validate() throws {
        if config != nil, format != nil {
            throw ValidationError("'--format' is for standard output, not for '--config'.")
        }
        if let service, !RingDirectory.isName(service) {
            throw ValidationError("'\(service)' is no name of a service: letters, digits, '.', '_' and '-'.")
        }
    }

    func run() throws {
        let target: RecoveryTarget
        do {
            target = try RecoveryTarget(config: config, service: service, directory: dir)
            if list { return try RingFileList(target).show(as: format ?? .text) }
        } catch let error as any CustomStringConvertible {
            throw Self.impossible("\(error)")
        }
        try recover(target)
    }

    private func recover(_ target: RecoveryTarget) throws {
        let report: RecoveryReport
        do {
            // A file that is no configuration, and an emitter that cannot be made, come before any event is taken.
            let session = try target.startLogging(format ?? .text)
            report = try Recovery.recover(of: target.service, directory: target.directory, into: session)
            session.shutdown()
        } catch let error as any CustomStringConvertible {
            throw Self.impossible("\(error)")
        }
        for refusal in report.refused { Console.complain(refusal.description) }
        if report.left > 0 {
            Console.complain("\(report.left) events were not taken by any emitter and stay for the next time")
        }
        Console.complain(Self.summary(report))
        if !report.refused.isEmpty || report.left > 0 { throw ExitCode(EndStatus.incomplete.rawValue) }
    }

    private static func summary(_ report: RecoveryReport) -> String {
        var text = "recovered \(report.recovered) events; \(report.files) files read and removed"
        if report.maybeRepeated > 0 { text += "; \(report.maybeRepeated) events may be repeated" }
        if report.skipped > 0 { text += "; \(report.skipped) records made no sense" }
        if report.unresolved > 0 { text += "; \(report.unresolved) names were not found" }
        return text
    }

    private static func impossible(_ why: String) -> ExitCode {
        Console.complain(why)
        return ExitCode(EndStatus.impossible.rawValue)
    }
}
#endif
