/// Reads the parts of a record one after the other, within its bounds whatever the bytes say.
@frozen
public struct RecordReader {
    @usableFromInline internal var position: UnsafeRawPointer
    @usableFromInline internal var end: UnsafeRawPointer
    /// The record whose logger's and scopes' fields are to follow, as far as they are not read.
    @usableFromInline internal var record: UnsafeRawPointer?
    @usableFromInline internal var part: Part = .call

    /// Where a field comes from.
    @frozen @usableFromInline
    internal enum Part {
        case call
        case bound
        case scope
    }

    @usableFromInline
    internal init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since nothing is read from it.
        let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        position = start
        end = start + bytes.count
        record = nil
    }

    /// Reads a record's own fields, then those that it refers to.
    internal init(_ bytes: UnsafeRawBufferPointer, of record: UnsafeRawPointer) {
        self.init(bytes)
        self.record = record
    }

    @inline(__always)
    internal mutating func load<T: BitwiseCopyable>(_: T.Type) -> T? {
        guard MemoryLayout<T>.size <= position.distance(to: end) else { return nil }
        let value = position.loadUnaligned(as: T.self)
        position += MemoryLayout<T>.size
        return value
    }

    @inline(__always)
    internal mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
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
        if record != nil, position == end || part != .call { return nextInContext() }
        return nextHere()
    }

    @inline(__always)
    internal mutating func nextHere() -> RecordField? {
        guard let name = nextName(), let value = nextValue() else { return nil }
        return RecordField(name: name, value: value)
    }

    @inline(__always)
    internal mutating func nextName() -> UnsafeRawBufferPointer? {
        guard let address = load(UInt64.self), let length = load(UInt32.self) else { return nil }
        if address == 0 { return take(Int(length)) }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(address)), count: Int(length))
    }
}
