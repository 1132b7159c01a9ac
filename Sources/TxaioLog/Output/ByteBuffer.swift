/// Growing memory that text is written into as UTF-8 bytes.
///
/// Renderers append to one that the thread keeps, so a warm one costs no allocation. Nothing here throws; memory that the
/// system refuses ends the process, as everywhere in Swift.
@frozen
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
    @usableFromInline internal var base: UnsafeMutablePointer<UInt8>
    /// How many bytes it can hold before it grows.
    public internal(set) var capacity: Int
    @usableFromInline internal var used: Int

    /// Makes an empty buffer with room for `capacity` bytes.
    public init(capacity: Int = 1024) {
        self.capacity = max(64, capacity)
        base = .allocate(capacity: self.capacity)
        used = 0
    }

    deinit { base.deallocate() }

    /// How many bytes it holds.
    @inlinable
    public var count: Int { used }

    /// Forgets the content; memory over `keeping` bytes is given back.
    public mutating func removeAll(keeping limit: Int = 256 << 10) {
        used = 0
        if capacity > limit { reallocate(limit) }
    }

    /// ``removeAll(keeping:)`` with its own limit, for where it is done at each event.
    @inlinable @inline(__always)
    package mutating func clear() {
        used = 0
        if capacity > 256 << 10 { removeAll() }
    }

    /// Cuts the content down to its first `count` bytes; a larger count changes nothing.
    @inlinable
    public mutating func truncate(to count: Int) {
        used = max(0, min(used, count))
    }

    /// Makes room for `extra` more bytes.
    @inlinable @inline(__always)
    public mutating func reserve(_ extra: Int) {
        if used &+ extra > capacity { grow(extra) }
    }

    @usableFromInline @inline(never)
    internal mutating func grow(_ extra: Int) {
        reallocate(max(used + extra, capacity * 2))
    }

    private mutating func reallocate(_ size: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: max(64, size))
        larger.update(from: base, count: used)
        base.deallocate()
        base = larger
        capacity = max(64, size)
    }

    /// Where the next bytes go, with room for `room` of them; ``advance(by:)`` says how many were written.
    @inlinable @inline(__always)
    package mutating func tail(_ room: Int) -> UnsafeMutableRawPointer {
        reserve(room)
        return UnsafeMutableRawPointer(base + used)
    }

    /// Takes in bytes that were written behind the content, within the room that ``tail(_:)`` made.
    @inlinable @inline(__always)
    package mutating func advance(by count: Int) { used &+= count }

    /// Appends one byte.
    @inlinable @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        base[used] = byte
        used &+= 1
    }

    /// Appends two bytes.
    @inlinable @inline(__always)
    package mutating func append(_ first: UInt8, _ second: UInt8) {
        reserve(2)
        base[used] = first
        base[used &+ 1] = second
        used &+= 2
    }

    /// Appends `count` copies of a byte.
    @inlinable
    public mutating func append(repeating byte: UInt8, count: Int) {
        guard count > 0 else { return }
        reserve(count)
        (base + used).update(repeating: byte, count: count)
        used &+= count
    }

    /// Appends bytes as they are.
    @inlinable @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + used).copyMemory(from: source, byteCount: bytes.count)
        used &+= bytes.count
    }

    /// Appends a literal.
    @inlinable @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a text.
    public mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends one scalar as UTF-8.
    public mutating func append(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar).unsafelyUnwrapped { append(byte) }
    }

    /// Lets `body` read the content.
    ///
    /// The pointer is valid only inside.
    @inlinable @inline(__always)
    public borrowing func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: used))
    }

    /// Lets `body` read and change the content in place.
    ///
    /// The pointer is valid only inside.
    @inlinable @inline(__always)
    public mutating func withMutableBytes<R, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(UnsafeMutableRawBufferPointer(start: base, count: used))
    }

    /// Overwrites the byte at `offset`, which must lie within the content.
    @inlinable
    public mutating func replace(at offset: Int, with byte: UInt8) {
        precondition(offset >= 0 && offset < used, "A replaced byte must lie within the content")
        base[offset] = byte
    }

    /// The content as a text; bytes that are not UTF-8 become U+FFFD.
    ///
    /// Allocates.
    public borrowing func string() -> String {
        String(decoding: UnsafeBufferPointer(start: base, count: used), as: UTF8.self)
    }
}
