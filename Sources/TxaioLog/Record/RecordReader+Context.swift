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
        let tag = start.load(as: UInt8.self)
        guard tag <= RecordTag.object else { return nil }
        // Sets of tags, tested one after the other: a table of jumps is guessed wrong where the processor has just come
        // back from the kernel.
        let kind = 1 as UInt32 &<< UInt32(tag)
        var size = 0
        if kind & Self.words != 0 {
            size = 8
        } else if kind & Self.counted != 0 {
            guard room >= 4 else { return nil }
            size = 4 &+ Int((start + 1).loadUnaligned(as: UInt32.self))
        } else if kind & Self.wide != 0 {
            size = 16
        } else if tag == RecordTag.float {
            size = 4
        }
        return size <= room ? start + 1 + size : nil
    }

    @inline(__always)
    private static func bit(_ tag: UInt8) -> UInt32 { 1 &<< UInt32(tag) }
    @inline(__always)
    private static var words: UInt32 { bit(RecordTag.int) | bit(RecordTag.uint) | bit(RecordTag.double) }
    @inline(__always)
    private static var wide: UInt32 { bit(RecordTag.wideInt) | bit(RecordTag.wideUInt) | bit(RecordTag.duration) }
    @inline(__always)
    private static var counted: UInt32 {
        bit(RecordTag.string) | bit(RecordTag.bytes) | bit(RecordTag.array) | bit(RecordTag.dictionary)
            | bit(RecordTag.object)
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
