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
