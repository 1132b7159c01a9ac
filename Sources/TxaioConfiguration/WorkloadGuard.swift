#if Configuration
internal import TxaioEmitters

/// Refuses, before the parser sees it, a text on which the parser would work for very long.
///
/// Aliases and keys that are collections are refused anyway, by ``ConfigurationTree``. But Yams compares all keys of a
/// mapping while it reads, with everything that aliases repeat in them: a few hundred bytes can keep it busy for minutes.
/// So a text with more than a few places that could be either does not get there. What looks like one inside a quoted
/// text counts too, since telling them apart takes a parser; the limits leave room for that, and a few cost nothing.
///
/// Nor does a text of more entries than any configuration has: each costs some microseconds and half a kilobyte.
internal struct WorkloadGuard {
    private static let aliasLimit = 4
    private static let keyLimit = 16
    /// Colons and commas: twice what as many rules as there can be have.
    private static let entryLimit = 40_000

    private let bytes: UnsafeBufferPointer<UInt8>
    private var aliases = 0
    private var keys = 0
    private var entries = 0

    /// The first fault, if there is one.
    internal static func check(_ text: String) -> ConfigurationError.Fault? {
        var text = text
        let fault = text.withUTF8 { bytes in
            var guardian = WorkloadGuard(bytes: bytes)
            return guardian.firstFault()
        }
        return fault.map { .init($0.message, at: Place.position(in: text, at: $0.offset)) }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    private mutating func firstFault() -> (message: String, offset: Int)? {
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex { $0 == Sign.feed || $0 == Sign.return } ?? bytes.count
            if let fault = firstFault(from: start, to: endOfContent(from: start, to: end)) { return fault }
            start = end + 1
        }
        return nil
    }

    /// Looks through one line.
    private mutating func firstFault(from start: Int, to end: Int) -> (message: String, offset: Int)? {
        var before = Sign.feed
        var beforeBlanks = Sign.feed
        for offset in start..<end {
            let byte = bytes[offset]
            switch byte {
            case Sign.star where Self.mayPrecedeToken(before) && offset + 1 < end && Self.isOfName(bytes[offset + 1]):
                aliases += 1
                if aliases > Self.aliasLimit { return ("aliases ('*name') are not allowed", offset) }
            case Sign.question where Self.mayPrecedeToken(before),
                Sign.colon where beforeBlanks == Sign.closingBracket || beforeBlanks == Sign.closingBrace:
                keys += 1
                if keys > Self.keyLimit { return ("a key must be a name", offset) }
            default: break
            }
            if byte == Sign.colon || byte == Sign.comma {
                entries += 1
                if entries > Self.entryLimit { return ("more entries than a configuration can have", offset) }
            }
            before = byte
            if byte != Sign.space, byte != Sign.tab { beforeBlanks = byte }
        }
        return nil
    }

    /// A token can begin behind white space and behind what opens or separates; behind anything else it goes on.
    private static func mayPrecedeToken(_ byte: UInt8) -> Bool {
        switch byte {
        case Sign.space, Sign.tab, Sign.feed, Sign.openingBracket, Sign.closingBracket, Sign.openingBrace,
            Sign.closingBrace, Sign.comma, Sign.colon, Sign.question:
            true
        default: false
        }
    }

    /// Whether an alias' name can have the character; a star before another one is a fault to the parser.
    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Where a comment begins that is certainly one: no quoted text can end behind it in this line.
    private func endOfContent(from start: Int, to end: Int) -> Int {
        let quote = bytes[start..<end].lastIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }
        for offset in (quote.map { $0 + 1 } ?? start)..<end where bytes[offset] == UInt8(ascii: "#") {
            if offset == start || bytes[offset - 1] == Sign.space || bytes[offset - 1] == Sign.tab { return offset }
        }
        return end
    }

    private enum Sign {
        static let tab = UInt8(ascii: "\t")
        static let feed = UInt8(ascii: "\n")
        static let `return` = UInt8(ascii: "\r")
        static let space = UInt8(ascii: " ")
        static let star = UInt8(ascii: "*")
        static let comma = UInt8(ascii: ",")
        static let colon = UInt8(ascii: ":")
        static let question = UInt8(ascii: "?")
        static let openingBracket = UInt8(ascii: "[")
        static let closingBracket = UInt8(ascii: "]")
        static let openingBrace = UInt8(ascii: "{")
        static let closingBrace = UInt8(ascii: "}")
    }
}
#endif
