import TxaioEmitters
import TxaioLog

/// An event as it was read, from wherever.
struct ShownEvent: Sendable {
    /// RFC 3339, as the event has it.
    var time = ""
    var level: LogLevel?
    var namespace = ""
    var message = ""
    var template: String?
    /// Run, thread and number: what names the event.
    var sequence: String?
    /// What the caller gave, and the loggers and scopes.
    var fields: [JSONTree.Entry] = []

    /// The event of a line of JSON; `nil` where the line is none.
    init?(json line: some Collection<UInt8>) {
        guard case .map(let entries)? = JSONTree(line) else { return nil }
        for entry in entries {
            switch entry.key {
            case "log_time": time = entry.value.text
            case "log_level": level = LogLevel(entry.value.text)
            case "log_namespace": namespace = entry.value.text
            case "message": message = entry.value.text
            case "log_format": template = entry.value.text
            case "log_seq": sequence = entry.value.text
            default: fields.append(entry)
            }
        }
        // Somebody else's JSON is no event.
        guard level != nil else { return nil }
    }

    init() {}

    /// As one line of JSON, in the order of the emitter.
    var json: String {
        var entries: [JSONTree.Entry] = [
            .init(key: "log_time", value: .string(time)),
            .init(key: "log_level", value: .string(level?.description ?? "")),
            .init(key: "log_namespace", value: .string(namespace)),
            .init(key: "message", value: .string(message)),
        ]
        if let template { entries.append(.init(key: "log_format", value: .string(template))) }
        if let sequence { entries.append(.init(key: "log_seq", value: .string(sequence))) }
        return JSONTree.map(entries + fields).json
    }

    /// What stands under a name, injected ones included.
    func value(_ name: String) -> JSONTree? {
        switch name {
        case "log_time": .string(time)
        case "log_level": level.map { .string($0.description) }
        case "log_namespace": .string(namespace)
        case "message": .string(message)
        case "log_format": template.map { .string($0) }
        case "log_seq": sequence.map { .string($0) }
        default: fields.last { $0.key == name }?.value ?? part(name)
        }
    }

    /// `user.id` where the event has `user` with an `id` in it.
    private func part(_ path: String) -> JSONTree? {
        let parts = path.split(separator: ".").map(String.init)
        guard let first = parts.first, parts.count > 1 else { return nil }
        var found = fields.last { $0.key == first }?.value
        for part in parts.dropFirst() { found = found?[part] }
        return found
    }
}
