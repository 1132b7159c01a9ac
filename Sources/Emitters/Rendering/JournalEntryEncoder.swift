internal import CTxaio
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

    /// Its line is the entry, behind those that are kept.
    private var work = RenderWorkspace()
    /// Where the entry begins.
    private var start = 0
    /// Where each field ends, in the form `pairs`.
    private var ends: [Int] = []

    private let form: Form
    private var name = JournalFieldName()
    private var keys = ByteBuffer(capacity: 256)
    /// The fields whose values are texts that read as something else.
    private var texts = ByteBuffer(capacity: 64)
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
    package var count: Int { work.line.count - start }
    /// How many fields it has, in the form `pairs`.
    package var fieldCount: Int { ends.count }

    /// Lets `body` read the entry.
    package borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = start
        return work.line.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Keeps the entry: the next one is written behind it.
    ///
    /// For the form `framed`.
    ///
    /// - Returns: Where it ends.
    package mutating func keep() -> Int {
        start = work.line.count
        return start
    }

    /// How many bytes the kept entries have.
    package var keptCount: Int { start }

    /// Lets `body` read the kept entries.
    package borrowing func withKept<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = start
        return work.line.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<start])) }
    }

    /// Forgets the kept entries, and the one behind them.
    package mutating func removeKept() {
        start = 0
        work.line.removeAll()
    }

    /// Lets `body` read the entry, and where each field ends, in the form `pairs`.
    package borrowing func withFields<R>(_ body: (UnsafeRawBufferPointer, UnsafeBufferPointer<Int>) -> R) -> R {
        work.line.withBytes { bytes in ends.withUnsafeBufferPointer { body(bytes, $0) } }
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
            work.plans = PlanTable()
        }
        if form == .framed, valueLimit == .max, fullSize == nil, encode(event, with: plan) { return }
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
        closeTexts()
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
        TemplateIdentity.shared.append(for: template, to: &work.line)
        close()
        field("TXAIO_TEMPLATE", template)
    }

    private mutating func begin(valueLimit: Int, keepingKeys: Bool = false) {
        if start == 0 { work.line.removeAll() } else { work.line.truncate(to: start) }
        if !keepingKeys { keys.truncate(to: 0) }
        texts.truncate(to: 0)
        ends.removeAll(keepingCapacity: true)
        name.beginEvent()
        spent = 0
        self.valueLimit = max(64, valueLimit)
    }

    private mutating func time(_ nanoseconds: Int64) {
        open("TXAIO_TIME")
        work.line.append(decimal: nanoseconds / 1000)
        close()
    }

    /// Where the event comes from: call site and process run.
    ///
    /// With the thread and the event's number on it the latter names the event.
    private mutating func origin(_ event: borrowing LogEvent) {
        if let template = event.template, !event.isText {
            self.template(template)
        }
        field("TXAIO_NAMESPACE", event.namespace)
        if !event.file.isEmpty { field("CODE_FILE", event.file) }
        if let function = event.function { field("CODE_FUNC", function) }
        if let line = event.line { field("CODE_LINE", UInt64(line)) }
        open("TXAIO_START")
        work.line.append(hex: event.startID, width: 16)
        close()
    }

    // ------------------------------------------------------------------------------------------------ a plan

    /// Writes an event by what is known of its shape; `false`, with nothing written, where it has none.
    private mutating func encode(_ event: borrowing LogEvent, with plan: JournalEntryPlan) -> Bool {
        guard event.threadID != 0, let line = linePlan(of: event, plan) else { return false }
        if start == 0 { work.line.removeAll() } else { work.line.truncate(to: start) }
        work.append(event, by: line, for: .journal)
        if work.hasTexts, mayReadAsOthers(Int(line.pointee.count)) { noteTexts(of: event, plan) }
        return true
    }

    /// Whether a value of the shape that was found last is a text that reads as something else; C has seen that one begins so.
    @inline(never)
    private borrowing func mayReadAsOthers(_ count: Int) -> Bool {
        (0..<count).contains { JournalValue.mayReadAsAnother(at: work.shape.values[$0]) }
    }

    @inline(__always)
    private mutating func linePlan(of event: borrowing LogEvent, _ plan: JournalEntryPlan) -> UnsafePointer<LinePlan>? {
        if let known = work.plans.find(event, &work.shape) { return known }
        return work.canBePlanned(event) ? makePlan(event, plan) : nil
    }

    /// Ends an entry that was written by a plan with the fields whose values are texts that read as others, if any are.
    @inline(never)
    private mutating func noteTexts(of event: borrowing LogEvent, _ plan: JournalEntryPlan) {
        guard work.shape.readNames(of: event) else { return }
        texts.truncate(to: 0)
        valueLimit = .max
        name.beginEvent()
        for index in 0..<work.shape.count where !work.shape.isHidden(index) {
            name.make(work.shape.names[index].bytes, reserved: plan.reserved)
            if JournalValue.mayReadAsAnother(at: work.shape.values[index]) { noteText() }
        }
        closeTexts()
    }

    /// Works out what all events of the shape that was read last have in common.
    @inline(never)
    private mutating func makePlan(
        _ event: borrowing LogEvent,
        _ plan: JournalEntryPlan
    ) -> UnsafePointer<LinePlan>? {
        var entry = LinePlanBuilder()
        let isPlain = entry.message(
            event.plainParts(),
            of: work.shape,
            for: .journal,
            after: "MESSAGE=",
            before: "\n"
        )
        // Written where the entry will be, and taken over from there.
        begin(valueLimit: .max)
        append(plan.constants(event.level))
        origin(event)
        withBytes { entry.bytes.append($0) }
        guard spent + work.shape.count + 16 <= plan.budget(form) else { return nil }
        entry.bytes.append("TID=")
        entry.fill(.threadID)
        entry.bytes.append("\nTXAIO_TIME=")
        entry.fill(.microseconds)
        entry.bytes.append("\nTXAIO_THREAD=")
        entry.fill(.thread)
        entry.bytes.append("\nTXAIO_SEQ=")
        entry.fill(.number)
        entry.bytes.append(0x0A)
        for index in 0..<work.shape.count where !work.shape.isHidden(index) {
            let original = work.shape.names[index].bytes
            name.make(original, reserved: plan.reserved)
            if !name.isRestorable { noteKey(original) }
            name.withBytes { entry.bytes.append($0) }
            entry.fill(.value, index)
        }
        begin(valueLimit: .max, keepingKeys: true)
        closeKeys()
        withBytes { entry.bytes.append($0) }
        guard let made = entry.finish(for: work.shape, of: event.startID, hasWholeMessage: !isPlain) else { return nil }
        return work.plans.keep(made, for: work.shape)
    }

    // ------------------------------------------------------------------------------------------------ values

    private mutating func fields(of event: borrowing LogEvent, plan: JournalEntryPlan) {
        var reader = event.fields.reader
        var left = event.fields.count
        while left > 0, let field = reader.nextField() {
            left -= 1
            // The dearest field, the one for the surplus, and those for names and texts must still fit afterwards.
            if spent + 4 * cost(isMultiline: true) > plan.budget(form) {
                return fold(field, reader, left)
            }
            name.make(field.name, reserved: plan.reserved)
            if !name.isRestorable { noteKey(field.name) }
            if JournalValue.mayReadAsAnother(field.value) { noteText() }
            value(field.value)
        }
    }

    private mutating func value(_ value: RecordValue) {
        if let bytes = JournalValue.stored(value) { return namedField(bytes) }
        openNamed()
        JournalValue.append(made: value, to: &work.line)
        close()
    }

    /// What exceeds an entry's number of fields becomes one field: an object of JSON, names as they were.
    private mutating func fold(_ first: RecordField, _ rest: RecordReader, _ count: Int) {
        var rest = rest
        var left = count
        var next: RecordField? = first
        open("TXAIO_MORE")
        work.line.append(0x7B)
        while let field = next {
            JSONValue.append(field.name, to: &work.line)
            work.line.append(0x3A)
            JSONValue.append(field.value, to: &work.line)
            next = left > 0 ? rest.nextField() : nil
            left -= 1
            if next != nil { work.line.append(0x2C) }
        }
        work.line.append(0x7D)
        close()
    }

    /// Keeps the original name of a field whose own does not tell it.
    private mutating func noteKey(_ original: UnsafeRawBufferPointer) {
        keys.append(keys.count == 0 ? 0x7B : 0x2C)
        name.withBytes { JSONValue.append($0, to: &keys) }
        keys.append(0x3A)
        JSONValue.append(original, to: &keys)
    }

    /// Keeps that the value of the field whose name was made last is a text.
    private mutating func noteText() {
        if texts.count > 0 { texts.append(0x2C) }
        name.withBytes { texts.append($0) }
    }

    private mutating func closeTexts() {
        guard texts.count > 0 else { return }
        open("TXAIO_TEXTS")
        texts.withBytes { work.line.append($0) }
        close()
    }

    private mutating func closeKeys() {
        guard keys.count > 0 else { return }
        keys.append(0x7D)
        open("TXAIO_KEYS")
        keys.withBytes { work.line.append($0) }
        close()
    }

    // ------------------------------------------------------------------------------------------------ fields

    /// A field of any bytes.
    package mutating func field(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
        work.line.append(name)
        put(value)
    }

    /// A field that holds a number.
    package mutating func field(_ name: StaticString, _ value: UInt64) {
        open(name)
        work.line.append(decimal: value)
        close()
    }

    private mutating func namedField(_ value: UnsafeRawBufferPointer) {
        name.withBytes { work.line.append($0) }
        put(value)
    }

    /// A value behind a name, in the form that keeps it whole.
    private mutating func put(_ value: UnsafeRawBufferPointer) {
        let isCut = value.count > valueLimit
        let kept = isCut ? UnsafeRawBufferPointer(rebasing: value[..<clip(value, to: valueLimit)]) : value
        let isMultiline = containsNewline(kept)
        if isMultiline, form == .framed {
            work.line.append(0x0A)
            var length = UInt64(kept.count + (isCut ? Self.mark.utf8CodeUnitCount : 0)).littleEndian
            withUnsafeBytes(of: &length) { work.line.append($0) }
        } else {
            work.line.append(0x3D)
        }
        work.line.append(kept)
        if isCut { work.line.append(Self.mark) }
        end(isMultiline: isMultiline)
    }

    /// Begins a field whose value has no newline.
    private mutating func open(_ name: StaticString) {
        work.line.append(name)
        work.line.append(0x3D)
        valueStart = work.line.count
    }

    private mutating func openNamed() {
        name.withBytes { work.line.append($0) }
        work.line.append(0x3D)
        valueStart = work.line.count
    }

    private mutating func close() {
        if work.line.count - valueStart > valueLimit {
            let (start, limit) = (valueStart, valueLimit)
            let kept = work.line.withBytes { clip(UnsafeRawBufferPointer(rebasing: $0[start...]), to: limit) }
            work.line.truncate(to: start + kept)
            work.line.append(Self.mark)
        }
        end(isMultiline: false)
    }

    private mutating func end(isMultiline: Bool) {
        if form == .framed { work.line.append(0x0A) } else { ends.append(work.line.count) }
        spent += cost(isMultiline: isMultiline)
    }

    private static var mark: StaticString { "... (cut)" }

    /// What a field takes of the budget: of 1,024 fields, or of the 1,024 pieces that libsystemd makes of them.
    private borrowing func cost(isMultiline: Bool) -> Int {
        form == .framed ? 1 : (isMultiline ? 5 : 2)
    }

    /// Fields that were written before.
    private mutating func append(_ constants: JournalConstantFields) {
        let start = work.line.count
        switch form {
        case .framed:
            constants.framed.withUnsafeBytes { work.line.append($0) }
            spent += constants.pairEnds.count
        case .pairs:
            constants.pairs.withUnsafeBytes { work.line.append($0) }
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
