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

/// Reads the parts of a record one after the other, within its bounds whatever the bytes say.
@frozen
public struct RecordReader {
    @usableFromInline internal var position: UnsafeRawPointer
    @usableFromInline internal let end: UnsafeRawPointer

    @usableFromInline
    internal init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since nothing is read from it.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        position = start
        end = start + bytes.count
    }

    @inline(__always)
    private mutating func load<T: BitwiseCopyable>(_: T.Type) -> T? {
        guard MemoryLayout<T>.size <= position.distance(to: end) else { return nil }
        let value = position.loadUnaligned(as: T.self)
        position += MemoryLayout<T>.size
        return value
    }

    @inline(__always)
    private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= position.distance(to: end) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: position, count: count)
        position += count
        return bytes
    }

    @inline(__always)
    private mutating func takeCounted() -> UnsafeRawBufferPointer? {
        guard let count = load(UInt32.self) else { return nil }
        return take(Int(count))
    }

    /// The next value; `nil` at the end, or where the bytes are no value.
    public mutating func nextValue() -> RecordValue? {
        guard let tag = load(UInt8.self) else { return nil }
        switch tag {
        case RecordTag.null: return .null
        case RecordTag.no: return .bool(false)
        case RecordTag.yes: return .bool(true)
        case RecordTag.int: return load(Int64.self).map(RecordValue.int)
        case RecordTag.uint: return load(UInt64.self).map(RecordValue.uint)
        case RecordTag.double: return load(Double.self).map(RecordValue.double)
        case RecordTag.float: return load(Float.self).map(RecordValue.float)
        case RecordTag.string: return takeCounted().map(RecordValue.string)
        case RecordTag.bytes: return takeCounted().map(RecordValue.bytes)
        case RecordTag.wideInt: return load(Int128.self).map(RecordValue.wideInt)
        case RecordTag.wideUInt: return load(UInt128.self).map(RecordValue.wideUInt)
        case RecordTag.duration:
            return load(Int128.self).map { .duration(Duration(attoseconds: $0)) }
        case RecordTag.array:
            guard var inner = takeCounted().map(RecordReader.init), let count = inner.load(UInt32.self) else {
                return nil
            }
            return .array(RecordArray(count: Int(count), bytes: inner.rest))
        case RecordTag.dictionary:
            guard var inner = takeCounted().map(RecordReader.init), let count = inner.load(UInt32.self) else {
                return nil
            }
            return .dictionary(RecordDictionary(count: Int(count), bytes: inner.rest))
        case RecordTag.object:
            return nextObject().map(RecordValue.object)
        default:
            return nil
        }
    }

    private mutating func nextObject() -> RecordObject? {
        guard var inner = takeCounted().map(RecordReader.init), let parts = inner.load(UInt8.self),
            let type = inner.takeCounted(), let text = inner.takeCounted(), let representation = inner.takeCounted(),
            let count = inner.load(UInt32.self)
        else { return nil }
        return RecordObject(
            type: type,
            text: parts & RecordObjectPart.text != 0 ? text : nil,
            representation: parts & RecordObjectPart.representation != 0 ? representation : nil,
            isError: parts & RecordObjectPart.error != 0,
            attributeCount: Int(count),
            attributeBytes: inner.rest
        )
    }

    private var rest: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: position, count: position.distance(to: end))
    }

    /// The next field; `nil` at the end, or where the bytes are no field.
    public mutating func nextField() -> RecordField? {
        guard let name = nextName(), let value = nextValue() else { return nil }
        return RecordField(name: name, value: value)
    }

    @inline(__always)
    private mutating func nextName() -> UnsafeRawBufferPointer? {
        guard let address = load(UInt64.self), let length = load(UInt32.self) else { return nil }
        if address == 0 { return take(Int(length)) }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(address)), count: Int(length))
    }
}
