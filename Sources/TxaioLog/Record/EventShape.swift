internal import CTxaio

/// The names of an event's fields, by their addresses, and where its values lie: all that one pass over the record tells.
///
/// Events of one call site mostly have one shape, so what a renderer works out for it can be kept. An event has no shape
/// where a name was made at run time, or where its fields are too many.
///
/// It holds pointers into the event that it read last.
@frozen
package struct EventShape: ~Copyable {
    /// A literal's address and length.
    @frozen
    package struct Name {
        package var address: UInt64
        package var length: UInt64

        package var bytes: UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: UInt(address)), count: Int(length))
        }
    }

    /// Events of more fields have no shape.
    package static var limit: Int { 48 }

    /// The names, the call's first.
    package let names: UnsafeMutablePointer<Name>
    /// Where the values lie, in the same order.
    package let values: UnsafeMutablePointer<UnsafeRawPointer>
    package private(set) var count = 0
    /// How many of the fields are the call's own.
    package private(set) var callCount = 0
    package private(set) var template: UInt64 = 0
    package private(set) var cell: UInt64 = 0
    package private(set) var level = LogLevel.off
    /// The bytes of the whole record: no text in it is longer.
    package private(set) var size = 0

    package init() {
        names = .allocate(capacity: Self.limit)
        values = .allocate(capacity: Self.limit)
    }

    deinit {
        names.deallocate()
        values.deallocate()
    }

    /// Begins with an event; `false` where it has no shape.
    @inline(__always)
    package mutating func begin(_ event: borrowing LogEvent) -> Bool {
        template = event.record.loadUnaligned(fromByteOffset: RecordLayout.template, as: UInt64.self)
        guard template != 0, event.flags & ~RecordFlag.prepared == 0 else { return false }
        cell = event.record.loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
        level = event.level
        callCount = event.fields.callCount
        count = 0
        size = event.size
        return true
    }

    /// Looks whether the event's fields have just these names; if so, the places of its values are known.
    package mutating func matches(
        _ names: UnsafePointer<Name>,
        _ count: Int,
        _ event: borrowing LogEvent
    ) -> Bool {
        var reader = event.fields.reader
        let values = values
        var at = 0
        while at < count {
            guard let name = reader.nextLiteralName(), name.address == names[at].address,
                name.length == names[at].length
            else { return false }
            values[at] = reader.position
            guard reader.skipValue() else { return false }
            at &+= 1
        }
        return reader.isAtEnd
    }

    /// Reads all the event's names; `false` where it has no shape.
    package mutating func readNames(of event: borrowing LogEvent) -> Bool {
        var reader = event.fields.reader
        count = 0
        while !reader.isAtEnd {
            guard count < Self.limit, let name = reader.nextLiteralName() else { return false }
            names[count] = name
            values[count] = reader.position
            guard reader.skipValue() else { return false }
            count += 1
        }
        return true
    }

    /// A value of any type.
    package borrowing func value(_ index: Int) -> RecordValue {
        var reader = RecordReader(unbounded: values[index])
        return reader.nextValue() ?? .null
    }
}

extension RecordReader {
    /// Reads from a place that was seen to lie within a record, with all that follows.
    internal init(unbounded place: UnsafeRawPointer) {
        position = place
        end = place + Int(UInt32.max)
    }

    @inline(__always)
    internal var isAtEnd: Bool { position >= end }

    /// The name of the next field; `nil` where it is no literal.
    @inline(__always)
    internal mutating func nextLiteralName() -> EventShape.Name? {
        guard position.distance(to: end) >= 12 else { return nil }
        let address = position.loadUnaligned(as: UInt64.self)
        let length = position.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
        guard address != 0 else { return nil }
        position += 12
        return EventShape.Name(address: address, length: UInt64(length))
    }

    /// Passes over the next value without looking into it; `false` where there is none.
    @inline(__always)
    internal mutating func skipValue() -> Bool {
        let room = position.distance(to: end)
        guard room >= 1 else { return false }
        var size = 1
        switch position.load(as: UInt8.self) {
        case RecordTag.int, RecordTag.uint, RecordTag.double: size = 9
        case RecordTag.null, RecordTag.no, RecordTag.yes: break
        case RecordTag.float: size = 5
        case RecordTag.wideInt, RecordTag.wideUInt, RecordTag.duration: size = 17
        default:
            // All others say how long they are.
            guard room >= 5 else { return false }
            size = 5 &+ Int(position.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
        }
        guard size <= room else { return false }
        position += size
        return true
    }
}
