internal import CTxaio

/// One event, as emitters see it.
///
/// It is lent for the length of one call. Pointers that it gives out are valid during that call only; what an emitter
/// needs later it copies.
public struct LogEvent: ~Copyable {
    /// How much the event matters.
    public let level: LogLevel
    /// When it happened: nanoseconds since 1970.
    public let time: Int64
    /// The number of the event on its thread: 1, 2, 3, ...
    public let sequence: UInt64
    /// Which thread it was, counted from 1 in the order of their first events.
    public let threadNumber: UInt32
    /// Which thread it was, by the kernel's number.
    public let threadID: UInt32
    /// The process run that the event belongs to.
    ///
    /// With ``threadNumber`` and ``sequence`` it names the event.
    public let startID: UInt64
    /// Whether it is one of several that are delivered one after the other.
    internal let isInBatch: Bool
    /// What the call, the logger and the scopes put in.
    public let fields: EventFields

    package let record: UnsafeRawPointer
    internal let size: Int
    /// Where the rendered message is kept between the emitters of one event: whoever lends the event holds it.
    @usableFromInline internal let rendered: EventMessage

    internal init(
        record: UnsafeRawPointer,
        threadNumber: UInt32,
        threadID: UInt32,
        startID: UInt64,
        message: EventMessage,
        isInBatch: Bool = false
    ) {
        self.isInBatch = isInBatch
        self.record = record
        self.threadNumber = threadNumber
        self.threadID = threadID
        self.startID = startID
        rendered = message
        size = Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        level = LogLevel(record: record.load(fromByteOffset: RecordLayout.level, as: UInt8.self), else: .critical)
        time = record.loadUnaligned(fromByteOffset: RecordLayout.time, as: Int64.self)
        sequence = record.loadUnaligned(fromByteOffset: RecordLayout.sequence, as: UInt64.self)
        fields = EventFields(record: record, size: size)
    }

    internal var cell: UnsafePointer<txaio_cell> {
        let address = record.loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
        return UnsafePointer(bitPattern: UInt(address)).unsafelyUnwrapped
    }

    /// What the emitter in a slot of the pipeline lets pass of this namespace.
    internal func emitterLevel(slot: Int) -> LogLevel {
        LogLevel(record: txaio_cell_emitter_level(cell, UInt32(truncatingIfNeeded: slot)), else: .off)
    }

    internal var flags: UInt8 { record.load(fromByteOffset: RecordLayout.flags, as: UInt8.self) }

    /// The namespace of the logger: UTF-8.
    public var namespace: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
    }

    /// The source file where the logger was made, as `#fileID` has it; empty where it is not known.
    public var file: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: cell.pointee.file, count: Int(cell.pointee.file_length))
    }

    /// The function that logged, where the call could tell.
    public var function: UnsafeRawBufferPointer? {
        let address = record.loadUnaligned(fromByteOffset: RecordLayout.function, as: UInt64.self)
        guard address != 0 else { return nil }
        let length = record.loadUnaligned(fromByteOffset: RecordLayout.functionLength, as: UInt32.self)
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(address)), count: Int(length))
    }

    /// The line that logged, where the call could tell.
    public var line: UInt32? {
        let line = record.loadUnaligned(fromByteOffset: RecordLayout.line, as: UInt32.self)
        return line == 0 ? nil : line
    }

    /// The template as written: UTF-8.
    ///
    /// `nil` where the call had none.
    public var template: UnsafeRawBufferPointer? {
        if flags & RecordFlag.bare != 0 { return nil }
        return fields.template
    }

    /// Whether the template is text made at run time, in which nothing was parsed: it names no call site.
    public var isText: Bool { flags & RecordFlag.text != 0 }

    /// Whether ``LogEmitter/endBatch()`` follows soon, so that the emitter may keep the event until then.
    ///
    /// Only an emitter whose ``LogEmitter/takesBatches`` is true ever sees it true.
    @inlinable
    public var isBatched: Bool { rendered.isBatched }

    internal func setBatched(_ isBatched: Bool) { rendered.isBatched = isBatched }

    /// Whether it was found in the rings of a process that died.
    public var isRecovered: Bool { flags & RecordFlag.recovered != 0 }

    /// Whether the process that died may have handed it over already.
    public var mayBeRepeated: Bool { flags & RecordFlag.repeated != 0 }

    /// Whether it was kept by the flight recorder, and is written for what came after it.
    internal var isRecorded: Bool { record.loadUnaligned(fromByteOffset: RecordLayout.recorded, as: UInt16.self) != 0 }

    /// Whether it passes for the sake of its scope.
    internal var isScoped: Bool { flags & RecordFlag.scoped != 0 }

    /// Whether values were cut because the record had reached its limit.
    public var isCut: Bool { flags & RecordFlag.cut != 0 }

    /// The message: the template with its values, rendered once for all emitters.
    ///
    /// Never fails.
    public borrowing func withMessage<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try rendered.withMessage(of: self, body)
    }

    /// The message as a text.
    ///
    /// Allocates; ``withMessage(_:)`` does not.
    public var message: String { withMessage { String(decoding: $0, as: UTF8.self) } }
}

/// The fields of one event, and what templates find by name.
///
/// The injected names, `log_time`, `log_level`, `log_namespace` and `log_format`, win over fields of the same name.
public struct EventFields {
    private let record: UnsafeRawPointer
    internal let size: Int

    internal init(record: UnsafeRawPointer, size: Int) {
        self.record = record
        self.size = size
    }

    internal init(record: UnsafeRawPointer) {
        self.init(record: record, size: Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self)))
    }

    /// How many fields the call had.
    public var callCount: Int { Int(record.loadUnaligned(fromByteOffset: RecordLayout.fieldCount, as: UInt16.self)) }

    /// How many fields the logger and the open scopes added, without those that others hide; counted at each use.
    public var contextCount: Int {
        guard refersToContext else {
            return Int(record.loadUnaligned(fromByteOffset: RecordLayout.contextCount, as: UInt16.self))
        }
        var context = reader
        context.position = context.end
        var count = 0
        while context.nextField() != nil { count += 1 }
        return count
    }

    /// Whether there are fields of the logger or the scopes that the record does not carry itself.
    internal var refersToContext: Bool {
        let bound = record.loadUnaligned(fromByteOffset: RecordLayout.bound, as: UInt64.self)
        return bound | record.loadUnaligned(fromByteOffset: RecordLayout.scope, as: UInt64.self) != 0
    }

    /// The fields that the record carries itself, encoded.
    package var own: UnsafeRawBufferPointer {
        let skipped = RecordLayout.header + (templateAddress == 0 ? templateLength : 0)
        return UnsafeRawBufferPointer(start: record + skipped, count: max(0, size - skipped))
    }

    /// The logger's fields that the record refers to, encoded; a call's field of the same name hides one.
    package var bound: UnsafeRawBufferPointer {
        ContextBlock.fields(at: record.loadUnaligned(fromByteOffset: RecordLayout.bound, as: UInt64.self))
    }

    /// The scopes' fields that the record refers to, encoded; a call's or a logger's field of the same name hides one.
    package var scope: UnsafeRawBufferPointer {
        ContextBlock.fields(at: record.loadUnaligned(fromByteOffset: RecordLayout.scope, as: UInt64.self))
    }

    /// All of them: the call's fields first, then the logger's, then those of scopes, the innermost first.
    public var count: Int { callCount + contextCount }

    private var templateAddress: UInt64 { record.loadUnaligned(fromByteOffset: RecordLayout.template, as: UInt64.self) }
    private var templateLength: Int {
        Int(record.loadUnaligned(fromByteOffset: RecordLayout.templateLength, as: UInt32.self))
    }

    /// Whether the template's address names it: a literal's does for as long as the process lives.
    internal var isLiteral: Bool { templateAddress != 0 }

    internal var template: UnsafeRawBufferPointer {
        let address = templateAddress
        let start = address == 0 ? record + RecordLayout.header : UnsafeRawPointer(bitPattern: UInt(address))
        return UnsafeRawBufferPointer(start: start, count: templateLength)
    }

    /// Reads the fields from the first on.
    public var reader: RecordReader { refersToContext ? RecordReader(own, of: record) : RecordReader(own) }

    /// The value that a template finds under a name: an injected one, else the first field of that name.
    public func value(named name: UnsafeRawBufferPointer) -> RecordValue? {
        if let injected = injected(name) { return injected }
        var reader = reader
        while let field = reader.nextField() {
            if sameBytes(field.name, name) { return field.value }
        }
        return nil
    }

    @inline(__always)
    private func injected(_ name: UnsafeRawBufferPointer) -> RecordValue? {
        guard name.count >= 8, name.loadUnaligned(as: UInt32.self) == 0x5F67_6F6C.littleEndian else { return nil }
        if name.elementsEqual(UnsafeRawBufferPointer(literal: "log_level")) {
            let level = LogLevel(rawValue: record.load(fromByteOffset: RecordLayout.level, as: UInt8.self)) ?? .critical
            return .string(UnsafeRawBufferPointer(literal: level.name))
        }
        if name.elementsEqual(UnsafeRawBufferPointer(literal: "log_time")) {
            let time = record.loadUnaligned(fromByteOffset: RecordLayout.time, as: Int64.self)
            return .double(Double(time) / 1e9)
        }
        if name.elementsEqual(UnsafeRawBufferPointer(literal: "log_format")) { return .string(template) }
        if name.elementsEqual(UnsafeRawBufferPointer(literal: "log_namespace")) {
            let address = record.loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
            guard let cell = UnsafePointer<txaio_cell>(bitPattern: UInt(address)) else { return .null }
            return .string(UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length)))
        }
        return nil
    }
}

/// Whether bytes are the same; compares eight at a time.
@inline(__always)
package func sameBytes(_ lhs: UnsafeRawBufferPointer, _ rhs: UnsafeRawBufferPointer) -> Bool {
    guard lhs.count == rhs.count else { return false }
    guard let left = lhs.baseAddress, let right = rhs.baseAddress, left != right else { return true }
    let count = lhs.count
    var at = 0
    while count &- at >= 8 {
        if left.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        {
            return false
        }
        at &+= 8
    }
    while at < count {
        if left.load(fromByteOffset: at, as: UInt8.self) != right.load(fromByteOffset: at, as: UInt8.self) {
            return false
        }
        at &+= 1
    }
    return true
}
