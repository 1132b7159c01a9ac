internal import TxaioLog

/// Values as JSON, valid whatever they hold.
///
/// Numbers that JSON lacks are the texts `nan`, `inf` and `-inf`; spans of time are seconds; bytes are text in which what is
/// not UTF-8 became U+FFFD; a value of a type of its own is an object of its attributes, or its text where it has none.
/// Pairs of a dictionary are written as they come, their keys as text.
internal enum JSONValue {
    internal static func append(_ value: RecordValue, to buffer: inout ByteBuffer) {
        switch value {
        case .null: buffer.append("null")
        case .bool(let truth): buffer.append(truth ? "true" : "false")
        case .int(let number): buffer.append(decimal: number)
        case .uint(let number): buffer.append(decimal: number)
        case .wideInt(let number): buffer.append(decimal: number)
        case .wideUInt(let number): buffer.append(decimal: number)
        case .double(let number):
            if number.isFinite { buffer.append(shortest: number) } else { appendName(of: number, to: &buffer) }
        case .float(let number):
            if number.isFinite { buffer.append(shortest: number) } else { appendName(of: Double(number), to: &buffer) }
        case .string(let text), .bytes(let text): append(text, to: &buffer)
        case .duration(let span): buffer.append(seconds: span)
        case .array(let array):
            buffer.append(0x5B)
            var values = array.values
            var isFirst = true
            while let element = values.nextValue() {
                if !isFirst { buffer.append(0x2C) }
                isFirst = false
                append(element, to: &buffer)
            }
            buffer.append(0x5D)
        case .dictionary(let dictionary): append(dictionary, to: &buffer)
        case .object(let object): append(object, to: &buffer)
        }
    }

    /// A text between quotes.
    internal static func append(_ text: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        buffer.append(0x22)
        ControlEscaper.append(text, for: .quoted, to: &buffer)
        buffer.append(0x22)
    }

    private static func append(_ dictionary: RecordDictionary, to buffer: inout ByteBuffer) {
        buffer.append(0x7B)
        var parts = dictionary.keysAndValues
        var isFirst = true
        while let key = parts.nextValue(), let value = parts.nextValue() {
            if !isFirst { buffer.append(0x2C) }
            isFirst = false
            appendKey(key, to: &buffer)
            buffer.append(0x3A)
            append(value, to: &buffer)
        }
        buffer.append(0x7D)
    }

    private static func append(_ object: RecordObject, to buffer: inout ByteBuffer) {
        guard object.attributeCount > 0 else { return append(object.text ?? object.type, to: &buffer) }
        buffer.append(0x7B)
        var attributes = object.attributes
        var isFirst = true
        while let attribute = attributes.nextField() {
            if !isFirst { buffer.append(0x2C) }
            isFirst = false
            append(attribute.name, to: &buffer)
            buffer.append(0x3A)
            append(attribute.value, to: &buffer)
        }
        buffer.append(0x7D)
    }

    /// A dictionary's key: a text as it is, a scalar in its own spelling, anything else as its JSON within a text.
    private static func appendKey(_ key: RecordValue, to buffer: inout ByteBuffer) {
        switch key {
        case .string, .bytes: append(key, to: &buffer)
        case .null, .bool, .int, .uint, .wideInt, .wideUInt, .duration:
            buffer.append(0x22)
            append(key, to: &buffer)
            buffer.append(0x22)
        case .double(let number) where number.isFinite:
            buffer.append(0x22)
            append(key, to: &buffer)
            buffer.append(0x22)
        case .float(let number) where number.isFinite:
            buffer.append(0x22)
            append(key, to: &buffer)
            buffer.append(0x22)
        case .double, .float: append(key, to: &buffer)
        case .object(let object) where object.attributeCount == 0: append(key, to: &buffer)
        case .array, .dictionary, .object:
            // Rare: the one place that allocates.
            var inner = ByteBuffer(capacity: 256)
            append(key, to: &inner)
            inner.withBytes { append($0, to: &buffer) }
        }
    }

    private static func appendName(of number: Double, to buffer: inout ByteBuffer) {
        if number.isNaN { buffer.append("\"nan\"") } else { buffer.append(number < 0 ? "\"-inf\"" : "\"inf\"") }
    }
}
