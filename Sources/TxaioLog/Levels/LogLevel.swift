/// How much an event matters, and how much a logger lets pass.
///
/// As a threshold a level lets itself and all more important ones pass: `off < critical < error < warn < info < debug <
/// trace`. The names are txaio's; `off` is spelled `none` in text, since `.none` on an optional level means `nil`.
@frozen
public enum LogLevel: UInt8, Sendable, Hashable, Comparable, CaseIterable {
    /// Nothing passes. A threshold only: an event never has this level. Written `none`.
    case off = 0
    /// The service cannot go on, or lost something it must not lose.
    case critical = 1
    /// An operation failed.
    case error = 2
    /// Something is wrong, and was dealt with.
    case warn = 3
    /// The normal course of events. The default threshold.
    case info = 4
    /// For those who work on the code.
    case debug = 5
    /// Every step.
    case trace = 6

    /// Compares by verbosity: `off` is least, `trace` most.
    @inlinable @inline(__always)
    public static func < (lhs: LogLevel, rhs: LogLevel) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The name in texts, files and events: `none`, `critical`, `error`, `warn`, `info`, `debug`, `trace`.
    public var name: StaticString {
        switch self {
        case .off: "none"
        case .critical: "critical"
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        case .trace: "trace"
        }
    }

    /// Reads a level's name, exactly as ``name`` spells it.
    ///
    /// - Throws: ``InvalidLogLevel``, whose text lists the valid names.
    public init(parsing text: some StringProtocol) throws(InvalidLogLevel) {
        for level in Self.allCases where level.description.utf8.elementsEqual(text.utf8) {
            self = level
            return
        }
        throw InvalidLogLevel(text: String(text))
    }
}

extension LogLevel {
    /// The level of a number, as `init(rawValue:)` has it, in place.
    @inline(__always)
    internal init(record number: UInt8, else other: LogLevel) {
        // The numbers are those of the cases, without a gap.
        self = number <= LogLevel.trace.rawValue ? unsafeBitCast(number, to: LogLevel.self) : other
    }

    /// So many levels more verbose, from critical to trace; `off` stays.
    internal func shifted(by steps: Int) -> LogLevel {
        guard self != .off else { return .off }
        let raw = Int(rawValue) + min(max(steps, -6), 6)
        return LogLevel(rawValue: UInt8(min(max(raw, 1), 6))) ?? self
    }
}

extension LogLevel: CustomStringConvertible, LosslessStringConvertible {
    /// The same text as ``name``.
    public var description: String { name.description }

    /// Reads a level's name; `nil` where it is none of the seven.
    public init?(_ description: String) {
        guard let level = try? LogLevel(parsing: description) else { return nil }
        self = level
    }
}

/// The error of a level name that does not exist.
///
/// Mirrors txaio's text.
public struct InvalidLogLevel: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was found in place of a level's name.
    public let text: String

    /// `Invalid log level 'foo'; valid are: none, critical, error, warn, info, debug, trace`.
    public var description: String {
        let names = LogLevel.allCases.map(\.description).joined(separator: ", ")
        return "Invalid log level '\(text)'; valid are: \(names)"
    }
}
