#if Configuration
internal import TxaioEmitters

/// The text of a file, known to be UTF-8 without controls.
internal struct SourceText {
    internal let text: String

    /// The largest file, in bytes.
    internal static let limit = 1 << 20

    internal init(_ bytes: [UInt8]) throws(ConfigurationError) {
        if bytes.count > Self.limit { throw ConfigurationError([.init("larger than \(Self.limit >> 20) MiB")]) }
        var content = bytes[...]
        if content.starts(with: [0xEF, 0xBB, 0xBF]) { content = content.dropFirst(3) }
        if Self.isUTF16(content) {
            throw ConfigurationError([.init("the file is UTF-16 or UTF-32; save it as UTF-8")])
        }
        text = try Self.decode(content)
    }

    // A byte order mark, or an ASCII character beside a NUL in the first two.
    private static func isUTF16(_ bytes: ArraySlice<UInt8>) -> Bool {
        let first = Array(bytes.prefix(4))
        guard first.count >= 2 else { return false }
        if first[0] == 0xFE && first[1] == 0xFF || first[0] == 0xFF && first[1] == 0xFE { return true }
        return (first[0] == 0) != (first[1] == 0) || first == [0, 0, 0xFE, 0xFF]
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) throws(ConfigurationError) -> String {
        if !mayHoldForbidden(bytes), let text = String(validating: bytes, as: UTF8.self) { return text }
        return try decodeSlowly(bytes)
    }

    /// Whether a byte is there with which something forbidden might begin: then each character is looked at.
    private static func mayHoldForbidden(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            bytes.contains { byte in
                switch byte {
                case 0x09, 0x0A, 0x0D: false
                // The second half of Latin-1's controls, U+2000 to U+2FFF, U+F000 to U+FFFF.
                case 0..<0x20, 0x7F, 0xC2, 0xE2, 0xEF: true
                default: false
                }
            }
        }
    }

    /// Character by character, so that a fault has its place.
    private static func decodeSlowly(_ bytes: ArraySlice<UInt8>) throws(ConfigurationError) -> String {
        var place = Place()
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var text = String()
        text.reserveCapacity(bytes.count)
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                if let name = forbiddenName(scalar) {
                    throw ConfigurationError([.init("the file holds \(name)", at: place.position)])
                }
                text.unicodeScalars.append(scalar)
                place.pass(scalar)
            case .error:
                throw ConfigurationError([.init("the file is not UTF-8", at: place.position)])
            case .emptyInput:
                return text
            }
        }
    }

    private static func forbiddenName(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0: "a NUL"
        case 0x09, 0x0A, 0x0D: nil
        case 0..<0x20, 0x7F..<0xA0: "the control character U+\(hex(scalar))"
        case 0x2028, 0x2029: "the line separator U+\(hex(scalar))"
        case 0xFEFF: "a byte order mark amid its text"
        case 0xFFFE, 0xFFFF: "U+\(hex(scalar)), which is no character"
        // They make text look like something that it is not.
        case 0x202A...0x202E, 0x2066...0x2069: "the direction mark U+\(hex(scalar))"
        default: nil
        }
    }

    private static func hex(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}
#endif
