internal import TxaioLog

extension JournaldEmitter {
    /// Makes one from a file's options.
    ///
    /// - `transport`: `native` (the default) or `libsystemd`;
    /// - `identifier`: `SYSLOG_IDENTIFIER`, by default the program's name;
    /// - `socket`: where journald listens, with `native` only;
    /// - `priorities`: the `PRIORITY` of levels, `{info: 5}`;
    /// - `fields`: fields that every entry carries, `{SERVICE: orders}`;
    /// - `when_full`: `drop` (the default) or `wait`, and with that `wait`: how many seconds at most, 0 to 60, by default 0.1;
    ///   in queued delivery, where no caller waits, `drop` waits up to a second too;
    /// - `fallback`: `stderr` or `stdout`, which take events as text while there is no journald; by default none;
    /// - `when`: `always` (the default), or `stream`: only where standard error or output is journald's; elsewhere events go
    ///   as text to the fallback, by default standard error. Never to both, which would store each event twice.
    internal static func make(options: inout EmitterOptions) throws -> any LogEmitter {
        var settings = JournaldOptions()
        let transport = options.choice("transport", of: ["native", "libsystemd"], default: "native")
        if transport == "libsystemd" {
            settings.transport = .libsystemd
            #if !LibSystemd
            options.fault("transport", JournaldError.noLibSystemd.description, code: .unusable)
            #endif
        }
        settings.identifier = options.stringIfPresent("identifier")
        if let path = options.stringIfPresent("socket") {
            settings.socketPath = path
            if path.isEmpty || path.utf8.contains(0) { options.fault("socket", "'socket' is no path") }
            if transport == "libsystemd" { options.fault("socket", "'socket' goes with the transport 'native' only") }
        }
        settings.priorities = priorities(&options)
        settings.fields = fields(&options)
        let policy = options.choice("when_full", of: ["drop", "wait"], default: "drop")
        let wait = options.doubleIfPresent("wait", in: 0...60)
        if policy == "wait" {
            settings.whenFull = .wait(upTo: .seconds(wait ?? 0.1))
        } else if options.value("wait") != nil {
            options.fault("wait", "'wait' goes with 'when_full: wait'")
        }
        let fallback = options.choiceIfPresent("fallback", of: ["stderr", "stdout"])
        let condition = options.choice("when", of: ["always", "stream"], default: "always")
        try options.finish()

        let stream = fallback == "stdout" ? LogStream.standardOutput : .standardError
        if condition == "stream", !isStreamConnected { return TextEmitter(to: stream, name: options.name) }
        if let fallback { settings.fallback = TextEmitter(to: stream, name: fallback) }
        return try JournaldEmitter(name: options.name, options: settings)
    }

    private static func priorities(_ options: inout EmitterOptions) -> JournalPriorities {
        var unordered: [String] = []
        let priorities = options.nested("priorities") { inner in
            var priorities = JournalPriorities()
            var wanted: [(LogLevel, Int)] = []
            for level in LogLevel.allCases where level != .off {
                if let value = inner.intIfPresent(level.description, in: 0...7) { wanted.append((level, value)) }
            }
            for (level, value) in wanted { priorities[level] = value }
            unordered = wanted.filter { priorities[$0.0] != $0.1 }.map(\.0.description)
            return priorities
        }
        if !unordered.isEmpty {
            let names = unordered.joined(separator: ", ")
            options.fault("priorities", "'priorities' must not fall from a level to a more verbose one (\(names))")
        }
        return priorities
    }

    private static func fields(_ options: inout EmitterOptions) -> [(name: String, value: String)] {
        guard let value = options.value("fields") else { return [] }
        guard case .map(let entries) = value.content else {
            options.fault("fields", "'fields' must be a map, not \(value.content.kind)", code: .wrongType)
            return []
        }
        var fields: [(name: String, value: String)] = []
        for entry in entries {
            switch entry.value.content {
            case .string(let text): fields.append((entry.key, text))
            case .int(let number): fields.append((entry.key, "\(number)"))
            case .double(let number): fields.append((entry.key, "\(number)"))
            case .bool(let truth): fields.append((entry.key, "\(truth)"))
            case .null, .list, .map:
                let kind = entry.value.content.kind
                options.fault("fields", "'fields.\(entry.key)' must be a text, not \(kind)", code: .wrongType)
            }
        }
        return fields
    }
}
