public import TxaioLog

/// Writes events for machines: one JSON object a line, with typed values.
///
/// ```json
/// {"log_time":"2026-11-22T21:38:54.123456Z","log_level":"info","log_namespace":"MyService.Gateway",
///  "message":"Got 'pong' in 3.2 ms.","log_format":"Got '{result}' in {ms:.1f} ms.",
///  "log_seq":"00c0ffee00c0ffee-1-42","result":"pong","ms":3.2}
/// ```
///
/// (On one line.) ``JSONFormat`` renames the keys that every event has, or leaves them out; fields never overwrite them.
/// Values keep their types: integers of any size are numbers, `Duration` is a number of seconds, types with attributes are
/// objects, others their text. What JSON cannot say is text: `"nan"`, `"inf"`, `"-inf"`. Bytes are text, in which what is not
/// UTF-8 became U+FFFD. A line is valid JSON and valid UTF-8 whatever the event holds; a dictionary *within* a value that has
/// the same key twice keeps both.
///
/// Delivery is as for ``TextEmitter``: written before ``emit(_:)`` returns, bounded in time, lost events counted and told.
public final class JSONEmitter: LogEmitter {
    /// The name in rules and in the ledger.
    public let name: String
    private let renderer: JSONRenderer
    private let sink: LineSink
    private let pool = RenderPool()

    /// Writes to a stream.
    ///
    /// Where it is closed, every event is dropped as ``DropReason/sinkGone``.
    ///
    /// - Parameters:
    ///   - stream: Where lines go.
    ///   - name: The name in rules and in the ledger.
    ///   - format: The keys and the form of the time.
    ///   - wait: How long a line waits at most for room; it is lost afterwards.
    public init(
        to stream: LogStream = .standardOutput,
        name: String = "json",
        format: JSONFormat = JSONFormat(),
        waitingAtMost wait: Duration = TextEmitter.defaultWait
    ) {
        self.name = name
        renderer = JSONRenderer(format)
        sink = LineSink(stream, emitter: name, waitsAtMost: wait)
    }

    /// Appends to a file.
    ///
    /// - Parameters:
    ///   - file: Where lines go.
    ///   - name: The name in rules and in the ledger.
    ///   - format: The keys and the form of the time.
    ///   - wait: How long a line waits at most for room, where the path is that of a pipe.
    /// - Throws: ``LogFileError`` where the file cannot be opened.
    public init(
        to file: LogFile,
        name: String = "json",
        format: JSONFormat = JSONFormat(),
        waitingAtMost wait: Duration = TextEmitter.defaultWait
    ) throws(LogFileError) {
        self.name = name
        renderer = JSONRenderer(format)
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
