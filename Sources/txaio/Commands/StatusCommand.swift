#if Tool
import ArgumentParser
import TxaioConfiguration

/// `txaio status`: what became of every event of a running service.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows what became of the events of a running service, and which configuration is in force.",
        discussion: EndStatus.description
    )

    @Flag(help: "One JSON object on a line.")
    var json = false

    @OptionGroup var service: RunningService

    func run() throws {
        let status = try service.ask("status", for: ControlAnswers.Status.self)
        if json { return try Console.say(json: status) }
        Console.say("\(status.program), process \(status.process), \(status.delivery) delivery")
        let place = status.configuration.map { " of \($0)" } ?? ""
        Console.say("configuration  generation \(status.generation)\(place)")
        for line in (status.lastError ?? "").split(separator: "\n") { Console.say("refused        \(line)") }
        Console.say(
            """
            events         offered \(status.offered), delivered \(status.delivered), recovered \(status.recovered), \
            waiting \(status.waiting), refused \(status.refused), dropped \(status.dropped)
            """
        )
        if !status.suppressed.isEmpty {
            let parts = status.suppressed.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
            Console.say("noise          held back \(parts.joined(separator: ", "))")
        }
        let recorded = status.recorded
        if recorded.kept > 0 {
            Console.say(
                """
                recorder       kept \(recorded.kept), written \(recorded.written), lost \(recorded.lost), \
                discarded \(recorded.discarded), held \(recorded.held)
                """
            )
        }
        for emitter in status.emitters { show(emitter, "") }
        for emitter in status.retired { show(emitter, " (retired)") }
    }

    private func show(_ emitter: ControlAnswers.Emitter, _ state: String) {
        let lost = emitter.dropped.sorted { $0.key < $1.key }.map { "\($0.value) by \($0.key)" }
        Console.say(
            """
            \(emitter.name)\(state): accepted \(emitter.accepted), handed over \(emitter.handedOver), \
            in flight \(emitter.inFlight), filtered \(emitter.filtered), refused \(emitter.refused), \
            dropped \(lost.isEmpty ? "0" : lost.joined(separator: ", "))
            """
        )
    }
}
#endif
