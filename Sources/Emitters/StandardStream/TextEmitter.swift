public import TxaioLog

/// Writes events for people: one line each, in colour where the stream is a terminal.
///
/// ```
/// 2026-11-22T21:38:54.123456Z INFO  MyService.Gateway  Got 'pong' in 3.2 ms.  requestID=f3a9 user="Ada Lovelace"
/// ```
///
/// The time is UTC with microseconds. Fields that the template does not name follow the message as logfmt: arrays and
/// dictionaries in it are JSON. Whatever events hold, one event is one line: control characters, line ends and marks that
/// reorder text are written as escapes like `\n` and `\u001b`, and bytes that are not UTF-8 as U+FFFD.
///
/// ## Delivery
/// A line is written before ``emit(_:)`` returns, with one system call where the sink takes it whole. Where it has no room
/// (a pipe nobody reads) a line waits at most ``defaultWait``, then it is dropped, and so is every later one that finds no
/// room at once. Lost events are counted by reason, and told once on standard error. A broken pipe or a full disk never
/// ends the process, and what comes after the trouble is written again.
public final class TextEmitter: LogEmitter {
    /// How long a line waits for room by default: one second.
    public static let defaultWait: Duration = .seconds(1)

    /// The name in rules and in the ledger.
    public let name: String
    private let renderer: TextRenderer
    private let sink: LineSink
    private let pool = RenderPool()

    /// Writes to a stream.
    ///
    /// Where it is closed, every event is dropped as ``DropReason/sinkGone``.
    ///
    /// - Parameters:
    ///   - stream: Where lines go.
    ///   - name: The name in rules and in the ledger.
    ///   - colour: Whether lines are coloured.
    ///   - wait: How long a line waits at most for room; it is lost afterwards.
    public init(
        to stream: LogStream = .standardOutput,
        name: String = "text",
        colour: ColourChoice = .automatic,
        waitingAtMost wait: Duration = defaultWait
    ) {
        self.name = name
        let isTerminal = SystemCall.isTerminal(stream.descriptor)
        renderer = TextRenderer(isColoured: colour.isOn(terminal: isTerminal, environment: Platform.environment))
        sink = LineSink(stream, emitter: name, waitsAtMost: wait)
    }

    /// Appends to a file; without colours, unless they are asked for.
    ///
    /// - Parameters:
    ///   - file: Where lines go.
    ///   - name: The name in rules and in the ledger.
    ///   - colour: Whether lines are coloured.
    ///   - wait: How long a line waits at most for room, where the path is that of a pipe.
    /// - Throws: ``LogFileError`` where the file cannot be opened.
    public init(
        to file: LogFile,
        name: String = "text",
        colour: ColourChoice = .never,
        waitingAtMost wait: Duration = defaultWait
    ) throws(LogFileError) {
        self.name = name
        renderer = TextRenderer(isColoured: colour.isOn(terminal: false, environment: Platform.environment))
        sink = try LineSink(file, emitter: name, waitsAtMost: wait)
    }

    /// Writes the event's line; in a batch keeps it until that ends, or until 256 KiB are kept.
    public func emit(_ event: borrowing LogEvent) -> Acceptance {
        pool.withWorkspace { workspace in
            renderer.render(event, with: &workspace)
            return event.isBatched
                ? sink.keep(workspace.line, at: event.time)
                : sink.write(workspace.line, at: event.time)
        }
    }

    /// True.
    public var takesBatches: Bool { true }

    /// Writes the lines of a batch together.
    public func endBatch() { sink.writeKept() }

    /// Takes the ledger in which lines of batches are reported.
    public func attach(to ledger: EmitterLedger) { sink.attach(to: ledger) }

    /// Writes what is kept of a batch.
    ///
    /// Waits for the disk where ``LogFile/synchronisesOnFlush`` asks for it, whatever the deadline.
    public func flush(until deadline: Deadline) -> Bool { sink.flush() }

    /// Lets go of the stream or file.
    public func close(until deadline: Deadline) { sink.close() }
}
