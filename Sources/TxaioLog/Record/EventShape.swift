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

    /// The names in the order of readers: those of the record itself, of the logger, of the scopes.
    ///
    /// Here with those that an earlier part hides.
    package let names: UnsafeMutablePointer<Name>
    /// Where the values lie, in the same order.
    package let values: UnsafeMutablePointer<UnsafeRawPointer>
    package private(set) var count = 0
    /// How many of the names are the record's own, and how many its own or the logger's.
    package private(set) var parts = (own: 0, bound: 0)
    /// How many of the fields are the call's own.
    package private(set) var callCount = 0
    package private(set) var template: UInt64 = 0
    package private(set) var cell: UInt64 = 0
    /// Level, flags without those that make no difference, and number of the call's fields, as they lie in the record.
    package private(set) var head: UInt32 = 0
    /// The template's length and the call's line, as they lie in the record.
    package private(set) var place: UInt64 = 0
    /// The call's function, where it could tell.
    package private(set) var function: UInt64 = 0
    /// The bytes of the record and of what it refers to: all texts together are no longer.
    package var size: UInt64 = 0

    package init() {
        names = .allocate(capacity: Self.limit)
        values = .allocate(capacity: Self.limit)
    }

    deinit {
        names.deallocate()
        values.deallocate()
    }

    /// Reads all that an event's shape is; `false` where it has none.
    package mutating func read(_ event: borrowing LogEvent) -> Bool {
        let record = event.record
        template = record.loadUnaligned(fromByteOffset: RecordLayout.template, as: UInt64.self)
        guard template != 0, event.flags & ~RecordFlag.prepared == 0 else { return false }
        cell = record.loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
        callCount = event.fields.callCount
        head = record.loadUnaligned(fromByteOffset: RecordLayout.level, as: UInt32.self)
        head &= ~(UInt32(TXAIO_RECORD_PREPARED) << 8)
        place = record.loadUnaligned(fromByteOffset: RecordLayout.templateLength, as: UInt64.self)
        function = record.loadUnaligned(fromByteOffset: RecordLayout.function, as: UInt64.self)
        return readNames(of: event)
    }

    /// Reads all the event's names; `false` where it has no shape.
    package mutating func readNames(of event: borrowing LogEvent) -> Bool {
        let fields = event.fields
        let (bound, scope) = (fields.bound, fields.scope)
        size = UInt64(clamping: event.size + bound.count + scope.count)
        count = 0
        guard readNames(in: fields.own) else { return false }
        parts.own = count
        guard readNames(in: bound) else { return false }
        parts.bound = count
        return readNames(in: scope)
    }

    private mutating func readNames(in fields: UnsafeRawBufferPointer) -> Bool {
        var reader = RecordReader(fields)
        while !reader.isAtEnd {
            guard count < Self.limit, let name = reader.nextLiteralName() else { return false }
            names[count] = name
            values[count] = reader.position
            guard reader.skipValue() else { return false }
            count += 1
        }
        return true
    }

    /// Whether a name stands in an earlier part too, whose field hides this one.
    package borrowing func isHidden(_ index: Int) -> Bool {
        let earlier = index < parts.own ? 0 : index < parts.bound ? parts.own : parts.bound
        return (0..<earlier).contains { sameBytes(names[$0].bytes, names[index].bytes) }
    }

    /// A value of any type.
    package borrowing func value(_ index: Int) -> RecordValue {
        var reader = RecordReader(unbounded: values[index])
        return reader.nextValue() ?? .null
    }
}

extension RecordReader {
    /// Reads from a place at which a whole value was seen to lie.
    package init(unbounded place: UnsafeRawPointer) {
        self.init(UnsafeRawBufferPointer(start: place, count: Int(UInt32.max)))
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
}
