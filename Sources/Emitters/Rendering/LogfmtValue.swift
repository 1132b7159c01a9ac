package import TxaioLog

/// Values in logfmt: bare where that is unmistakable, else between double quotes.
///
/// Arrays and dictionaries are JSON, quoted like any text where they hold quotes or spaces; spans of time have the unit
/// `s`; a value of a type of its own is its text.
package enum LogfmtValue {
    internal static func append(_ value: RecordValue, with state: inout RenderWorkspace) {
        switch value {
        case .null: state.line.append("null")
        case .bool(let truth): state.line.append(truth ? "true" : "false")
        case .int(let number): state.line.append(decimal: number)
        case .uint(let number): state.line.append(decimal: number)
        case .wideInt(let number): state.line.append(decimal: number)
        case .wideUInt(let number): state.line.append(decimal: number)
        case .double(let number): append(number, to: &state.line)
        case .float(let number):
            if number.isNaN { state.line.append("nan") } else { state.line.append(shortest: number) }
        case .string(let text), .bytes(let text): append(text, to: &state.line)
        case .duration(let span):
            state.line.append(seconds: span)
            state.line.append(0x73)
        case .array, .dictionary: appendJSON(value, by: &state.part, to: &state.line)
        case .object(let object):
            if let text = object.text {
                append(text, to: &state.line)
            } else if object.attributeCount > 0 {
                appendJSON(value, by: &state.part, to: &state.line)
            } else {
                append(object.type, to: &state.line)
            }
        }
    }

    private static func append(_ number: Double, to line: inout ByteBuffer) {
        if number.isNaN { line.append("nan") } else { line.append(shortest: number) }
    }

    /// Appends a text.
    package static func append(_ text: UnsafeRawBufferPointer, to line: inout ByteBuffer) {
        if text.count > 0, ControlEscaper.leavesAlone(text, for: .key) { return line.append(text) }
        line.append(0x22)
        ControlEscaper.append(text, for: .quoted, to: &line)
        line.append(0x22)
    }

    private static func appendJSON(_ value: RecordValue, by part: inout ByteBuffer, to line: inout ByteBuffer) {
        part.removeAll()
        JSONValue.append(value, to: &part)
        part.withBytes { append($0, to: &line) }
    }
}
