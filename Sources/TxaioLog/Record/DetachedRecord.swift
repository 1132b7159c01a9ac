internal import CTxaio

/// A record in memory of its own that belongs to no event: for values that are rendered without being logged.
internal final class DetachedRecord {
    private let buffer: UnsafeMutablePointer<txaio_buffer>
    private let size: Int

    /// Encodes pairs, on the calling thread.
    ///
    /// More than 65,535, and what exceeds a record's limit, are left out.
    internal init(_ pairs: some Sequence<(String, any LogValue)>) {
        buffer = .allocate(capacity: 1)
        buffer.initialize(to: .record(1024))
        if let base = buffer.pointee.base { base.update(repeating: 0, count: RecordLayout.header) }
        var writer = RecordWriter(buffer, offset: RecordLayout.header)
        writer.noTemplate()
        var count: UInt16 = 0
        for (name, value) in pairs {
            var name = name
            guard writer.ensureField(Int(count)) else { break }
            name.withUTF8 { writer.name(UnsafeRawBufferPointer($0)) }
            writer.write(value)
            count += 1
        }
        size = writer.offset
        guard let base = buffer.pointee.base.map(UnsafeMutableRawPointer.init) else { return }
        base.storeBytes(of: count, toByteOffset: RecordLayout.fieldCount, as: UInt16.self)
        base.storeBytes(of: UInt32(clamping: size), toByteOffset: RecordLayout.size, as: UInt32.self)
    }

    deinit {
        txaio_free(buffer.pointee.base)
        buffer.deallocate()
    }

    /// The pairs.
    ///
    /// Valid as long as this object lives.
    internal var fields: EventFields {
        EventFields(record: UnsafeRawPointer(buffer.pointee.base.unsafelyUnwrapped), size: size)
    }
}
