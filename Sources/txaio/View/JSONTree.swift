import TxaioEmitters

/// A value of JSON as it was written: keys in their order, numbers with all their digits.
indirect enum JSONTree: Sendable, Hashable {
    case null
    case bool(Bool)
    /// As it is spelled.
    case number(String)
    case string(String)
    case list([JSONTree])
    case map([Entry])

    struct Entry: Sendable, Hashable {
        let key: String
        let value: JSONTree
    }

    /// How deep lists and maps may lie in each other.
    private static let deepest = 64

    /// Reads one value with nothing behind it but white space; `nil` where the bytes are not JSON.
    ///
    /// Total: bytes that are not UTF-8 become U+FFFD, and half of a surrogate pair too.
    init?(_ bytes: some Collection<UInt8>) {
        var reader = JSONReader(Array(bytes))
        guard let value = reader.value(depth: Self.deepest), reader.isAtEnd() else { return nil }
        self = value
    }

    /// The value of a key of a map.
    subscript(key: String) -> JSONTree? {
        guard case .map(let entries) = self else { return nil }
        return entries.last { $0.key == key }?.value
    }

    /// As people write it: a string bare, anything else as JSON.
    var text: String {
        if case .string(let text) = self { return text }
        return json
    }

    /// As JSON on one line.
    var json: String {
        switch self {
        case .null: "null"
        case .bool(let truth): truth ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): Self.quoted(text)
        case .list(let values): "[\(values.map(\.json).joined(separator: ","))]"
        case .map(let entries):
            "{\(entries.map { "\(Self.quoted($0.key)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }

    static func quoted(_ text: String) -> String { "\"\(Console.escaped(text, for: .quoted))\"" }
}

/// Reads JSON from bytes.
private struct JSONReader {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { at += 1 }
    }

    mutating func isAtEnd() -> Bool {
        skipSpace()
        return at == bytes.count
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        at += 1
        return true
    }

    private mutating func take(_ word: String, as value: JSONTree) -> JSONTree? {
        guard bytes[at...].starts(with: word.utf8) else { return nil }
        at += word.utf8.count
        return value
    }

    mutating func value(depth: Int) -> JSONTree? {
        skipSpace()
        guard depth > 0, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return map(depth)
        case UInt8(ascii: "["): return list(depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return take("true", as: .bool(true))
        case UInt8(ascii: "f"): return take("false", as: .bool(false))
        case UInt8(ascii: "n"): return take("null", as: .null)
        default: return number()
        }
    }

    private mutating func map(_ depth: Int) -> JSONTree? {
        at += 1
        var entries: [JSONTree.Entry] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return .map([]) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\""), let key = string() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth - 1) else { return nil }
            entries.append(.init(key: key, value: value))
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            return take(UInt8(ascii: "}")) ? .map(entries) : nil
        }
    }

    private mutating func list(_ depth: Int) -> JSONTree? {
        at += 1
        var values: [JSONTree] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return .list([]) }
        while true {
            guard let value = value(depth: depth - 1) else { return nil }
            values.append(value)
            skipSpace()
            if take(UInt8(ascii: ",")) { continue }
            return take(UInt8(ascii: "]")) ? .list(values) : nil
        }
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, (0x30...0x39).contains(byte) { at += 1 }
        return at > start
    }

    private mutating func number() -> JSONTree? {
        let start = at
        _ = take(UInt8(ascii: "-"))
        let first = next
        guard digits(), first != 0x30 || at - start <= (bytes[start] == UInt8(ascii: "-") ? 2 : 1) else { return nil }
        if take(UInt8(ascii: ".")), !digits() { return nil }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return nil }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func string() -> String? {
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard escape(&text) else { return nil }
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape(_ text: inout [UInt8]) -> Bool {
        guard let byte = next else { return false }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            guard let unit = unit() else { return false }
            var units = [unit]
            if (0xD800..<0xDC00).contains(unit), bytes[at...].starts(with: "\\u".utf8) {
                at += 2
                guard let low = self.unit() else { return false }
                units.append(low)
            }
            text += String(decoding: units, as: UTF16.self).utf8
        default: return false
        }
        return true
    }

    private mutating func unit() -> UInt16? {
        guard bytes.count - at >= 4 else { return nil }
        defer { at += 4 }
        var value: UInt16 = 0
        for byte in bytes[at..<at + 4] {
            guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}
