/// One value of a record, as an emitter and a template see it.
///
/// Pointers in it are valid while the event is being emitted, no longer.
@frozen
public enum RecordValue {
    /// No value: `nil`.
    case null
    /// A truth value.
    case bool(Bool)
    /// A signed integer.
    case int(Int64)
    /// An unsigned integer.
    case uint(UInt64)
    /// An integer of more than 64 bits.
    case wideInt(Int128)
    /// An unsigned integer of more than 64 bits.
    case wideUInt(UInt128)
    /// A double.
    case double(Double)
    /// A float.
    case float(Float)
    /// Text: valid UTF-8.
    case string(UnsafeRawBufferPointer)
    /// Bytes of any kind.
    case bytes(UnsafeRawBufferPointer)
    /// A span of time.
    case duration(Duration)
    /// Values in order.
    case array(RecordArray)
    /// Pairs in order.
    case dictionary(RecordDictionary)
    /// A value of a type of its own: texts, and attributes by name.
    case object(RecordObject)
}

/// The values of an array within a record.
@frozen
public struct RecordArray {
    /// How many values it holds.
    public let count: Int
    @usableFromInline internal let bytes: UnsafeRawBufferPointer

    internal init(count: Int, bytes: UnsafeRawBufferPointer) {
        self.count = count
        self.bytes = bytes
    }

    /// Reads the values from the first on.
    public var values: RecordReader { RecordReader(bytes) }
}

/// The pairs of a dictionary within a record.
@frozen
public struct RecordDictionary {
    /// How many pairs it holds.
    public let count: Int
    @usableFromInline internal let bytes: UnsafeRawBufferPointer

    internal init(count: Int, bytes: UnsafeRawBufferPointer) {
        self.count = count
        self.bytes = bytes
    }

    /// Reads the first key, its value, the next key, and so on.
    public var keysAndValues: RecordReader { RecordReader(bytes) }
}

/// A value of a type of its own within a record.
@frozen
public struct RecordObject {
    /// The type's name.
    public let type: UnsafeRawBufferPointer
    /// What `String(describing:)` gave, `nil` where it could not be had.
    public let text: UnsafeRawBufferPointer?
    /// What `String(reflecting:)` gave, `nil` where nothing but the text is known.
    public let representation: UnsafeRawBufferPointer?
    /// Whether it is an `Error`.
    public let isError: Bool
    /// How many attributes it has.
    public let attributeCount: Int
    @usableFromInline internal let attributeBytes: UnsafeRawBufferPointer

    /// Reads the attributes from the first on.
    public var attributes: RecordReader { RecordReader(attributeBytes) }
}

/// A name and its value.
@frozen
public struct RecordField {
    /// The name: UTF-8.
    public let name: UnsafeRawBufferPointer
    /// The value.
    public let value: RecordValue

    @usableFromInline
    internal init(name: UnsafeRawBufferPointer, value: RecordValue) {
        self.name = name
        self.value = value
    }
}
