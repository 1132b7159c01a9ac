public import TxaioLog

/// Keeps every event it gets, for tests to look at.
public final class CapturingEmitter: LogEmitter {
    /// The name in rules and in the ledger.
    public let name: String
    private let captured = Lock([CapturedEvent]())

    /// Makes one that has nothing yet.
    public init(name: String = "capture") { self.name = name }

    /// Keeps a copy of the event.
    public func emit(_ event: borrowing LogEvent) -> Acceptance {
        let copy = CapturedEvent(event)
        captured.withLock { $0.append(copy) }
        return .handedOver
    }

    /// What came so far, in the order of arrival.
    public var events: [CapturedEvent] { captured.withLock { $0 } }

    /// The messages of what came so far.
    public var messages: [String] { events.map(\.message) }
}

/// A copy of one event.
public struct CapturedEvent: Sendable, Hashable {
    /// How much it matters.
    public let level: LogLevel
    /// When it happened: nanoseconds since 1970.
    public let time: Int64
    /// The logger's namespace.
    public let namespace: String
    /// The template with its values.
    public let message: String
    /// The template, if the call had one.
    public let template: String?
    /// The source file in which the logger was made.
    public let file: String
    /// The function that logged, where the call could tell.
    public let function: String?
    /// The line that logged, where the call could tell.
    public let line: UInt32?
    /// The number of the event on its thread.
    public let sequence: UInt64
    /// Which thread it was.
    public let threadNumber: UInt32
    /// The run of the program.
    public let startID: UInt64
    /// Whether values were cut.
    public let isCut: Bool
    /// The fields in order: the call's, the logger's, the scopes'.
    public let fields: [CapturedField]

    /// Copies an event.
    public init(_ event: borrowing LogEvent) {
        level = event.level
        time = event.time
        namespace = String(decoding: event.namespace, as: UTF8.self)
        message = event.message
        template = event.template.map { String(decoding: $0, as: UTF8.self) }
        file = String(decoding: event.file, as: UTF8.self)
        function = event.function.map { String(decoding: $0, as: UTF8.self) }
        line = event.line
        sequence = event.sequence
        threadNumber = event.threadNumber
        startID = event.startID
        isCut = event.isCut
        var fields: [CapturedField] = []
        var reader = event.fields.reader
        for _ in 0..<event.fields.count {
            guard let field = reader.nextField() else { break }
            fields.append(CapturedField(field))
        }
        self.fields = fields
    }

    /// The value of the first field of a name.
    public subscript(_ name: String) -> CapturedValue? { fields.first { $0.name == name }?.value }
}

/// A copy of one field.
public struct CapturedField: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The value.
    public let value: CapturedValue

    fileprivate init(_ field: RecordField) {
        name = String(decoding: field.name, as: UTF8.self)
        value = CapturedValue(field.value)
    }
}

/// A copy of one value, with its type.
public indirect enum CapturedValue: Sendable, Hashable {
    /// No value.
    case null
    /// A truth value.
    case bool(Bool)
    /// An integer of up to 128 bits.
    case int(Int128)
    /// An integer beyond `Int128`.
    case uint(UInt128)
    /// A double.
    case double(Double)
    /// A float.
    case float(Float)
    /// Text.
    case string(String)
    /// Bytes.
    case bytes([UInt8])
    /// A span of time.
    case duration(Duration)
    /// Values in order.
    case array([CapturedValue])
    /// Keys and values in order.
    case dictionary([[CapturedValue]])
    /// A value of another type: its name, its text, and its attributes.
    case object(type: String, text: String?, attributes: [CapturedField])

    fileprivate init(_ value: RecordValue) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int(Int128(value))
        case .uint(let value): self = .int(Int128(value))
        case .wideInt(let value): self = .int(value)
        case .wideUInt(let value): self = .uint(value)
        case .double(let value): self = .double(value)
        case .float(let value): self = .float(value)
        case .string(let bytes): self = .string(String(decoding: bytes, as: UTF8.self))
        case .bytes(let bytes): self = .bytes([UInt8](bytes))
        case .duration(let value): self = .duration(value)
        case .array(let array):
            var values: [CapturedValue] = []
            var reader = array.values
            while let value = reader.nextValue() { values.append(CapturedValue(value)) }
            self = .array(values)
        case .dictionary(let dictionary):
            var pairs: [[CapturedValue]] = []
            var reader = dictionary.keysAndValues
            while let key = reader.nextValue(), let value = reader.nextValue() {
                pairs.append([CapturedValue(key), CapturedValue(value)])
            }
            self = .dictionary(pairs)
        case .object(let object):
            var attributes: [CapturedField] = []
            var reader = object.attributes
            while let field = reader.nextField() { attributes.append(CapturedField(field)) }
            self = .object(
                type: String(decoding: object.type, as: UTF8.self),
                text: object.text.map { String(decoding: $0, as: UTF8.self) },
                attributes: attributes
            )
        }
    }
}
