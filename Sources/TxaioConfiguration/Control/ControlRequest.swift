#if Configuration
internal import TxaioLog

/// What a client of the control socket asks for, as one line: a word and what belongs to it.
internal enum ControlRequest: Sendable, Hashable {
    /// `status`
    case status
    /// `level`: which levels are in force, and whose they are
    case levels
    /// `level Gateway=trace for 10m`
    case set(String)
    /// `reset`: temporary levels are taken back
    case reset
    /// `reload`: the file is read now
    case reload
    /// `flush`, `flush 2s`
    case flush(Duration)
    /// `explain NAMESPACE LEVEL`
    case explain(namespace: String, level: LogLevel)

    /// Why a line is no request.
    internal struct Fault: Error, Sendable, Hashable {
        internal let message: String
        internal init(_ message: String) { self.message = message }
    }

    private static let words = ["status", "level", "reset", "reload", "flush", "explain"]
    /// A flush holds up other requests.
    private static let longestFlush = Duration.seconds(10)

    internal init(parsing line: String) throws(Fault) {
        let parts = line.utf8.split(maxSplits: 1) { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }
        guard let word = parts.first else { throw Fault("a request is missing") }
        let rest = parts.count > 1 ? Self.trimmed(parts[1]) : ""
        switch word {
        case "status": self = .status
        case "level": self = rest.isEmpty ? .levels : .set(rest)
        case "reset": self = .reset
        case "reload": self = .reload
        case "flush": self = .flush(try Self.limit(rest))
        case "explain": self = try Self.explain(rest)
        default:
            let hint = Suggestion.hint(for: word, among: Self.words)
            throw Fault("unknown request \(Quotation.of(word))\(hint)")
        }
        if !rest.isEmpty, ["status", "reset", "reload"].contains(word) {
            throw Fault("'\(word)' takes nothing more, unlike \(Quotation.of(rest))")
        }
    }

    private static func trimmed(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        let bytes = Array(text.utf8)
        guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: bytes[first...last], as: UTF8.self)
    }

    private static func limit(_ text: String) throws(Fault) -> Duration {
        if text.isEmpty { return .seconds(5) }
        do {
            return min(try TimeSpan.read(text), longestFlush)
        } catch {
            throw Fault(error.description)
        }
    }

    private static func explain(_ text: String) throws(Fault) -> ControlRequest {
        let parts = text.utf8.split { $0 == 0x20 || $0 == 0x09 }.map { String(Substring($0)) }
        guard parts.count == 2 else { throw Fault("'explain' takes a namespace and a level") }
        guard let level = LogLevel(parts[1]), level != .off else {
            let near = LogLevel.suggestion(for: parts[1])?.description
            throw Fault("unknown level \(Quotation.of(parts[1]))\(Suggestion.hint(near))")
        }
        return .explain(namespace: parts[0], level: level)
    }
}
#endif
