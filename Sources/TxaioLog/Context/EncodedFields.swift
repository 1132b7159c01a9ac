public import CTxaio

/// A field's name: a literal's address, or bytes.
internal enum FieldName {
    case literal(StaticString)
    case string(String)
}

/// Fields encoded once, to which records refer; at least one.
///
/// They never change, are counted as objects are, and may be used on any thread.
public typealias EncodedFields = txaio_fields

// The block is written before anybody else has the fields; where a table keeps a copy changes under the tables' lock.
extension txaio_fields {
    internal var block: UnsafeMutableRawPointer { @inline(__always) get { txaio_fields_block(self) } }

    /// The block's address.
    internal var reference: UInt64 { @inline(__always) get { UInt64(UInt(bitPattern: block)) } }

    /// Whether values were cut, or fields left out, at the record's limit.
    internal var isCut: Bool {
        @inline(__always) get { block.load(fromByteOffset: ContextBlock.cut, as: UInt16.self) != 0 }
    }

    internal var bytes: UnsafeRawBufferPointer { @inline(__always) get { ContextBlock.fields(at: reference) } }

    // ------------------------------------------------------------------------------------------------ making

    /// The fields of a call, then what `parent` has under other names; `parent` where the call has none.
    internal static func make(
        _ pairs: UnsafeBufferPointer<(StaticString, any LogValue)>,
        over parent: EncodedFields?
    ) -> EncodedFields? {
        guard let base = UnsafeRawPointer(pairs.baseAddress), pairs.count > 0 else { return parent }
        guard ValueLayout.isReadable else { return make(plainly: pairs, over: parent) }
        let thread = txaio_thread_current()
        let found = txaio_fields_make_common(thread)
        let start = found.block + ContextBlock.header
        let room = Int(TXAIO_FIELDS_COMMON) - ContextBlock.header - (parent?.bytes.count ?? 0)
        let done = txaio_pairs_write(base, UInt32(clamping: pairs.count), start, start + room - Int(TXAIO_PAIRS_SLACK))
        if done.left == 0 {
            found.seal(own: start.distance(to: done.place), count: pairs.count, isCut: false, over: parent)
            return found
        }
        return make(pairs, base, over: parent, on: thread)
    }

    /// The same for fields that take more room, or of other types.
    @inline(never)
    private static func make(
        _ pairs: UnsafeBufferPointer<(StaticString, any LogValue)>,
        _ base: UnsafeRawPointer,
        over parent: EncodedFields?,
        on thread: UnsafeMutablePointer<txaio_thread>
    ) -> EncodedFields? {
        let types = ValueLayout.Types()
        let areKnown = (0..<pairs.count).allSatisfy { types.areKnown(base + $0 * ValueLayout.stride) }
        guard areKnown, thread.pointee.refusing == 0,
            thread.pointee.own.pointee.capacity > 0 || RecordWriter.makeReady(thread)
        else { return make(plainly: pairs, over: parent) }
        // In the thread's own memory, which log calls are kept from meanwhile.
        txaio_thread_refuse(thread)
        defer { txaio_thread_admit(thread) }
        let buffer = thread.pointee.own
        var writer = RecordWriter(buffer, offset: 0)
        var count = 0
        while count < pairs.count, writer.ensure(64) {
            let (name, value) = pairs[count]
            writer.name(name)
            writer.write(value)
            count += 1
            let rest = pairs.count - count
            count += rest - writer.plainPairs(base + count * ValueLayout.stride, count: rest).left
        }
        let isCut = buffer.pointee.lost > 0
        buffer.pointee.lost = 0
        return make(copying: writer.written, count: count, isCut: isCut, over: parent)
    }

    @inline(never)
    private static func make(
        plainly pairs: UnsafeBufferPointer<(StaticString, any LogValue)>,
        over parent: EncodedFields?
    ) -> EncodedFields? {
        make(pairs.lazy.map { (.literal($0.0), $0.1) }, over: parent)
    }

    /// Encodes pairs, then takes over what `parent` has under other names; `nil` where there is nothing.
    internal static func make(
        _ pairs: some Sequence<(FieldName, any LogValue)>,
        over parent: EncodedFields?
    ) -> EncodedFields? {
        var buffer = txaio_buffer.record(1024)
        return withUnsafeMutablePointer(to: &buffer) { buffer in
            defer { txaio_free(buffer.pointee.base) }
            var writer = RecordWriter(buffer, offset: 0)
            var count = 0
            for (name, value) in pairs where writer.ensure(64) {
                switch name {
                case .literal(let name): writer.name(name)
                case .string(var name):
                    name.withUTF8 { writer.name(known: UnsafeRawBufferPointer($0)) }
                }
                writer.write(value)
                count += 1
            }
            return make(copying: writer.written, count: count, isCut: buffer.pointee.lost > 0, over: parent)
        }
    }

    fileprivate static func make(
        copying fields: UnsafeRawBufferPointer,
        count: Int,
        isCut: Bool,
        over parent: EncodedFields?
    ) -> EncodedFields? {
        guard count > 0, let base = fields.baseAddress else { return parent }
        let needed = ContextBlock.header + fields.count + (parent?.bytes.count ?? 0)
        let made =
            needed <= Int(TXAIO_FIELDS_COMMON)
            ? txaio_fields_make_common(txaio_thread_current()) : txaio_fields_make(needed)
        (made.block + ContextBlock.header).copyMemory(from: base, byteCount: fields.count)
        made.seal(own: fields.count, count: count, isCut: isCut, over: parent)
        return made
    }

    /// Takes over what the parent has, for which there is room, and writes the block's header.
    @inline(__always)
    private func seal(own: Int, count: Int, isCut: Bool, over parent: EncodedFields?) {
        if let parent { return seal(own: own, count: count, isCut: isCut, over: parent.block) }
        seal(size: own, count: count, isCut: isCut)
    }

    @inline(__always)
    private func seal(size: Int, count: Int, isCut: Bool) {
        let block = block
        block.storeBytes(of: ContextBlock.magic, as: UInt64.self)
        // Below the record's limit, which is below 4 GiB.
        block.storeBytes(of: UInt32(truncatingIfNeeded: size), toByteOffset: ContextBlock.size, as: UInt32.self)
        block.storeBytes(of: UInt16(clamping: count), toByteOffset: ContextBlock.count, as: UInt16.self)
        block.storeBytes(of: isCut ? 1 : 0, toByteOffset: ContextBlock.cut, as: UInt16.self)
        block.storeBytes(of: 0, toByteOffset: ContextBlock.owner, as: UInt64.self)
        block.storeBytes(of: 0, toByteOffset: ContextBlock.place, as: UInt64.self)
    }

    /// Takes over the fields of a parent's block that have other names than the own ones, which are there already, as far
    /// as the limit goes.
    @inline(never)
    private func seal(own ownSize: Int, count ownCount: Int, isCut: Bool, over parent: UnsafeMutableRawPointer) {
        let fields = block + ContextBlock.header
        let own = UnsafeRawBufferPointer(start: fields, count: ownSize)
        let limit = RecordLimits.current - ContextBlock.header - RecordLayout.slack
        var (size, count) = (ownSize, ownCount)
        var isCut = isCut || parent.load(fromByteOffset: ContextBlock.cut, as: UInt16.self) != 0
        var reader = RecordReader(ContextBlock.fields(at: UInt64(UInt(bitPattern: parent))))
        while let (name, bytes) = reader.nextFieldBytes() {
            if RecordReader.isName(name, in: own) { continue }
            guard let base = bytes.baseAddress, size + bytes.count <= limit else {
                isCut = true
                break
            }
            (fields + size).copyMemory(from: base, byteCount: bytes.count)
            size += bytes.count
            count += 1
        }
        seal(size: size, count: count, isCut: isCut)
    }
}

extension RecordWriter {
    /// Begins fields that are no event's; ``bind(to:over:count:)`` ends them.
    ///
    /// With `direct` in the thread's own memory, which log calls are kept from meanwhile; otherwise, or where that is in
    /// use, in memory of their own.
    @usableFromInline
    internal static func beginFields(direct: Bool) -> RecordWriter {
        let thread = txaio_thread_current()
        if direct, thread.pointee.refusing == 0, thread.pointee.own.pointee.capacity > 0 || makeReady(thread) {
            txaio_thread_refuse(thread)
            return RecordWriter(thread.pointee.own, offset: 0)
        }
        let buffer = UnsafeMutablePointer<txaio_buffer>.allocate(capacity: 1)
        buffer.initialize(to: .record(1024))
        return RecordWriter(buffer, offset: 0)
    }

    /// Ends fields: a logger's that has them besides those of another.
    @usableFromInline @inline(never)
    internal mutating func bind(
        to cell: UnsafePointer<txaio_cell>,
        over parent: EncodedFields?,
        count: Int
    ) -> TxaioLogger {
        let isCut = buffer.pointee.lost > 0
        let fields = EncodedFields.make(copying: written, count: count, isCut: isCut, over: parent)
        let thread = txaio_thread_current()
        if buffer == thread.pointee.own {
            buffer.pointee.lost = 0
            txaio_thread_admit(thread)
        } else {
            txaio_free(buffer.pointee.base)
            buffer.deallocate()
        }
        return TxaioLogger(LogHandle(cell: cell, bound: fields))
    }

    /// What was written so far into memory that begins with it.
    internal var written: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffer.pointee.base, count: offset)
    }

    /// A name made at run time: by the address of one that is kept for good, or by its bytes.
    internal mutating func name(known bytes: UnsafeRawBufferPointer) {
        guard let kept = ContextNames.shared.kept(bytes) else { return name(bytes) }
        put(UInt64(UInt(bitPattern: kept.baseAddress)))
        put(UInt32(truncatingIfNeeded: kept.count))
    }
}
