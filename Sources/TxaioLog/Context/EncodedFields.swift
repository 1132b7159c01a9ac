internal import CTxaio

/// A field's name: a literal's address, or bytes.
internal enum FieldName {
    case literal(StaticString)
    case string(String)
}

/// Fields encoded once, to be copied into each record that carries them.
///
/// Never changes.
public final class EncodedFields: @unchecked Sendable {
    // Unchecked: the memory is written in the initialiser only.
    internal let bytes: UnsafeRawBufferPointer
    internal let count: Int
    /// Whether values were cut, or fields left out, at the record's limit.
    internal let isCut: Bool

    /// Encodes pairs, then takes over what `parent` has under other names.
    internal init(_ pairs: some Sequence<(FieldName, any LogValue)>, over parent: EncodedFields?) {
        var buffer = txaio_buffer.record(1024)
        (bytes, count, isCut) = withUnsafeMutablePointer(to: &buffer) { buffer in
            var writer = RecordWriter(buffer, offset: 0)
            var count = 0
            for (name, value) in pairs where writer.ensure(64) {
                switch name {
                case .literal(let name): writer.name(name)
                case .string(var name):
                    name.withUTF8 { writer.name(UnsafeRawBufferPointer($0)) }
                }
                value.encode(into: &writer)
                count += 1
            }
            if let parent {
                var reader = RecordReader(parent.bytes)
                let own = UnsafeRawBufferPointer(start: buffer.pointee.base, count: writer.offset)
                // Names of the new fields are compared within a copy of their bytes: writing may move the memory.
                let known = own.count == 0 ? [] : [UInt8](own)
                known.withUnsafeBytes { known in
                    while let (field, bytes) = reader.nextFieldBytes() {
                        if RecordReader(known).contains(field.name) { continue }
                        guard writer.ensure(bytes.count) else { break }
                        writer.copy(bytes)
                        count += 1
                    }
                }
            }
            let isCut = buffer.pointee.lost > 0 || parent?.isCut ?? false
            return (UnsafeRawBufferPointer(start: buffer.pointee.base, count: writer.offset), count, isCut)
        }
    }

    deinit {
        txaio_free(UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)))
    }

    /// Whether a field here has the name of a field in `others`.
    internal func shares(nameWith others: UnsafeRawBufferPointer) -> Bool {
        var reader = RecordReader(bytes)
        while let field = reader.nextField() {
            if RecordReader(others).contains(field.name) { return true }
        }
        return false
    }
}

extension RecordReader {
    /// Whether a field of this name follows.
    internal func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        var reader = self
        while let field = reader.nextField() {
            if sameBytes(field.name, name) { return true }
        }
        return false
    }

    /// The next field, and all its bytes.
    internal mutating func nextFieldBytes() -> (RecordField, UnsafeRawBufferPointer)? {
        let start = position
        guard let field = nextField() else { return nil }
        return (field, UnsafeRawBufferPointer(start: start, count: start.distance(to: position)))
    }
}
