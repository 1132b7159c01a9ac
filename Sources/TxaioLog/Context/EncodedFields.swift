internal import CTxaio

/// A field's name: a literal's address, or bytes.
internal enum FieldName {
    case literal(StaticString)
    case string(String)
}

/// Fields encoded once, to which records refer.
///
/// Never changes.
public final class EncodedFields: @unchecked Sendable {
    // Unchecked: the block is written in the initialiser, and where a table keeps a copy under the tables' lock.
    /// The block's address, or 0 where there is nothing in it.
    internal let reference: UInt64
    /// Whether values were cut, or fields left out, at the record's limit.
    internal let isCut: Bool
    private let block: UnsafeMutableRawPointer
    /// The table that has a copy; under the tables' lock until the end.
    internal var table: ContextTable?

    internal var bytes: UnsafeRawBufferPointer { ContextBlock.fields(at: UInt64(UInt(bitPattern: block))) }

    /// Encodes pairs, then takes over what `parent` has under other names.
    internal init(_ pairs: some Sequence<(FieldName, any LogValue)>, over parent: EncodedFields?) {
        var buffer = txaio_buffer.record(1024)
        let (count, size) = withUnsafeMutablePointer(to: &buffer) { buffer in
            var writer = RecordWriter(buffer, offset: ContextBlock.header)
            var count = 0
            for (name, value) in pairs where writer.ensure(64) {
                switch name {
                case .literal(let name): writer.name(name)
                case .string(var name):
                    name.withUTF8 { writer.name(known: UnsafeRawBufferPointer($0)) }
                }
                value.encode(into: &writer)
                count += 1
            }
            if let parent { count += Self.take(from: parent, into: &writer) }
            return (count, writer.offset - ContextBlock.header)
        }
        isCut = buffer.lost > 0 || parent?.isCut ?? false
        block = UnsafeMutableRawPointer(buffer.base.unsafelyUnwrapped)
        reference = size > 0 ? UInt64(UInt(bitPattern: block)) : 0
        seal(count: count, size: size)
    }

    /// Encodes pairs that ``ValueLayout`` reads in place, in the thread's own memory, which log calls are kept from
    /// meanwhile.
    private init(
        inPlace pairs: UnsafeRawPointer,
        count total: Int,
        over parent: EncodedFields?,
        on thread: UnsafeMutablePointer<txaio_thread>
    ) {
        txaio_thread_refuse(thread)
        let buffer = UnsafeMutableRawPointer(thread).assumingMemoryBound(to: txaio_buffer.self)
        var writer = RecordWriter(buffer, offset: ContextBlock.header)
        let types = ValueLayout.Types()
        var count = 0
        while count < total, writer.ensure(64) {
            let part = min(8, total - count)
            if types.encode(pairs + count * ValueLayout.stride, count: part, into: &writer).areForeign { break }
            count += part
        }
        if let parent { count += Self.take(from: parent, into: &writer) }
        let size = writer.offset - ContextBlock.header
        block = UnsafeMutableRawPointer(txaio_allocate(ContextBlock.header + size))
        if let base = buffer.pointee.base { block.copyMemory(from: base, byteCount: ContextBlock.header + size) }
        isCut = buffer.pointee.lost > 0 || parent?.isCut ?? false
        buffer.pointee.lost = 0
        txaio_thread_admit(thread)
        reference = size > 0 ? UInt64(UInt(bitPattern: block)) : 0
        seal(count: count, size: size)
    }

    /// Encodes the pairs of a call.
    internal static func make(
        _ pairs: UnsafeBufferPointer<(StaticString, any LogValue)>,
        over parent: EncodedFields?
    ) -> EncodedFields {
        if ValueLayout.isReadable, let base = UnsafeRawPointer(pairs.baseAddress) {
            let types = ValueLayout.Types()
            let areKnown = (0..<pairs.count).allSatisfy { types.areKnown(base + $0 * ValueLayout.stride) }
            let thread = txaio_thread_current()
            if areKnown, thread.pointee.refusing == 0,
                thread.pointee.record.capacity > 0 || RecordWriter.makeReady(thread)
            {
                return EncodedFields(inPlace: base, count: pairs.count, over: parent, on: thread)
            }
        }
        return EncodedFields(pairs.lazy.map { (.literal($0.0), $0.1) }, over: parent)
    }

    /// Writes the block's header.
    private func seal(count: Int, size: Int) {
        block.storeBytes(of: ContextBlock.magic, as: UInt64.self)
        block.storeBytes(of: UInt32(clamping: size), toByteOffset: ContextBlock.size, as: UInt32.self)
        block.storeBytes(of: UInt16(clamping: count), toByteOffset: ContextBlock.count, as: UInt16.self)
        block.storeBytes(of: isCut ? 1 : 0, toByteOffset: ContextBlock.cut, as: UInt16.self)
        block.storeBytes(of: 0, toByteOffset: ContextBlock.owner, as: UInt64.self)
        block.storeBytes(of: 0, toByteOffset: ContextBlock.place, as: UInt64.self)
        let object = UInt64(UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()))
        block.storeBytes(of: object, toByteOffset: ContextBlock.object, as: UInt64.self)
    }

    /// Takes over the parent's fields of other names than those that were written; returns how many.
    private static func take(from parent: EncodedFields, into writer: inout RecordWriter) -> Int {
        let end = writer.offset
        var reader = RecordReader(parent.bytes)
        var count = 0
        while let (name, bytes) = reader.nextFieldBytes() {
            // The memory may have moved: look again each time.
            guard let base = writer.buffer.pointee.base else { break }
            let own = UnsafeRawBufferPointer(start: base + ContextBlock.header, count: end - ContextBlock.header)
            if RecordReader.isName(name, in: own) { continue }
            guard writer.ensure(bytes.count) else { break }
            writer.copy(bytes)
            count += 1
        }
        return count
    }

    deinit {
        table?.retire(block)
        txaio_free(block.assumingMemoryBound(to: UInt8.self))
    }
}

extension RecordWriter {
    /// A name made at run time: by the address of one that is kept for good, or by its bytes.
    internal mutating func name(known bytes: UnsafeRawBufferPointer) {
        guard let kept = ContextNames.shared.kept(bytes) else { return name(bytes) }
        put(UInt64(UInt(bitPattern: kept.baseAddress)))
        put(UInt32(truncatingIfNeeded: kept.count))
    }
}
