import TxaioEmitters
import TxaioLog

extension ShownEvent {
    /// The event of an entry of the journal; `nil` where another logger wrote it.
    ///
    /// The journal keeps values as text: what reads as a number, a truth value, a list or a map of JSON is one, unless the
    /// emitter noted that it is a text.
    /// Names are those of the logger, which ``JournaldEmitter`` keeps where they cannot be told.
    init?(journal entry: [(name: String, value: [UInt8])]) {
        func text(_ name: String) -> String? {
            entry.first { $0.name == name }.map { String(decoding: $0.value, as: UTF8.self) }
        }
        guard let level = text("TXAIO_LEVEL").flatMap({ LogLevel($0) }) else { return nil }
        self.init()
        self.level = level
        time = text("TXAIO_TIME").flatMap { Int64($0) }.map(Self.time) ?? ""
        namespace = text("TXAIO_NAMESPACE") ?? ""
        message = text("MESSAGE") ?? ""
        template = text("TXAIO_TEMPLATE")
        if let start = text("TXAIO_START"), let thread = text("TXAIO_THREAD"), let number = text("TXAIO_SEQ") {
            sequence = "\(start)-\(thread)-\(number)"
        }
        let names = entry.first { $0.name == "TXAIO_KEYS" }.flatMap { JSONTree($0.value) }
        let texts = Set((text("TXAIO_TEXTS") ?? "").utf8.split(separator: 0x2C).map { String(Substring($0)) })
        for field in entry where !Self.isOfEmitter(field.name) {
            let name = names?[field.name]?.text ?? field.name.lowercased()
            let isText = texts.contains(field.name)
            let value: JSONTree =
                isText ? .string(String(decoding: field.value, as: UTF8.self)) : Self.value(field.value)
            fields.append(.init(key: name, value: value))
        }
        // The order of the journal is no order.
        fields.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        if case .map(let more)? = entry.first(where: { $0.name == "TXAIO_MORE" }).flatMap({ JSONTree($0.value) }) {
            fields += more
        }
        if text("TXAIO_RECOVERED") != nil { fields.append(.init(key: "log_recovered", value: .bool(true))) }
        if text("TXAIO_MAYBE_REPEATED") != nil { fields.append(.init(key: "log_maybe_repeated", value: .bool(true))) }
        if text("TXAIO_CUT") != nil { fields.append(.init(key: "log_cut", value: .bool(true))) }
    }

    private static func time(_ microseconds: Int64) -> String {
        var buffer = ByteBuffer(capacity: 32)
        var timestamp = Timestamp()
        timestamp.append(microseconds.multipliedReportingOverflow(by: 1_000).partialValue, to: &buffer)
        return buffer.string()
    }

    private static func value(_ bytes: [UInt8]) -> JSONTree {
        switch JSONTree(bytes) {
        case nil, .string: .string(String(decoding: bytes, as: UTF8.self))
        case let value?: value
        }
    }

    /// Whether a field is the emitter's own, journald's, or somebody's in between.
    private static func isOfEmitter(_ name: String) -> Bool {
        ["MESSAGE", "MESSAGE_ID", "PRIORITY", "TID"].contains(name)
            || ["_", "TXAIO_", "CODE_", "SYSLOG_"].contains { name.hasPrefix($0) }
    }
}
