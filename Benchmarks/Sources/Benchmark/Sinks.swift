import CBench
import TxaioEmitters
import TxaioLog

/// Renders a line of JSON, looks at its length and its ends, and forgets it.
final class DiscardingJSON: LogEmitter {
    let name = "discard"
    private let lines: JSONLines

    init(_ format: JSONFormat) { lines = JSONLines(format) }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        lines.withLine(of: event, discard)
        return .handedOver
    }
}

/// The same with a line for people.
final class DiscardingText: LogEmitter {
    let name = "discard"
    private let lines = TextLines()

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        lines.withLine(of: event, discard)
        return .handedOver
    }
}

/// Keeps the latest line.
final class KeepingLine: LogEmitter, @unchecked Sendable {
    let name = "keep"
    private let json: JSONLines?
    private let text = TextLines()
    private var line: [UInt8] = []

    private init(_ format: JSONFormat?) { json = format.map { JSONLines($0) } }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        if let json {
            json.withLine(of: event) { line = Array($0) }
        } else {
            text.withLine(of: event) { line = Array($0) }
        }
        return .handedOver
    }

    /// The line of an event, as JSON or for people: what a bare write has to carry to be compared.
    static func ofEvent(_ format: JSONFormat?) throws -> [UInt8] {
        let emitter = KeepingLine(format)
        try logging(to: emitter) { log, _ in logTuples(log, 42) }
        return emitter.line
    }
}

private func discard(_ line: UnsafeRawBufferPointer) {
    var seen = line.count
    if let first = line.first, let last = line.last { seen ^= Int(first) ^ Int(last) << 8 }
    withUnsafePointer(to: &seen) { bench_use($0) }
}

/// The default keys without `log_format` and `log_seq`, which the peers' lines have not.
func peersFormat() -> JSONFormat {
    var format = JSONFormat()
    format.keys.format = nil
    format.keys.sequence = nil
    return format
}

/// A queue in which callers wait for room, so that nothing is lost and all is measured.
func waitingQueue() -> LogDelivery {
    var options = QueueOptions()
    options.overflow = .block(upTo: .seconds(60))
    options.errorOverflow = options.overflow
    return .queued(options)
}

/// Runs `body` while events go to an emitter; then all of them are delivered.
@inline(__always)
func logging(
    to emitter: any LogEmitter,
    _ delivery: LogDelivery = .direct,
    _ body: (TxaioLogger, LoggingSession) -> Void
) throws {
    let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(emitter)], delivery: delivery))
    body(makeLogger("bench.orders"), session)
    session.shutdown(within: .seconds(60))
}
