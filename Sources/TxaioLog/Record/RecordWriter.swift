public import CTxaio

/// Writes one event's record, field by field.
///
/// ``LogValue/encode(into:)`` receives one; nothing else of it is meant for use outside. All writes are bounded: what finds
/// no room within the record's limit is cut, marked in place, and counted. Not copyable: it is of no use once the call is over.
@frozen
public struct RecordWriter: ~Copyable {
    @usableFromInline internal var position: UnsafeMutableRawPointer
    @usableFromInline internal var end: UnsafeMutableRawPointer
    @usableFromInline internal let buffer: UnsafeMutablePointer<txaio_buffer>
    @usableFromInline internal var depth: UInt16 = 0
    @usableFromInline internal var nodes: UInt16 = 0

    @inlinable @inline(__always)
    internal init(_ buffer: UnsafeMutablePointer<txaio_buffer>, offset: Int) {
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        self.buffer = buffer
        position = base + offset
        end = base + Int(truncatingIfNeeded: buffer.pointee.capacity)
    }

    @inlinable @inline(__always)
    internal var offset: Int {
        UnsafeRawPointer(buffer.pointee.base.unsafelyUnwrapped).distance(to: UnsafeRawPointer(position))
    }

    @inlinable @inline(__always)
    internal mutating func put<T: BitwiseCopyable>(_ value: T) {
        position.storeBytes(of: value, as: T.self)
        position += MemoryLayout<T>.size
    }

    @inlinable @inline(__always)
    internal mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        txaio_copy(position, source, bytes.count)
        position += bytes.count
    }

    // ------------------------------------------------------------------------------------------------ names

    /// A literal name: its address is enough.
    @inlinable @inline(__always)
    internal mutating func name(_ name: StaticString) {
        put(UInt64(UInt(bitPattern: name.utf8Start)))
        put(UInt32(truncatingIfNeeded: name.utf8CodeUnitCount))
    }

    /// A name made at run time: its bytes are copied, up to 256 of them.
    internal mutating func name(_ name: UnsafeRawBufferPointer) {
        // Without room for it the name is empty, but there: a value follows, and readers take the bytes in turn.
        let wanted = clip(name, to: 256)
        let length = ensure(wanted + 12 + 64) ? wanted : 0
        put(0 as UInt64)
        put(UInt32(truncatingIfNeeded: length))
        copy(UnsafeRawBufferPointer(rebasing: name[..<length]))
    }

    // ------------------------------------------------------------------------------------------------ scalars

    @inlinable @inline(__always)
    internal mutating func null() { put(RecordTag.null) }

    @inlinable @inline(__always)
    internal mutating func bool(_ value: Bool) { put(value ? RecordTag.yes : RecordTag.no) }

    @inlinable @inline(__always)
    internal mutating func int(_ value: Int64) {
        put(RecordTag.int)
        put(value)
    }

    @inlinable @inline(__always)
    internal mutating func uint(_ value: UInt64) {
        put(RecordTag.uint)
        put(value)
    }

    @inlinable @inline(__always)
    internal mutating func double(_ value: Double) {
        put(RecordTag.double)
        put(value)
    }

    @inlinable @inline(__always)
    internal mutating func float(_ value: Float) {
        put(RecordTag.float)
        put(value)
    }

    @inlinable
    internal mutating func wideInt(_ value: Int128) {
        put(RecordTag.wideInt)
        put(value)
    }

    @inlinable
    internal mutating func wideUInt(_ value: UInt128) {
        put(RecordTag.wideUInt)
        put(value)
    }

    @inlinable
    internal mutating func duration(_ value: Duration) {
        // Its components would trap where the seconds exceed 64 bits.
        put(RecordTag.duration)
        put(value.attoseconds)
    }

    /// Whether a text of so many bytes fits, with the slack behind it.
    @inlinable @inline(__always)
    internal func hasRoom(_ count: Int) -> Bool { count &+ RecordLayout.slack <= position.distance(to: end) }

    /// UTF-8 text, or with `tag` bytes of any kind.
    @inlinable @inline(__always)
    internal mutating func string(_ bytes: UnsafeRawBufferPointer, tag: UInt8 = RecordTag.string) {
        guard hasRoom(bytes.count) else { return longString(bytes, tag: tag) }
        put(tag)
        put(UInt32(truncatingIfNeeded: bytes.count))
        copy(bytes)
    }

    @inlinable @inline(__always)
    internal mutating func string(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ string(UnsafeRawBufferPointer($0)) }) == nil {
            foreignString(text)
        }
    }

    /// A text whose storage is not contiguous UTF-8 (bridged ones, on Darwin).
    @usableFromInline @inline(never)
    internal mutating func foreignString(_ text: String) {
        var text = text
        text.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    @usableFromInline @inline(never)
    internal mutating func longString(_ bytes: UnsafeRawBufferPointer, tag: UInt8) {
        guard hasRoomForScalar() else { return }
        put(tag)
        counted(bytes, isText: tag == RecordTag.string)
    }

    /// A length and as many of the bytes as there is room for.
    internal mutating func counted(_ bytes: UnsafeRawBufferPointer, isText: Bool) {
        let room = bytes.count &+ RecordLayout.slack <= position.distance(to: end) ? bytes.count : makeRoom(bytes.count)
        if room >= bytes.count {
            put(UInt32(truncatingIfNeeded: bytes.count))
            return copy(bytes)
        }
        // Cut where a scalar begins, and say so in place.
        let kept = isText ? clip(bytes, to: max(0, room)) : max(0, room)
        let lost = bytes.count - kept
        buffer.pointee.lost += UInt64(lost)
        let mark = Self.cutMark
        put(UInt32(truncatingIfNeeded: kept + mark.utf8CodeUnitCount))
        copy(UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
        copy(UnsafeRawBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount))
    }

    // ------------------------------------------------------------------------------------------------ pairs of a call

    /// Writes pairs of a list while each has a literal's name, a value of one of the commonest types, and room.
    ///
    /// Only where ``ValueLayout/isReadable``. Returns how many there are left, and whether a value of the others may count a
    /// reference.
    @inline(__always)
    internal mutating func plainPairs(_ pairs: UnsafeRawPointer, count: Int) -> (left: Int, mayCount: Bool) {
        let done = txaio_pairs_write(pairs, UInt32(clamping: count), position, end - RecordLayout.slack)
        position = done.place
        return (Int(done.left), done.may_count)
    }

    // ------------------------------------------------------------------------------------------------ room

    /// Makes room for `count` bytes and the slack behind them; `false` where the limit forbids it: the caller then leaves
    /// out what it meant to write.
    @usableFromInline
    internal mutating func ensure(_ count: Int) -> Bool {
        if count &+ RecordLayout.slack <= position.distance(to: end) { return true }
        if makeRoom(count) >= count { return true }
        buffer.pointee.lost += 1
        return false
    }

    /// Grows the memory, within its limit, until `count` bytes and the slack fit.
    ///
    /// Returns how many bytes fit now.
    @inline(never)
    internal mutating func makeRoom(_ count: Int) -> Int {
        let thread = txaio_thread_current()
        if txaio_is_in_place(thread, buffer) { moveOut(thread) }
        let at = offset
        let (needed, overflow) = (at + RecordLayout.slack).addingReportingOverflow(count)
        let limit = Int(clamping: buffer.pointee.limit)
        let wanted = overflow ? limit : min(limit, max(needed, Int(clamping: buffer.pointee.capacity) * 2))
        if wanted > Int(clamping: buffer.pointee.capacity), buffer.pointee.base != nil {
            txaio_buffer_grow(buffer, UInt64(at), UInt64(wanted))
            self = RecordWriter(buffer, offset: at, depth: depth, nodes: nodes)
        }
        return position.distance(to: end) - RecordLayout.slack
    }

    internal init(_ buffer: UnsafeMutablePointer<txaio_buffer>, offset: Int, depth: UInt16, nodes: UInt16) {
        self.init(buffer, offset: offset)
        self.depth = depth
        self.nodes = nodes
    }
}

/// How many of the first `limit` bytes form whole scalars.
package func clip(_ bytes: UnsafeRawBufferPointer, to limit: Int) -> Int {
    if bytes.count <= limit { return bytes.count }
    var length = limit
    while length > 0, bytes[length] & 0xC0 == 0x80 { length -= 1 }
    return length
}
