#if Configuration
internal import TxaioEmitters

/// Refuses, before the parser sees it, a text on which the parser would work for very long.
///
/// Aliases and keys that are collections are refused anyway, by ``ConfigurationTree``. But Yams compares all keys of a
/// mapping while it reads, with everything that aliases repeat in them: a few hundred bytes can keep it busy for minutes.
/// So a text with more than a few places that could be either does not get there. What looks like one inside a quoted
/// text counts too, since telling them apart takes a parser; the limits leave room for that, and a few cost nothing.
internal struct WorkloadGuard {
    private static let aliasLimit = 4
    private static let keyLimit = 16

    private var aliases = 0
    private var keys = 0
    private var fault: ConfigurationError.Fault?

    /// The first fault, if there is one.
    internal static func check(_ text: String) -> ConfigurationError.Fault? {
        var guardian = WorkloadGuard()
        var place = Place()
        var line: [(scalar: Unicode.Scalar, position: OptionPosition)] = []
        for scalar in text.unicodeScalars {
            line.append((scalar, place.position))
            place.pass(scalar)
            if scalar == "\n" || scalar == "\r" {
                guardian.check(line)
                if let fault = guardian.fault { return fault }
                line.removeAll(keepingCapacity: true)
            }
        }
        guardian.check(line)
        return guardian.fault
    }

    private mutating func check(_ line: [(scalar: Unicode.Scalar, position: OptionPosition)]) {
        let end = Self.endOfContent(line)
        var before: Unicode.Scalar = "\n"
        var beforeBlanks: Unicode.Scalar = "\n"
        for (index, (scalar, position)) in line[..<end].enumerated() {
            switch scalar {
            case "*" where Self.mayPrecedeToken(before) && index + 1 < end && Self.isOfName(line[index + 1].scalar):
                aliases += 1
                if aliases > Self.aliasLimit { note("aliases ('*name') are not allowed", position) }
            case "?" where Self.mayPrecedeToken(before), ":" where beforeBlanks == "]" || beforeBlanks == "}":
                keys += 1
                if keys > Self.keyLimit { note("a key must be a name", position) }
            default: break
            }
            before = scalar
            if scalar != " ", scalar != "\t" { beforeBlanks = scalar }
        }
    }

    private mutating func note(_ message: String, _ position: OptionPosition) {
        if fault == nil { fault = .init(message, at: position) }
    }

    /// A token can begin behind white space and behind what opens or separates; behind anything else it goes on.
    private static func mayPrecedeToken(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "\t", "\n", "\r", "[", "]", "{", "}", ",", ":", "?": true
        default: false
        }
    }

    /// Whether an alias' name can have the character; a star before another one is a fault to the parser.
    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }

    /// Where a comment begins that is certainly one: no quoted text can end behind it in this line.
    private static func endOfContent(_ line: [(scalar: Unicode.Scalar, position: OptionPosition)]) -> Int {
        let behindQuotes = (line.lastIndex { $0.scalar == "\"" || $0.scalar == "'" } ?? -1) + 1
        for index in line.indices[behindQuotes...] where line[index].scalar == "#" {
            if index == 0 || line[index - 1].scalar == " " || line[index - 1].scalar == "\t" { return index }
        }
        return line.count
    }
}
#endif
