internal import CTxaio

// One value is one value: readers take a record's bytes in turn, so whatever code of the user's writes, or leaves out, is set
// right before anything follows.

extension RecordWriter {
    /// Writes a value.
    @inlinable @inline(__always)
    internal mutating func write<Value: LogValue>(_ value: Value) {
        // Whoever writes these has made room for them.
        if Value.self == Int.self {
            int(Int64(truncatingIfNeeded: unsafeBitCast(value, to: Int.self)))
        } else if Value.self == Double.self {
            double(unsafeBitCast(value, to: Double.self))
        } else if Value.self == Bool.self {
            bool(unsafeBitCast(value, to: Bool.self))
        } else if Value.runsNoUserCode {
            value.encode(into: &self)
        } else {
            writeForeign(value)
        }
    }

    /// Writes what code of the user's makes of a value.
    ///
    /// Where that writes nothing it is a null, where it writes several values they are an array, or the first of them alone
    /// beyond the limits of containers, and where they leave no room for what follows a mark.
    @usableFromInline @inline(never)
    internal mutating func writeForeign(_ value: some LogValue) {
        let start = offset
        value.encode(into: &self)
        var count: UInt32 = 0
        var firstEnd = start
        var reader = RecordReader(written(from: start))
        while reader.nextValue() != nil {
            count += 1
            if count == 1 { firstEnd = offset - reader.position.distance(to: reader.end) }
        }
        if count == 0 {
            null()
        } else if count > 1, !enclose(from: start, count) {
            position -= offset - firstEnd
            buffer.pointee.lost += 1
        }
        // Seven fields that nobody makes room for may follow: half of the slack will do where the limit is reached.
        if !hasRoom(0), makeRoom(0) < 0, position.distance(to: end) < RecordLayout.slack / 2 {
            buffer.pointee.lost += 1
            position -= offset - start
            put(RecordTag.string)
            put(UInt32(truncatingIfNeeded: Self.cutMark.utf8CodeUnitCount))
            copy(UnsafeRawBufferPointer(literal: Self.cutMark))
        }
    }

    /// What stands where a value was cut.
    internal static var cutMark: StaticString { "... (cut)" }

    /// Makes an array of values that were written; false where there is no room for that, or a limit forbids it.
    private mutating func enclose(from start: Int, _ count: UInt32) -> Bool {
        guard Int(depth) < Self.maximumDepth, Int(nodes) + Int(count) <= Self.maximumNodes, ensure(9) else {
            return false
        }
        nodes += UInt16(count)
        let values = written(from: start)
        let length = values.count
        guard let first = values.baseAddress else { return false }
        let place = position - length
        UnsafeMutableRawPointer(place + 9).copyMemory(from: first, byteCount: length)
        position = place
        put(RecordTag.array)
        put(UInt32(truncatingIfNeeded: length + 4))
        put(count)
        position += length
        return true
    }

    private func written(from start: Int) -> UnsafeRawBufferPointer {
        let length = offset - start
        return UnsafeRawBufferPointer(start: position - length, count: length)
    }

    /// Whether there is room for a scalar, or what is as short, that code of the user's may write any number of.
    @inlinable @inline(__always)
    internal mutating func hasRoomForScalar() -> Bool { 64 <= position.distance(to: end) || makeRoomForScalar() }

    @usableFromInline @inline(never)
    internal mutating func makeRoomForScalar() -> Bool { ensure(64) || 64 <= position.distance(to: end) }
}
