internal import CTxaio

// Containers: their length is written once they are whole. Depth and nodes are capped, so no value, however deep or even
// cyclic, takes more than a bounded time and room.

extension RecordWriter {
    /// Values nest at most this deep.
    package static var maximumDepth: Int { 32 }
    /// A record holds at most this many values within containers.
    package static var maximumNodes: Int { 10_000 }

    /// Where a container began, and what it holds so far.
    @usableFromInline
    internal struct Container {
        @usableFromInline let start: Int
        @usableFromInline var count: UInt32 = 0
    }

    /// Opens a container, or writes a mark in its place and returns `nil`.
    @usableFromInline
    internal mutating func open(_ tag: UInt8) -> Container? {
        guard Int(depth) < Self.maximumDepth, ensure(64) else {
            string(UnsafeRawBufferPointer(literal: "... (too deep)"))
            return nil
        }
        depth += 1
        put(tag)
        put(0 as UInt32)
        let start = offset
        return Container(start: start)
    }

    /// Whether another node may be written into a container.
    @usableFromInline
    internal mutating func admit(_ container: inout Container) -> Bool {
        guard Int(nodes) < Self.maximumNodes, ensure(64) else {
            buffer.pointee.lost += 1
            return false
        }
        nodes += 1
        container.count += 1
        return true
    }

    /// Writes the container's length, and its count at `countOffset` from its start.
    @usableFromInline
    internal mutating func close(_ container: Container, countOffset: Int = 0) {
        depth -= 1
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        let length = UInt32(truncatingIfNeeded: offset - container.start)
        (base + container.start - 4).storeBytes(of: length, as: UInt32.self)
        (base + container.start + countOffset).storeBytes(of: container.count, as: UInt32.self)
    }

    /// Writes an array's elements.
    @inlinable
    internal mutating func array(_ elements: some Sequence<some LogValue>) {
        guard var container = open(RecordTag.array) else { return }
        put(0 as UInt32)
        for element in elements {
            guard admit(&container) else { break }
            write(element)
        }
        close(container)
    }

    /// Writes a dictionary's pairs in the order given.
    @inlinable
    internal mutating func dictionary<K: LogValue, V: LogValue>(_ pairs: some Sequence<(K, V)>) {
        guard var container = open(RecordTag.dictionary) else { return }
        put(0 as UInt32)
        for (key, value) in pairs {
            guard admit(&container) else { break }
            write(key)
            if ensure(64) { write(value) } else { null() }
        }
        close(container)
    }

    /// Writes a value that has a type's name, texts, and attributes that templates may name.
    internal mutating func object(
        type: String,
        text: String?,
        representation: String?,
        isError: Bool = false,
        attributes: some Sequence<(key: StaticString, value: any LogValue)>
    ) {
        guard var container = open(RecordTag.object) else { return }
        var parts: UInt8 = isError ? RecordObjectPart.error : 0
        if text != nil { parts |= RecordObjectPart.text }
        if representation != nil { parts |= RecordObjectPart.representation }
        put(parts)
        part(type)
        part(text ?? "")
        part(representation ?? "")
        let countOffset = offset - container.start
        put(0 as UInt32)
        for (key, value) in attributes {
            guard admit(&container) else { break }
            name(key)
            write(value)
        }
        close(container, countOffset: countOffset)
    }

    /// A text without a tag.
    private mutating func part(_ text: String) {
        var text = text
        text.withUTF8 { counted(UnsafeRawBufferPointer($0), isText: true) }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes of a literal.
    @inlinable @inline(__always)
    internal init(literal: StaticString) {
        self.init(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }
}
