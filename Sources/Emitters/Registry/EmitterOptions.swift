internal import TxaioLog

/// The options that a configuration file gives one emitter, read strictly.
///
/// Read every option the emitter knows, then call ``finish()``: it throws one error that lists all faults, those of the
/// values read and every key that nobody asked for. Until then a reader that finds a fault notes it and returns a
/// stand-in, so that one run finds them all.
///
/// ```swift
/// try EmitterRegistry.register("kafka") { options in
///     let topic = options.string("topic")
///     let batch = options.int("batch", in: 1...10_000, default: 500)
///     try options.finish()
///     return KafkaEmitter(name: options.name, topic: topic, batch: batch)
/// }
/// ```
///
/// It knows nothing of YAML: who reads the file says where each value was written, and faults repeat it.
public struct EmitterOptions: Sendable {
    /// The name that the emitter must bear, in rules and in the ledger.
    public let name: String
    /// Where the emitter's block begins in the file, where that is known.
    public let position: OptionPosition?
    /// All entries, in the order written.
    public let entries: [OptionEntry]

    /// The name of the option that these lie in, with a dot behind it; empty at the top.
    private let prefix: String
    /// Keys asked for so far, which are the known ones.
    private var known: [String] = []
    private var knownInside: [String] = []
    private var faults: [EmitterOptionsError.Fault] = []

    /// Wraps the entries of an emitter's block, without those that the configuration itself reads.
    ///
    /// - Parameters:
    ///   - name: The emitter's name.
    ///   - entries: The entries, in the order written.
    ///   - position: Where the block begins.
    public init(name: String, _ entries: [OptionEntry] = [], at position: OptionPosition? = nil) {
        self.init(name: name, entries, at: position, prefix: "")
    }

    private init(name: String, _ entries: [OptionEntry], at position: OptionPosition?, prefix: String) {
        self.name = name
        self.position = position
        self.entries = entries
        self.prefix = prefix
    }

    // ------------------------------------------------------------------------------------------------ any value

    /// The value under a key, of whatever type; `nil` where the key is absent.
    ///
    /// The key counts as known.
    public mutating func value(_ key: String) -> OptionValue? {
        if !known.contains(key) { known.append(key) }
        return entries.first { $0.key == key }?.value
    }

    /// Notes a fault of one's own, at the place of the option's value: `'batch' must be even`.
    ///
    /// - Parameters:
    ///   - key: The option's name.
    ///   - message: What is wrong, without the place.
    ///   - code: What kind of fault it is.
    public mutating func fault(
        _ key: String,
        _ message: String,
        code: EmitterOptionsError.Code = .invalidValue,
        suggestion: String? = nil
    ) {
        let entry = entries.first { $0.key == key }
        faults.append(
            EmitterOptionsError.Fault(
                code,
                option: prefix + key,
                message: message,
                at: entry?.value.position ?? entry?.position ?? position,
                suggestion: suggestion
            )
        )
    }

    /// Every option asked for so far, those inside maps too: `keys`, `keys.log_time`.
    package var knownPaths: [String] { known.map { prefix + $0 } + knownInside }

    /// Throws all faults found, unknown and repeated keys among them; returns where there are none.
    public mutating func finish() throws(EmitterOptionsError) {
        noteKeys()
        if !faults.isEmpty { throw EmitterOptionsError(faults) }
    }

    /// Notes keys nobody asked for and keys that come twice.
    private mutating func noteKeys() {
        var seen: Set<String> = []
        for entry in entries {
            let place = entry.position ?? entry.value.position
            if !seen.insert(entry.key).inserted {
                note(.duplicateKey, entry.key, "key '\(prefix)\(entry.key)' is given twice", at: place)
            } else if !known.contains(entry.key) {
                let message = "unknown key '\(prefix)\(entry.key)'"
                let near = Suggestion.closest(to: entry.key, among: known)
                note(.unknownKey, entry.key, message, at: place, suggestion: near)
            }
        }
    }

    private mutating func note(
        _ code: EmitterOptionsError.Code,
        _ key: String,
        _ message: String,
        at place: OptionPosition?,
        suggestion: String? = nil
    ) {
        // A file of a hundred thousand unknown keys must not keep the reader busy for minutes.
        guard faults.count < EmitterOptionsError.maximumCount else { return }
        let fault = EmitterOptionsError.Fault(
            code,
            option: prefix + key,
            message: message,
            at: place ?? position,
            suggestion: suggestion
        )
        // Asked to finish twice, it says everything once.
        if !faults.contains(fault) { faults.append(fault) }
    }

    // ------------------------------------------------------------------------------------------------ typed values

    /// Reads a value that `convert` understands; notes a fault and gives `nil` where it does not.
    internal mutating func read<T>(_ key: String, as kind: String, _ convert: (OptionValue.Content) -> T?) -> T? {
        guard let value = value(key) else { return nil }
        if let converted = convert(value.content) { return converted }
        fault(key, "'\(prefix)\(key)' must be \(kind), not \(value.content.kind)", code: .wrongType)
        return nil
    }

    /// Notes that a key must be there, where it is not.
    internal mutating func require(_ key: String) {
        if value(key) == nil {
            note(.missing, key, "'\(prefix)\(key)' is missing", at: position)
        }
    }

    /// The name with those of the options it lies in, for messages.
    internal func path(_ key: String) -> String { prefix + key }

    /// Reads a map as options of their own, and notes its faults with these.
    ///
    /// An absent map reads as an empty one.
    ///
    /// ```swift
    /// let size = options.nested("rotate") { rotate in rotate.int("size", in: 1...1 << 40, default: 1 << 20) }
    /// ```
    public mutating func nested<T>(_ key: String, _ body: (inout EmitterOptions) -> T) -> T {
        let inside = read(key, as: "a map") { content -> [OptionEntry]? in
            if case .map(let entries) = content { entries } else { nil }
        }
        let place = value(key)?.position ?? position
        var inner = EmitterOptions(name: name, inside ?? [], at: place, prefix: "\(prefix)\(key).")
        let result = body(&inner)
        inner.noteKeys()
        knownInside += inner.knownPaths.filter { !knownInside.contains($0) }
        // A map that is no map has been told; what its contents lack follows from that.
        if inside != nil || value(key) == nil { faults += inner.faults }
        return result
    }
}
