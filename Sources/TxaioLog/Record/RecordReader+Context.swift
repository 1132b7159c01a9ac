// From a record's own fields on to those that it refers to.

extension RecordReader {
    /// The next field of the logger or the scopes that none before it has the name of.
    @inline(never)
    internal mutating func nextInContext() -> RecordField? {
        guard let record else { return nil }
        while true {
            if position == end {
                guard part != .scope else { return nil }
                part = part == .call ? .bound : .scope
                let fields = EventFields(record: record)
                let next = RecordReader(part == .bound ? fields.bound : fields.scope)
                position = next.position
                end = next.end
                continue
            }
            guard let field = nextHere() else {
                position = end
                continue
            }
            if !Self.isShadowed(field.name, part, in: record) { return field }
        }
    }

    /// Whether an earlier part of the record has a field of this name.
    internal static func isShadowed(_ name: UnsafeRawBufferPointer, _ part: Part, in record: UnsafeRawPointer) -> Bool {
        let fields = EventFields(record: record)
        return isName(name, in: fields.own) || part == .scope && isName(name, in: fields.bound)
    }

    /// Whether one of encoded fields has this name.
    internal static func isName(_ name: UnsafeRawBufferPointer, in fields: UnsafeRawBufferPointer) -> Bool {
        guard var at = fields.baseAddress else { return false }
        let end = at + fields.count
        while at.distance(to: end) > 12 {
            let address = at.loadUnaligned(as: UInt64.self)
            let length = Int(at.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
            at += 12
            if length == name.count {
                let start = UnsafeRawPointer(bitPattern: UInt(address)) ?? at
                guard address != 0 || length <= at.distance(to: end) else { return false }
                // Literals of one address are the same; others may be equal all the same.
                if start == name.baseAddress { return true }
                if sameBytes(UnsafeRawBufferPointer(start: start, count: length), name) { return true }
            }
            if address == 0 {
                guard length <= at.distance(to: end) else { return false }
                at += length
            }
            guard let next = endOfValue(at, before: end) else { return false }
            at = next
        }
        return false
    }

    /// Where a value ends; `nil` where the bytes are none.
    @inline(__always)
    internal static func endOfValue(_ start: UnsafeRawPointer, before end: UnsafeRawPointer) -> UnsafeRawPointer? {
        let room = start.distance(to: end) &- 1
        guard room >= 0 else { return nil }
        let size: Int
        switch start.load(as: UInt8.self) {
        case RecordTag.string, RecordTag.bytes, RecordTag.array, RecordTag.dictionary, RecordTag.object:
            guard room >= 4 else { return nil }
            size = 4 &+ Int((start + 1).loadUnaligned(as: UInt32.self))
        case RecordTag.int, RecordTag.uint, RecordTag.double: size = 8
        case RecordTag.null, RecordTag.no, RecordTag.yes: size = 0
        case RecordTag.float: size = 4
        case RecordTag.wideInt, RecordTag.wideUInt, RecordTag.duration: size = 16
        default: return nil
        }
        return size <= room ? start + 1 + size : nil
    }

    /// Passes over a value; `false` at the end, or where the bytes are none.
    internal mutating func skipValue() -> Bool {
        guard let next = Self.endOfValue(position, before: end) else { return false }
        position = next
        return true
    }

    /// The next field's name, and all the field's bytes.
    internal mutating func nextFieldBytes() -> (name: UnsafeRawBufferPointer, bytes: UnsafeRawBufferPointer)? {
        let start = position
        guard let name = nextName(), skipValue() else { return nil }
        return (name, UnsafeRawBufferPointer(start: start, count: start.distance(to: position)))
    }
}
