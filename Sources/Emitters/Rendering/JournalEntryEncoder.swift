package import TxaioLog

/// Writes an event as one entry of the journal, in one pass, into memory that it keeps.
///
/// The fields of the emitter come first, so that no value displaces them; the event's values follow as fields of
/// their own (``JournalFieldName``). Strings and ``LogBytes`` are stored byte for byte, numbers and truth values as
/// text, errors and other objects as their text, what has parts as compact JSON. When warm it allocates nothing.
package struct JournalEntryEncoder: ~Copyable {
    /// How a field is laid out.
    package enum Form: Sendable {
        /// As the native protocol has it: `NAME=value` LF, or name, LF, 64-bit length, value, LF where the value has
        /// a LF.
        case framed
        /// `NAME=value` with nothing between the fields: ``ends`` says where each ends. For `sd_journal_sendv`.
        case pairs
    }

    /// The entry, behind those that are kept.
    private var bytes = ByteBuffer(capacity: 4096)
    /// Where the entry begins.
    private var start = 0
    /// Where each field ends, in the form `pairs`.
    private var ends: [Int] = []

    private let form: Form
    private var name = JournalFieldName()
    private var keys = ByteBuffer(capacity: 256)
    private var origins = JournalOrigins()
    /// Whose reserved names are known.
    private var knownPlan: JournalEntryPlan?
    /// Values are cut at this length.
    private var valueLimit = Int.max
    private var valueStart = 0
    private var spent = 0

    package init(form: Form) {
        self.form = form
        ends.reserveCapacity(form == .pairs ? 1100 : 0)
    }

    /// How many bytes the entry has.
    package var count: Int { bytes.count - start }
    /// How many fields it has, in the form `pairs`.
    package var fieldCount: Int { ends.count }

    /// Lets `body` read the entry.
    package borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = start
        return bytes.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Keeps the entry: the next one is written behind it.
    ///
    /// For the form `framed`.
    ///
    /// - Returns: Where it ends.
    package mutating func keep() -> Int {
        start = bytes.count
        return start
    }

    /// How many bytes the kept entries have.
    package var keptCount: Int { start }

    /// Lets `body` read the kept entries.
    package borrowing func withKept<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = start
        return bytes.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<start])) }
    }

    /// Forgets the kept entries, and the one behind them.
    package mutating func removeKept() {
        start = 0
        bytes.removeAll()
    }

    /// Lets `body` read the entry, and where each field ends, in the form `pairs`.
    package borrowing func withFields<R>(_ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<Int>) -> R) -> R {
        bytes.withBytes { bytes in ends.withUnsafeBufferPointer { body(bytes, $0) } }
    }

    // ------------------------------------------------------------------------------------------------ an event

    /// Writes an event over what was written before.
    ///
    /// - Parameters:
    ///   - plan: What all entries have in common.
    ///   - valueLimit: Where to cut values, when the whole is too much.
    ///   - fullSize: How many bytes the uncut entry has, where this one is cut.
    package mutating func encode(
        _ event: borrowing LogEvent,
        plan: JournalEntryPlan,
        valueLimit: Int = .max,
        fullSize: Int? = nil
    ) {
        if knownPlan !== plan {
            knownPlan = plan
            name.forget()
        }
        begin(valueLimit: valueLimit)
        event.withMessage { field("MESSAGE", $0) }
        append(plan.constants(event.level))
        origin(event)
        if event.threadID != 0 { field("TID", UInt64(event.threadID)) }
        time(event.time)
        field("TXAIO_THREAD", UInt64(event.threadNumber))
        field("TXAIO_SEQ", event.sequence)
        if let fullSize {
            field("TXAIO_CUT", UInt64(clamping: fullSize))
        } else if event.isCut {
            field("TXAIO_CUT", UnsafeRawBufferPointer(text: "values"))
        }
        if event.isRecovered { field("TXAIO_RECOVERED", 1) }
        if event.mayBeRepeated { field("TXAIO_MAYBE_REPEATED", 1) }
        fields(of: event, plan: plan)
        closeKeys()
    }

    /// Begins an entry that is no event's, with what all entries have in common.
    internal mutating func begin(message: String, level: LogLevel, plan: JournalEntryPlan) {
        begin(valueLimit: .max)
        var message = message
        message.withUTF8 { field("MESSAGE", UnsafeRawBufferPointer($0)) }
        append(plan.constants(level))
        time(Clocks.wall())
    }

    internal mutating func template(_ template: StaticString) {
        self.template(UnsafeRawBufferPointer(text: template))
    }

    private mutating func template(_ template: UnsafeRawBufferPointer) {
        open("MESSAGE_ID")
        TemplateIdentity.shared.append(for: template, to: &bytes)
        close()
        field("TXAIO_TEMPLATE", template)
    }

    private mutating func begin(valueLimit: Int) {
        if start == 0 { bytes.removeAll() } else { bytes.truncate(to: start) }
        keys.truncate(to: 0)
        ends.removeAll(keepingCapacity: true)
        name.beginEvent()
        spent = 0
        self.valueLimit = max(64, valueLimit)
    }

    private mutating func time(_ nanoseconds: Int64) {
        open("TXAIO_TIME")
        bytes.append(decimal: nanoseconds / 1000)
        close()
    }

    /// Where the event comes from: call site and process run.
    ///
    /// With the thread and the event's number on it the latter names the event.
    private mutating func origin(_ event: borrowing LogEvent) {
        // What a dead process left has addresses of its own.
        guard form == .framed, valueLimit == .max, !event.isRecovered else { return originAnew(event) }
        let template = event.isText ? nil : event.template
        let known = template ?? UnsafeRawBufferPointer(start: nil, count: 0)
        let key = JournalOrigins.Key(event, known)
        if let count = origins.append(key, known, to: &bytes) {
            spent += count
            return
        }
        let (start, before) = (bytes.count, spent)
        originAnew(event)
        let count = spent - before
        bytes.withBytes { origins.keep(key, known, UnsafeRawBufferPointer(rebasing: $0[start...]), count: count) }
    }

    @inline(never)
    private mutating func originAnew(_ event: borrowing LogEvent) {
        if let template = event.template, !event.isText {
            self.template(template)
        }
        field("TXAIO_NAMESPACE", event.namespace)
        if !event.file.isEmpty { field("CODE_FILE", event.file) }
        if let function = event.function { field("CODE_FUNC", function) }
        if let line = event.line { field("CODE_LINE", UInt64(line)) }
        open("TXAIO_START")
        bytes.append(hex: event.startID, width: 16)
        close()
    }

    // ------------------------------------------------------------------------------------------------ values

    private mutating func fields(of event: borrowing LogEvent, plan: JournalEntryPlan) {
        var reader = event.fields.reader
        var left = event.fields.count
        while left > 0, let field = reader.nextField() {
            left -= 1
            // The dearest field, the one for the surplus, and the one for the names must still fit afterwards.
            if spent + 3 * cost(isMultiline: true) > plan.budget(form) {
                return fold(field, reader, left)
            }
            name.make(field.name, reserved: plan.reserved)
            if !name.isRestorable { noteKey(field.name) }
            value(field.value)
        }
    }

    private mutating func value(_ value: RecordValue) {
        switch value {
        case .string(let text), .bytes(let text): return namedField(text)
        case .object(let object) where object.attributeCount == 0 || object.isError:
            return namedField(object.text ?? object.representation ?? object.type)
        default: break
        }
        openNamed()
        switch value {
        // Bare, as everything that is a number: in JSON they would stand in quotes.
        case .double(let number) where !number.isFinite: bytes.append(shortest: number)
        case .float(let number) where !number.isFinite: bytes.append(shortest: number)
        default: JSONValue.append(value, to: &bytes)
        }
        close()
    }

    /// What exceeds an entry's number of fields becomes one field: an object of JSON, names as they were.
    private mutating func fold(_ first: RecordField, _ rest: RecordReader, _ count: Int) {
        var rest = rest
        var left = count
        var next: RecordField? = first
        open("TXAIO_MORE")
        bytes.append(0x7B)
        while let field = next {
            JSONValue.append(field.name, to: &bytes)
            bytes.append(0x3A)
            JSONValue.append(field.value, to: &bytes)
            next = left > 0 ? rest.nextField() : nil
            left -= 1
            if next != nil { bytes.append(0x2C) }
        }
        bytes.append(0x7D)
        close()
    }

    /// Keeps the original name of a field whose own does not tell it.
    private mutating func noteKey(_ original: UnsafeRawBufferPointer) {
        keys.append(keys.count == 0 ? 0x7B : 0x2C)
        name.withBytes { JSONValue.append($0, to: &keys) }
        keys.append(0x3A)
        JSONValue.append(original, to: &keys)
    }

    private mutating func closeKeys() {
        guard keys.count > 0 else { return }
        keys.append(0x7D)
        open("TXAIO_KEYS")
        keys.withBytes { bytes.append($0) }
        close()
    }

    // ------------------------------------------------------------------------------------------------ fields

    /// A field of any bytes.
    package mutating func field(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        bytes.append(name)
        put(value)
    }

    /// A field that holds a number.
    package mutating func field(_ name: StaticString, _ value: UInt64) {
        open(name)
        bytes.append(decimal: value)
        close()
    }

    private mutating func namedField(_ value: UnsafeRawBufferPointer) {
        name.withBytes { bytes.append($0) }
        put(value)
    }

    /// A value behind a name, in the form that keeps it whole.
    private mutating func put(_ value: UnsafeRawBufferPointer) {
        let isCut = value.count > valueLimit
        let kept = isCut ? UnsafeRawBufferPointer(rebasing: value[..<clip(value, to: valueLimit)]) : value
        let isMultiline = containsNewline(kept)
        if isMultiline, form == .framed {
            bytes.append(0x0A)
            var length = UInt64(kept.count + (isCut ? Self.mark.utf8CodeUnitCount : 0)).littleEndian
            withUnsafeBytes(of: &length) { bytes.append($0) }
        } else {
            bytes.append(0x3D)
        }
        bytes.append(kept)
        if isCut { bytes.append(Self.mark) }
        end(isMultiline: isMultiline)
    }

    /// Begins a field whose value has no newline.
    private mutating func open(_ name: StaticString) {
        bytes.append(name)
        bytes.append(0x3D)
        valueStart = bytes.count
    }

    private mutating func openNamed() {
        name.withBytes { bytes.append($0) }
        bytes.append(0x3D)
        valueStart = bytes.count
    }

    private mutating func close() {
        if bytes.count - valueStart > valueLimit {
            let (start, limit) = (valueStart, valueLimit)
            let kept = bytes.withBytes { clip(UnsafeRawBufferPointer(rebasing: $0[start...]), to: limit) }
            bytes.truncate(to: start + kept)
            bytes.append(Self.mark)
        }
        end(isMultiline: false)
    }

    private mutating func end(isMultiline: Bool) {
        if form == .framed { bytes.append(0x0A) } else { ends.append(bytes.count) }
        spent += cost(isMultiline: isMultiline)
    }

    private static var mark: StaticString { "... (cut)" }

    /// What a field takes of the budget: of 1,024 fields, or of the 1,024 pieces that libsystemd makes of them.
    private borrowing func cost(isMultiline: Bool) -> Int {
        form == .framed ? 1 : (isMultiline ? 5 : 2)
    }

    /// Fields that were written before.
    private mutating func append(_ constants: JournalConstantFields) {
        let start = bytes.count
        switch form {
        case .framed:
            constants.framed.withUnsafeBytes { bytes.append($0) }
            spent += constants.pairEnds.count
        case .pairs:
            constants.pairs.withUnsafeBytes { bytes.append($0) }
            for end in constants.pairEnds { ends.append(start + end) }
            spent += 5 * constants.pairEnds.count
        }
    }
}

/// Whether a newline is among the bytes.
@inline(__always)
package func containsNewline(_ bytes: UnsafeRawBufferPointer) -> Bool { MemorySearch.contains(bytes, 0x0A) }

extension UnsafeRawBufferPointer {
    internal init(text: StaticString) { self.init(start: text.utf8Start, count: text.utf8CodeUnitCount) }
}
