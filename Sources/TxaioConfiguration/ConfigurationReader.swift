#if Configuration
internal import TxaioEmitters
internal import TxaioLog

/// Understands the values of a configuration file.
///
/// Total: what it cannot understand becomes a fault, and the rest is read.
package struct ConfigurationReader {
    /// What is wrong, but for emitters' own options.
    internal private(set) var faults: [ConfigurationError.Fault]
    private var top: EmitterOptions

    private var root = LogLevel.info
    private var rules: [LevelRule] = []
    private var emitters: [LoggingConfiguration.Emitter] = []

    /// The version of the file's form.
    private static let version: Int64 = 1
    private static let emitterLimit = 16
    /// What the configuration itself reads of an emitter; the rest are the emitter's options.
    package static let emitterKeys = ["type", "level", "levels"]

    internal init(_ tree: ConfigurationTree) {
        faults = tree.faults
        top = EmitterOptions(name: "", tree.entries, at: tree.position)
    }

    /// Every key that a file may have at its top, those inside `limits` too.
    package static var knownKeys: [String] {
        guard let tree = try? ConfigurationTree("version: 1") else { return [] }
        var reader = ConfigurationReader(tree)
        _ = reader.read()
        return reader.top.knownPaths
    }

    internal mutating func read() -> LoggingConfiguration {
        // Of a file that is no mapping nothing more is to be said.
        guard top.position != nil, faults.isEmpty || !top.entries.isEmpty else {
            return LoggingConfiguration(emitters: [])
        }
        readVersion()
        if let value = top.value("level"), let level = level(value) { root = level }
        readLevels(top.value("levels"))
        readEmitters()
        let recordLimit = top.nested("limits") { limits in
            limits.size("record", in: LoggingSetup.recordLimits, default: 4 << 20)
        }
        let following = top.nested("reload") { LoggingConfiguration.Following(&$0) }
        let control = top.nested("control") { LoggingConfiguration.Control(&$0) }
        let noise = top.nested("noise") { NoiseReading.rules(&$0) }
        let scoped = top.nested("when") { ScopedReading.levels(&$0) }
        let recorder = RecorderReading.recorder(&top)
        let queue = readDelivery()
        do {
            try top.finish()
        } catch {
            faults += error.faults.map { ConfigurationError.Fault($0) }
        }
        let rules = checkedRules()
        return LoggingConfiguration(
            emitters: emitters,
            rules: rules,
            queue: queue,
            recordLimit: recordLimit,
            following: following,
            control: control,
            noise: noise,
            scoped: scoped,
            recorder: recorder
        )
    }

    // ------------------------------------------------------------------------------------------------ the small keys

    private mutating func readVersion() {
        guard let value = top.value("version") else {
            return note("'version' is missing; write 'version: \(Self.version)'", top.position)
        }
        if case .int(Self.version) = value.content { return }
        note("'version' must be \(Self.version), not \(Self.shown(value.content))", value.position)
    }

    /// The queue, where delivery is queued.
    private mutating func readDelivery() -> LoggingConfiguration.Queue? {
        var queue = top.nested("queue") { LoggingConfiguration.Queue(&$0) }
        guard let value = top.value("delivery") else {
            noteNeedlessQueue()
            return nil
        }
        switch value.content {
        case .string("direct"):
            noteNeedlessQueue()
        case .string("queued"):
            if top.value("queue") == nil { queue.position = value.position }
            return queue
        case .string(let text):
            let near = Suggestion.closest(to: text, among: ["direct", "queued"])
            let message = "unknown delivery \(Quotation.of(text)) (valid are: direct, queued)"
            note(message, value.position, suggestion: near)
        default:
            note("'delivery' must be 'direct' or 'queued', not \(Self.shown(value.content))", value.position)
        }
        return nil
    }

    private mutating func noteNeedlessQueue() {
        guard let entry = top.entries.first(where: { $0.key == "queue" }) else { return }
        note("'queue' goes with 'delivery: queued'", entry.position)
    }

    // ------------------------------------------------------------------------------------------------ levels

    private mutating func level(_ value: OptionValue) -> LogLevel? {
        switch value.content {
        case .null:
            note("a level is missing", value.position)
        case .string(let text):
            if let level = LogLevel(text) { return level }
            unknownLevel(text, value)
        case .bool(let truth):
            unknownLevel(truth ? "true" : "false", value)
        default:
            note("a level must be a name, not \(Self.shown(value.content))", value.position)
        }
        return nil
    }

    private mutating func unknownLevel(_ text: String, _ value: OptionValue) {
        let near = LogLevel.suggestion(for: text)?.description
        note("unknown level \(Quotation.of(text))", value.position, suggestion: near)
    }

    /// Reads a mapping of patterns to levels; none may exceed `cap`, which would cut it off in silence.
    private mutating func readLevels(_ value: OptionValue?, emitter: String? = nil, cap: LogLevel = .trace) {
        guard let value else { return }
        guard case .map(let entries) = value.content else {
            return note("'levels' must map patterns to levels, not be \(Self.shown(value.content))", value.position)
        }
        for entry in entries {
            let level = level(entry.value)
            if let level, level > cap {
                note("level '\(level)' is beyond the emitter's 'level', which is '\(cap)'", entry.value.position)
            }
            do {
                let rule = try LevelRule(emitter: emitter, pattern: entry.key, level: level ?? .info)
                if rule.pattern.isEmpty, emitter == nil {
                    let key = Quotation.of(entry.key)
                    note("\(key) is every namespace, for which 'level' stands beside 'levels'", entry.position)
                } else if level != nil {
                    rules.append(rule)
                }
            } catch {
                let isForEmitter = entry.key.utf8.contains(UInt8(ascii: ":"))
                let hint = isForEmitter ? "; what is for one emitter stands in its own 'levels'" : ""
                for fault in error.faults {
                    note(fault.message + hint, entry.position, suggestion: fault.suggestion)
                }
            }
        }
    }

    private mutating func checkedRules() -> LevelRules {
        do {
            return try LevelRules(root: root, rules: rules)
        } catch {
            for fault in error.faults { note(fault.message, nil) }
            return LevelRules(root: root)
        }
    }

    // ------------------------------------------------------------------------------------------------ emitters

    private mutating func readEmitters() {
        guard let value = top.value("emitters") else {
            return note("'emitters' is missing: without one nothing is written", top.position)
        }
        guard case .map(let entries) = value.content else {
            let found = Self.shown(value.content)
            return note("'emitters' must map names to emitters, not be \(found)", value.position)
        }
        if entries.isEmpty { note("'emitters' is empty: without one nothing is written", value.position) }
        if entries.count > Self.emitterLimit {
            note("at most \(Self.emitterLimit) emitters can be used at once", entries[Self.emitterLimit].position)
        }
        for entry in entries.prefix(Self.emitterLimit) { readEmitter(entry) }
    }

    private mutating func readEmitter(_ entry: OptionEntry) {
        let name = entry.key
        do {
            _ = try LevelRule(emitter: name, pattern: "*", level: .info)
        } catch {
            for fault in error.faults { note(fault.message, entry.position) }
            return
        }
        guard case .map(let options) = entry.value.content else {
            let found = Self.shown(entry.value.content)
            return note("emitter '\(name)' must be a mapping with a 'type', not \(found)", entry.value.position)
        }
        func option(_ key: String) -> OptionValue? { options.first { $0.key == key }?.value }

        var level = LogLevel.trace
        if let value = option("level"), let given = self.level(value) { level = given }
        readLevels(option("levels"), emitter: name, cap: level)

        guard let type = option("type") else {
            let near = Suggestion.closest(to: "type", among: options.map(\.key))
            let instead = near.map { "; it has '\($0)'" } ?? ""
            return note("emitter '\(name)' has no 'type'\(instead)", entry.position)
        }
        guard case .string(let typeName) = type.content else {
            return note("'type' must be a name, not \(Self.shown(type.content))", type.position)
        }
        var emitter = LoggingConfiguration.Emitter(name, type: typeName, level: level)
        emitter.options = options.filter { !Self.emitterKeys.contains($0.key) }
        emitter.position = entry.position
        emitter.typePosition = type.position
        emitters.append(emitter)
    }

    // ------------------------------------------------------------------------------------------------ faults

    private mutating func note(_ message: String, _ position: OptionPosition?, suggestion: String? = nil) {
        faults.append(.init(message, at: position, suggestion: suggestion))
    }

    /// A value in a message.
    private static func shown(_ content: OptionValue.Content) -> String {
        switch content {
        case .null: "empty"
        case .bool(let truth): truth ? "true" : "false"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): Quotation.of(text)
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}
#endif
