package import TxaioLog

/// The few styles in which events are shown to people, as terminals know them.
package struct TextStyle: Sendable {
    package let code: StaticString

    package static let plain = TextStyle(code: "\u{1B}[0m")
    package static let faint = TextStyle(code: "\u{1B}[2m")
    package static let cyan = TextStyle(code: "\u{1B}[36m")

    private init(code: StaticString) { self.code = code }

    /// That of a level's name.
    package init(_ level: LogLevel) {
        switch level {
        case .off, .critical: code = "\u{1B}[1;97;41m"
        case .error: code = "\u{1B}[1;31m"
        case .warn: code = "\u{1B}[33m"
        case .info: code = "\u{1B}[32m"
        case .debug: code = "\u{1B}[34m"
        case .trace: code = "\u{1B}[2m"
        }
    }
}

extension LogLevel {
    /// The level's name in five columns.
    package var columns: StaticString {
        switch self {
        case .off, .critical: "CRIT "
        case .error: "ERROR"
        case .warn: "WARN "
        case .info: "INFO "
        case .debug: "DEBUG"
        case .trace: "TRACE"
        }
    }
}
