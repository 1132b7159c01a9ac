/// The texts of values as Python spells them: `str` and `repr`.
internal enum PythonText {
    /// How deep containers may lie in one another; records hold no deeper ones.
    private static let maximumDepth = 64

    /// Appends `str(value)`.
    ///
    /// `false` where a value has no text; what was written until then is left.
    internal static func append(_ value: RecordValue, to buffer: inout ByteBuffer, limit: Int) -> Bool {
        switch value {
        case .string(let bytes): buffer.append(bytes)
        case .bytes(let bytes): append(repaired: bytes, to: &buffer)
        case .object(let object):
            guard let text = object.text else { return false }
            buffer.append(text)
        default: return append(representing: value, to: &buffer, ascii: false, limit: limit)
        }
        return true
    }

    /// Appends `repr(value)`, or with `ascii` Python's `ascii(value)`.
    ///
    /// Stops soon after the buffer holds `limit` bytes.
    internal static func append(
        representing value: RecordValue,
        to buffer: inout ByteBuffer,
        ascii: Bool,
        limit: Int,
        depth: Int = 0
    ) -> Bool {
        switch value {
        case .null: buffer.append("None")
        case .bool(let value): buffer.append(value ? "True" : "False")
        case .int(let value): buffer.append(decimal: value)
        case .uint(let value): buffer.append(decimal: value)
        case .wideInt(let value):
            if value < 0 { buffer.append(0x2D as UInt8) }
            buffer.append(wideDecimal: value.magnitude)
        case .wideUInt(let value): buffer.append(wideDecimal: value)
        case .double(let value): buffer.append(python: value)
        case .float(let value): buffer.append(python: value)
        case .duration(let value):
            buffer.append(shortest: seconds(value))
            buffer.append(" seconds")
        case .string(let bytes), .bytes(let bytes): append(quoting: bytes, to: &buffer, ascii: ascii, limit: limit)
        case .array(let array): return append(array, to: &buffer, ascii: ascii, limit: limit, depth: depth)
        case .dictionary(let pairs): return append(pairs, to: &buffer, ascii: ascii, limit: limit, depth: depth)
        case .object(let object):
            guard let text = object.representation ?? object.text else { return false }
            if ascii { append(escaping: text, to: &buffer, limit: limit) } else { buffer.append(text) }
        }
        return true
    }

    /// A span of time in seconds, as `Duration.description` has it.
    internal static func seconds(_ value: Duration) -> Double {
        Double(value.attoseconds) / 1e18
    }

    private static func append(
        _ array: RecordArray,
        to buffer: inout ByteBuffer,
        ascii: Bool,
        limit: Int,
        depth: Int
    ) -> Bool {
        buffer.append(0x5B as UInt8)
        var reader = array.values
        var isFirst = true
        while buffer.count < limit, depth < maximumDepth, let value = reader.nextValue() {
            if !isFirst { buffer.append(", ") }
            isFirst = false
            guard append(representing: value, to: &buffer, ascii: ascii, limit: limit, depth: depth + 1) else {
                return false
            }
        }
        buffer.append(0x5D as UInt8)
        return true
    }

    private static func append(
        _ dictionary: RecordDictionary,
        to buffer: inout ByteBuffer,
        ascii: Bool,
        limit: Int,
        depth: Int
    ) -> Bool {
        buffer.append(0x7B as UInt8)
        var reader = dictionary.keysAndValues
        var isFirst = true
        while buffer.count < limit, depth < maximumDepth, let key = reader.nextValue(), let value = reader.nextValue() {
            if !isFirst { buffer.append(", ") }
            isFirst = false
            guard append(representing: key, to: &buffer, ascii: ascii, limit: limit, depth: depth + 1) else {
                return false
            }
            buffer.append(": ")
            guard append(representing: value, to: &buffer, ascii: ascii, limit: limit, depth: depth + 1) else {
                return false
            }
        }
        buffer.append(0x7D as UInt8)
        return true
    }

    /// Appends bytes of any kind as a text.
    internal static func append(repaired bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        var at = 0
        while at < bytes.count { buffer.append(bytes.scalar(at: &at), count: 1) }
    }

    /// Appends a text within Python's quotes: single ones, unless it has single ones and no double ones.
    private static func append(
        quoting bytes: UnsafeRawBufferPointer,
        to buffer: inout ByteBuffer,
        ascii: Bool,
        limit: Int
    ) {
        var hasSingle = false
        var hasDouble = false
        for byte in bytes {
            hasSingle = hasSingle || byte == 0x27
            hasDouble = hasDouble || byte == 0x22
        }
        let quote: UInt32 = hasSingle && !hasDouble ? 0x22 : 0x27
        buffer.append(quote, count: 1)
        var at = 0
        while at < bytes.count, buffer.count < limit {
            let scalar = bytes.scalar(at: &at)
            switch scalar {
            case quote, 0x5C:
                buffer.append(0x5C as UInt8)
                buffer.append(scalar, count: 1)
            case 0x09: buffer.append("\\t")
            case 0x0A: buffer.append("\\n")
            case 0x0D: buffer.append("\\r")
            default:
                if ascii ? scalar >= 0x20 && scalar < 0x7F : PythonScalar.isPrintable(scalar) {
                    buffer.append(scalar, count: 1)
                } else {
                    append(escape: scalar, to: &buffer)
                }
            }
        }
        buffer.append(quote, count: 1)
    }

    private static func append(escaping bytes: UnsafeRawBufferPointer, to buffer: inout ByteBuffer, limit: Int) {
        var at = 0
        while at < bytes.count, buffer.count < limit {
            let scalar = bytes.scalar(at: &at)
            if scalar < 0x80 { buffer.append(scalar, count: 1) } else { append(escape: scalar, to: &buffer) }
        }
    }

    private static func append(escape scalar: UInt32, to buffer: inout ByteBuffer) {
        if scalar < 0x100 {
            buffer.append("\\x")
            buffer.append(hex: UInt64(scalar), width: 2)
        } else if scalar < 0x10000 {
            buffer.append("\\u")
            buffer.append(hex: UInt64(scalar), width: 4)
        } else {
            buffer.append("\\U")
            buffer.append(hex: UInt64(scalar), width: 8)
        }
    }

    /// The name that Python has for a value's type.
    internal static func typeName(_ value: RecordValue) -> String {
        switch value {
        case .null: "NoneType"
        case .bool: "bool"
        case .int, .uint, .wideInt, .wideUInt: "int"
        case .double, .float: "float"
        case .string, .bytes: "str"
        case .duration: "Duration"
        case .array: "list"
        case .dictionary: "dict"
        case .object(let object):
            String(decoding: object.type.part(0, clip(object.type, to: 200)), as: UTF8.self)
        }
    }
}
