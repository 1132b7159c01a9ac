internal import TxaioLog

/// Values as the journal has them: texts and bytes as they are, numbers and truth values as text, errors and other objects
/// as their text, what has parts as compact JSON.
internal enum JournalValue {
    /// The bytes of a value that is stored as it is; `nil` where its text must be made.
    internal static func stored(_ value: RecordValue) -> UnsafeRawBufferPointer? {
        switch value {
        case .string(let text), .bytes(let text): text
        case .object(let object) where object.attributeCount == 0 || object.isError:
            object.text ?? object.representation ?? object.type
        default: nil
        }
    }

    /// Whether a stored value may be a number, a truth value, a list or a map to who reads it back: JSON in all but name.
    ///
    /// Rather too often than too seldom: to say of a text that it is one is never wrong.
    internal static func mayReadAsAnother(_ value: RecordValue) -> Bool { stored(value).map(mayBeJSON) ?? false }

    /// The same of a value where it lies, most of which are told by a look at one byte.
    @inline(__always)
    internal static func mayReadAsAnother(at place: UnsafeRawPointer) -> Bool {
        switch place.load(as: UInt8.self) {
        case RecordTag.string:
            let count = Int(place.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
            guard count > 0, beginsJSON(place.load(fromByteOffset: 5, as: UInt8.self)) else { return false }
            return mayBeJSON(UnsafeRawBufferPointer(start: place + 5, count: count))
        case RecordTag.bytes, RecordTag.object:
            var reader = RecordReader(unbounded: place)
            return reader.nextValue().map(mayReadAsAnother) ?? false
        default: return false
        }
    }

    /// White space, what opens a list or a map, digits and signs, and the first letters of true, false and null.
    @inline(__always)
    private static func beginsJSON(_ byte: UInt8) -> Bool {
        if byte < 0x40 {
            let low: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0D | 1 << 0x20 | 1 << 0x2D | 0x3FF << 0x30
            return low >> UInt64(byte) & 1 != 0
        }
        let letters: UInt64 =
            1 << (0x5B - 0x40) | 1 << (0x66 - 0x40) | 1 << (0x6E - 0x40) | 1 << (0x74 - 0x40)
            | 1 << (0x7B - 0x40)
        return byte < 0x80 && letters >> UInt64(byte - 0x40) & 1 != 0
    }

    @inline(never)
    private static func mayBeJSON(_ text: UnsafeRawBufferPointer) -> Bool {
        switch text.first ?? 0 {
        case UInt8(ascii: "["), UInt8(ascii: "{"), 0x20, 0x09, 0x0A, 0x0D: true
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            text.allSatisfy { $0 < 0x3A || $0 | 0x20 == UInt8(ascii: "e") }
        case UInt8(ascii: "t"): text.starts(with: "true".utf8)
        case UInt8(ascii: "f"): text.starts(with: "false".utf8)
        case UInt8(ascii: "n"): text.starts(with: "null".utf8)
        default: false
        }
    }

    /// Appends the text of any other value, which has no line feed.
    internal static func append(made value: RecordValue, to buffer: inout ByteBuffer) {
        switch value {
        // Bare, as everything that is a number: in JSON they would stand in quotes.
        case .double(let number) where !number.isFinite: buffer.append(shortest: number)
        case .float(let number) where !number.isFinite: buffer.append(shortest: number)
        default: JSONValue.append(value, to: &buffer)
        }
    }

    /// Appends what follows a field's name in the native protocol.
    internal static func append(framed value: RecordValue, to buffer: inout ByteBuffer) {
        if let bytes = stored(value) { return append(framed: bytes, to: &buffer) }
        buffer.append(0x3D)
        append(made: value, to: &buffer)
        buffer.append(0x0A)
    }

    /// Appends bytes in the same way: `=value` LF, or LF, 64-bit length, value, LF where the value has a LF.
    internal static func append(framed bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        if containsNewline(bytes) {
            buffer.append(0x0A)
            var length = UInt64(bytes.count).littleEndian
            withUnsafeBytes(of: &length) { buffer.append($0) }
        } else {
            buffer.append(0x3D)
        }
        buffer.append(bytes)
        buffer.append(0x0A)
    }
}
