#if Configuration
internal import TxaioEmitters

/// What a scalar without quotation marks is: the core schema of YAML 1.2, to which JSON's words and numbers belong.
///
/// `yes`, `no`, `on`, `off` and `1:30`, which YAML 1.1 takes for truth and numbers, are text.
internal enum PlainScalar {
    internal static func content(_ text: String) -> OptionValue.Content {
        switch text {
        case "", "~", "null", "Null", "NULL": .null
        case "true", "True", "TRUE": .bool(true)
        case "false", "False", "FALSE": .bool(false)
        case ".nan", ".NaN", ".NAN": .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": .double(-.infinity)
        default: number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> OptionValue.Content? {
        var bytes = Array(text.utf8)[...]
        if text.hasPrefix("0x") { return unsigned(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return unsigned(text.dropFirst(2), radix: 8) }
        if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        let whole = digits(&bytes)
        guard !bytes.isEmpty || whole == 0 else {
            // Beyond 64 bits a number is an approximate one.
            return Int64(text).map { .int($0) } ?? Double(text).map { .double($0) }
        }
        var fraction = 0
        if bytes.first == UInt8(ascii: ".") {
            bytes = bytes.dropFirst()
            fraction = digits(&bytes)
        }
        guard whole + fraction > 0 else { return nil }
        if bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E") {
            bytes = bytes.dropFirst()
            if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
            guard digits(&bytes) > 0 else { return nil }
        }
        return bytes.isEmpty ? Double(text).map { .double($0) } : nil
    }

    private static func digits(_ bytes: inout ArraySlice<UInt8>) -> Int {
        let rest = bytes.drop { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        defer { bytes = rest }
        return bytes.count - rest.count
    }

    private static func unsigned(_ digits: Substring, radix: Int) -> OptionValue.Content? {
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) else { return nil }
        return Int64(digits, radix: radix).map { .int($0) }
    }
}
#endif
