/// How JSON lines look: the names of the keys that are the same in every event, and the form of the time.
///
/// ```swift
/// var format = JSONFormat()
/// format.keys.time = "@timestamp"
/// format.keys.format = nil                // leave the template out
/// ```
public struct JSONFormat: Sendable, Hashable {
    /// The names of the injected keys.
    public var keys: JSONKeys
    /// The form of the time.
    public var time: JSONTime

    /// Chooses a format; the default is txaio's own.
    public init(keys: JSONKeys = JSONKeys(), time: JSONTime = .rfc3339) {
        self.keys = keys
        self.time = time
    }
}

/// The form of the time in JSON lines.
public struct JSONTime: Sendable, Hashable, CustomStringConvertible {
    /// The name in files: `rfc3339`, `epoch`.
    public let description: String
    private init(_ description: String) { self.description = description }

    /// A text: `"2026-11-22T21:38:54.123456Z"`.
    public static let rfc3339 = JSONTime("rfc3339")
    /// A number of seconds since 1970, with six decimals: `1795383534.123456`.
    public static let epoch = JSONTime("epoch")

    internal static let all = [rfc3339, epoch]
}

/// The names of the keys that every event has; `nil` leaves one out.
///
/// They come first, in this order, then the fields: the call's, the logger's, the scopes'. A key that is taken, by one of
/// these or by an earlier field, gets `data_` before it, again until it is free: a field can hide nothing. After 16 times
/// it is left out, and the event marked as cut.
public struct JSONKeys: Sendable, Hashable {
    /// When it happened; see ``JSONFormat/time``.
    public var time: String? = "log_time"
    /// The level's name in small letters.
    public var level: String? = "log_level"
    /// The logger's namespace.
    public var namespace: String? = "log_namespace"
    /// The rendered message.
    public var message: String? = "message"
    /// The template; absent where the event has none, or is text made at run time, which names no call site.
    public var format: String? = "log_format"
    /// What names the event: start id of the process in 16 hexadecimal digits, thread, sequence number on the thread.
    public var sequence: String? = "log_seq"
    /// `true` where values were cut at the record's limit, else absent.
    ///
    /// This and the two that follow come last.
    public var cut: String? = "log_cut"
    /// `true` where the event was found in the rings of a process that died, else absent.
    public var recovered: String? = "log_recovered"
    /// `true` where the process that died may have written the event already, else absent.
    public var repeated: String? = "log_maybe_repeated"

    /// The default names.
    public init() {}
}
