#if Tool
import ArgumentParser
import TxaioEmitters
import TxaioLog

/// `txaio view`: events for people, from files, standard input, or the journal.
struct ViewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "view",
        abstract: "Shows events of JSON lines, or of the journal.",
        discussion: """
            Without FILE it reads standard input; a name that ends in '.gz' is decompressed. Lines that are no events are \
            shown as they are, unless something is selected. Colour and width are the terminal's.
            """
    )

    @OptionGroup var source: EventSource

    @Option(help: ArgumentHelp("What is shown, as 'warn,Gateway=debug'.", valueName: "rules"))
    var levels: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp(
            "What a field must hold, as 'request_id=abc' or 'user.id=7'; all must hold.",
            valueName: "name=value"
        )
    )
    var conditions: [String] = []

    @Flag(name: .shortAndLong, help: "Goes on as more comes, through rotations.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Only so many of the last events.", valueName: "count")
    )
    var lines: Int?

    @Flag(help: "Writes each event as a line of JSON.")
    var json = false

    @Option(
        help: ArgumentHelp("auto, always or never.", valueName: "when"),
        completion: .list(["auto", "always", "never"])
    )
    var color = "auto"

    func validate() throws {
        do {
            _ = try EventSelection(rules: levels, conditions: conditions)
        } catch {
            throw ValidationError("\(error)")
        }
        if !(0...Self.mostLines).contains(lines ?? 0) {
            throw ValidationError("'--lines' lies between 0 and \(Self.mostLines)")
        }
        if colour == nil { throw ValidationError("'--color' is auto, always or never") }
    }

    /// They are kept in memory.
    private static let mostLines = 1_000_000

    private var colour: ColourChoice? {
        switch color {
        case "auto": .automatic
        case "always": .always
        case "never": .never
        default: nil
        }
    }

    func run() throws {
        let isColoured = colour?.isOn(terminal: SystemCall.isTerminal(1), environment: Platform.environment) ?? false
        var view = EventView(
            selection: try EventSelection(rules: levels, conditions: conditions),
            printer: EventPrinter(isColoured: isColoured, width: Console.width),
            isJSON: json,
            last: lines
        )
        do {
            try source.read(follow: follow, atRest: { try view.finish() }, take: { try view.take($0, $1) })
            try view.finish()
        } catch EventOutput.End.closed {
            // Who read it has had enough.
            return
        } catch EventOutput.End.failed(let error) {
            Console.complain("cannot write: \(Platform.text(ofError: error))")
            throw ExitCode(EndStatus.incomplete.rawValue)
        } catch {
            try? view.finish()
            Console.complain("\(error)")
            throw ExitCode(EndStatus.impossible.rawValue)
        }
    }
}

/// Selects, and shows.
private struct EventView: ~Copyable {
    private let selection: EventSelection
    private let printer: EventPrinter
    private let isJSON: Bool
    private let isTerminal = SystemCall.isTerminal(1)
    /// How many are shown of those up to the end; the last of them.
    private var last: Int?
    private var kept: [[String]] = []
    private var output = EventOutput()

    init(selection: EventSelection, printer: EventPrinter, isJSON: Bool, last: Int?) {
        self.selection = selection
        self.printer = printer
        self.isJSON = isJSON
        self.last = last
    }

    mutating func take(_ event: ShownEvent?, _ line: ArraySlice<UInt8>?) throws {
        if let event {
            guard selection.takes(event) else { return }
            guard isJSON else { return try put(printer.lines(of: event)) }
            guard let line else { return try put([event.json]) }
            let text = String(decoding: line, as: UTF8.self)
            try put([isTerminal ? Self.harmless(text) : text])
        } else if let line, !line.isEmpty, selection.isEverything, !isJSON {
            try put(printer.lines(ofOther: String(decoding: line, as: UTF8.self)))
        }
    }

    /// A line of JSON without what a terminal would obey, which stands in texts only.
    private static func harmless(_ line: String) -> String {
        guard line.unicodeScalars.contains(where: { (0x7F...0x9F).contains($0.value) }) else { return line }
        return line.unicodeScalars.reduce(into: "") { shown, scalar in
            let isControl = (0x7F...0x9F).contains(scalar.value)
            shown += isControl ? "\\u00" + String(scalar.value, radix: 16) : String(scalar)
        }
    }

    private mutating func put(_ lines: [String]) throws {
        guard let last else {
            for line in lines { try output.put(line) }
            return
        }
        kept.append(lines)
        // Not at each: that would move all of them.
        if kept.count > 2 * last + 64 { kept.removeFirst(kept.count - last) }
    }

    /// Shows what waits; what comes later is shown at once.
    mutating func finish() throws {
        if let count = last {
            last = nil
            for lines in kept.suffix(count) { for line in lines { try output.put(line) } }
            kept = []
        }
        try output.flush()
    }
}
#endif
