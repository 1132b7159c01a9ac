#if Configuration
internal import TxaioEmitters
internal import TxaioLog
internal import Yams

/// Gets a text through Yams although keys are given twice in it.
///
/// Yams gives up at the first such mapping and tells no more than where one of the keys stands first. To report all of
/// them, with everything else that is wrong, that key is marked with characters that the text does not have, and the text
/// read again.
internal struct DuplicateKeys {
    /// How often a text is read again; one with more keys given twice tells just one of them, and so does a large one.
    private let limit: Int
    private static let largeText = 64 << 10

    private var text: String
    private let marker: Unicode.Scalar?
    /// Where marks were put, in the order in which they were, the n-th being n characters long.
    private var marks: [OptionPosition] = []
    /// The place behind the last character.
    private let end: OptionPosition

    internal init(_ text: String) {
        self.text = text
        limit = text.utf8.count > Self.largeText ? 1 : 32
        var place = Place()
        for scalar in text.unicodeScalars { place.pass(scalar) }
        end = place.position
        // Of the private ones, the first that is not there.
        let used = Set(text.unicodeScalars.lazy.filter { $0.value >= 0xE000 && $0.value < 0xE100 })
        marker = (UInt32(0xE000)..<0xE100).lazy.compactMap(Unicode.Scalar.init).first { !used.contains($0) }
    }

    /// A place as it is in the text without marks.
    internal func original(_ mark: Mark) -> OptionPosition {
        // The parser sees one more line behind the last one.
        if mark.line > end.line { return end }
        var column = mark.column
        for (index, place) in marks.enumerated().reversed() where place.line == mark.line && place.column < column {
            column = max(place.column, column - index - 1)
        }
        return OptionPosition(line: mark.line, column: column)
    }

    /// A key without the mark.
    internal func original(_ key: String) -> String {
        guard let marker, key.unicodeScalars.last == marker else { return key }
        return String(String.UnicodeScalarView(key.unicodeScalars.prefix { $0 != marker }))
    }

    /// The root node, and the parser that must outlive it.
    internal mutating func compose() throws(ConfigurationError) -> (Parser, Node?) {
        while true {
            do {
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                return (parser, try parser.singleRoot())
            } catch let error as YamlError {
                if case .duplicatedKeysInMapping(let keys, let context) = error {
                    if mark(at: context.mark) { continue }
                    let names = keys.map { Quotation.of(original($0)) }.joined(separator: ", ")
                    throw ConfigurationError([.init("key \(names) is given twice", at: original(context.mark))])
                }
                throw ConfigurationError([fault(error)])
            } catch {
                throw ConfigurationError([.init("\(error)")])
            }
        }
    }

    /// Puts a mark at the end of the key that begins at a place.
    private mutating func mark(at mark: Mark) -> Bool {
        guard let marker, marks.count < limit, let start = index(of: mark) else { return false }
        let scalars = text.unicodeScalars
        let end: String.Index
        switch scalars[start] {
        case "\"", "'": end = Self.endOfQuotedKey(scalars, from: start)
        default: end = scalars[start...].indices.first { Self.endsPlainKey(scalars, $0) } ?? scalars.endIndex
        }
        guard end > start, end < scalars.endIndex else { return false }
        // Of a key of several lines the marks' columns would be wrong; such a one is refused alone.
        let length = scalars.distance(from: start, to: end)
        guard !scalars[start..<end].contains(where: { $0 == "\n" || $0 == "\r" }) else { return false }
        marks.append(OptionPosition(line: mark.line, column: mark.column + length))
        text.unicodeScalars.insert(contentsOf: repeatElement(marker, count: marks.count), at: end)
        return true
    }

    private static func endOfQuotedKey(_ scalars: String.UnicodeScalarView, from start: String.Index) -> String.Index {
        let quote = scalars[start]
        var index = scalars.index(after: start)
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            let isPair = next < scalars.endIndex && quote == "'" && scalars[index] == quote && scalars[next] == quote
            if scalars[index] == quote && !isPair { return index }
            let isEscape = quote == "\"" && scalars[index] == "\\"
            index = (isPair || isEscape) && next < scalars.endIndex ? scalars.index(after: next) : next
        }
        return scalars.endIndex
    }

    private static func endsPlainKey(_ scalars: String.UnicodeScalarView, _ index: String.Index) -> Bool {
        switch scalars[index] {
        case "\n", "\r", ",", "}", "]": return true
        case " ", "\t":
            var next = index
            while next < scalars.endIndex, scalars[next] == " " || scalars[next] == "\t" {
                scalars.formIndex(after: &next)
            }
            return next < scalars.endIndex && scalars[next] == ":"
        case ":":
            let next = scalars.index(after: index)
            guard next < scalars.endIndex else { return true }
            return [" ", "\t", "\n", "\r", ",", "}", "]", "{", "["].contains(scalars[next])
        default: return false
        }
    }

    private func index(of mark: Mark) -> String.Index? {
        var place = Place()
        let wanted = OptionPosition(line: mark.line, column: mark.column)
        let scalars = text.unicodeScalars
        for index in scalars.indices {
            if place.position == wanted { return index }
            place.pass(scalars[index])
        }
        return nil
    }

    // ------------------------------------------------------------------------------------------------ errors

    private func fault(_ error: YamlError) -> ConfigurationError.Fault {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let scene = context.map { " " + $0.text.trimmingBlanks() } ?? ""
            return .init(problem + scene + Self.hint(problem, scene), at: original(mark))
        case .composer(_, let problem, let mark, _):
            return .init(Self.composerMessage(problem), at: original(mark))
        case .reader(let problem, let offset, _, _):
            return .init(problem, at: Place.position(in: text, at: offset ?? 0))
        default:
            return .init("cannot be read as YAML: \(error)")
        }
    }

    private static func composerMessage(_ problem: String) -> String {
        if problem.contains("another document") { return "only one document is allowed in a file" }
        guard problem.contains("alias") else { return problem }
        return "aliases ('*name') are not allowed; a text that begins with '*' needs quotes"
    }

    private static func hint(_ problem: String, _ scene: String) -> String {
        // JSON's pairs of escapes for one character are not YAML's.
        if problem.contains("character escape code") { return "; write the character itself" }
        if scene.contains("alias") { return "; a text that begins with '*' needs quotes" }
        if scene.contains("anchor") { return "; a text that begins with '&' needs quotes" }
        return ""
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        let scalars = unicodeScalars.drop { $0 == " " || $0 == "\n" }
        guard let last = scalars.lastIndex(where: { $0 != " " && $0 != "\n" }) else { return "" }
        return String(scalars[...last])
    }
}
#endif
