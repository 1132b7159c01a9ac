/// A copy of a record that carries the fields to which the record refers: it stands alone.
internal enum RecordExpansion {
    /// How many bytes a copy has at most.
    internal static func size(of record: UnsafeRawPointer) -> Int {
        let fields = EventFields(record: record)
        return fields.size + fields.bound.count + fields.scope.count
    }

    /// Writes a copy into memory of at least that size, and returns its bytes.
    @discardableResult
    internal static func copy(_ record: UnsafeRawPointer, to memory: UnsafeMutableRawBufferPointer) -> Int {
        let fields = EventFields(record: record)
        let size = fields.size
        memory.copyMemory(from: UnsafeRawBufferPointer(start: record, count: size))
        guard let base = memory.baseAddress, fields.refersToContext else { return size }
        var end = size
        var count: UInt16 = 0
        // One after the other: a list of both would take memory from malloc, which a signal handler may have interrupted.
        append(fields.bound, .bound, of: record, to: base, &end, &count)
        append(fields.scope, .scope, of: record, to: base, &end, &count)
        base.storeBytes(of: UInt32(clamping: end), toByteOffset: RecordLayout.size, as: UInt32.self)
        base.storeBytes(of: count, toByteOffset: RecordLayout.contextCount, as: UInt16.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.bound, as: UInt64.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.scope, as: UInt64.self)
        return end
    }

    private static func append(
        _ block: UnsafeRawBufferPointer,
        _ part: RecordReader.Part,
        of record: UnsafeRawPointer,
        to base: UnsafeMutableRawPointer,
        _ end: inout Int,
        _ count: inout UInt16
    ) {
        var reader = RecordReader(block)
        while let field = reader.nextFieldBytes(), count < .max {
            if RecordReader.isShadowed(field.name, part, in: record) { continue }
            (base + end).copyMemory(from: field.bytes.baseAddress.unsafelyUnwrapped, byteCount: field.bytes.count)
            end += field.bytes.count
            count += 1
        }
    }
}
