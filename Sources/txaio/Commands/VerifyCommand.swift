#if Tool
import ArgumentParser

/// `txaio verify`: which events are missing, and which came twice.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Finds missing and doubled events by their numbers, in JSON lines or in the journal.",
        discussion: """
            Give all files of a log, rotated ones too: their order does not matter. A number is also missing where the \
            emitter's own level turned the event away, or where the event lies in a part that was not given. Before the \
            first number and behind the last nothing is known.
            Exit status: 0 nothing is missing or doubled; 1 something is; 2 there was no event with a number; 64 wrong usage.
            """
    )

    @OptionGroup var source: EventSource

    @Flag(help: "One JSON object for each thread of each run, each on a line.")
    var json = false

    func run() throws {
        var check = SequenceCheck()
        do {
            try source.read { event in
                if let event { check.take(event) } else { check.takeOther() }
            }
        } catch {
            Console.complain("\(error)")
            throw ExitCode(EndStatus.impossible.rawValue)
        }
        for thread in check.threads {
            if json { try Console.say(json: thread) } else { show(thread) }
        }
        if !json {
            let rest = check.unnumbered > 0 ? "; \(check.unnumbered) lines are no events with numbers" : ""
            Console.say("\(check.events) events, \(check.missing) missing, \(check.doubled) doubled\(rest)")
        }
        guard check.events > 0 else {
            Console.complain("no event with a number was there to be verified")
            throw ExitCode(EndStatus.impossible.rawValue)
        }
        if check.missing > 0 || check.doubled > 0 { throw ExitCode(EndStatus.incomplete.rawValue) }
    }

    /// More gaps than these are only counted.
    private static let shown = 10

    private func show(_ thread: SequenceCheck.Thread) {
        var line = "run \(thread.run), thread \(thread.thread): \(thread.first)-\(thread.last), \(thread.events) events"
        let gaps = thread.gaps
        if !gaps.isEmpty {
            let list = gaps.prefix(Self.shown).map { $0.from == $0.to ? "\($0.from)" : "\($0.from)-\($0.to)" }
            let rest = gaps.count > Self.shown ? " and \(gaps.count - Self.shown) more gaps" : ""
            line += "; missing \(thread.missing): \(list.joined(separator: ", "))\(rest)"
        }
        if thread.doubled > 0 { line += "; doubled \(thread.doubled)" }
        if thread.repeated > 0 { line += "; repeated, and marked so, \(thread.repeated)" }
        if thread.outOfOrder > 0 { line += "; out of order \(thread.outOfOrder)" }
        Console.say(line)
    }
}
#endif
