extension LevelRules {
    /// The longest text that is read, in bytes.
    internal static let longestText = 1 << 20
    internal static var tooLong: LevelRulesError { .init([.init("the rules have more than \(longestText) bytes")]) }

    /// Reads rules from text: `info,MyService.Gateway=debug,NIO*=warn,journal:Audit.*=info`.
    ///
    /// White space around rules, patterns and levels is ignored. An empty text has no rules.
    ///
    /// - Parameters:
    ///   - text: at most 1 MiB, at most ``maximumCount`` rules.
    ///   - root: the root's level, if the text gives none.
    /// - Throws: ``LevelRulesError`` with every fault that is in the text, and where.
    public init(parsing text: some StringProtocol, default root: LogLevel = .info) throws(LevelRulesError) {
        let bytes = Array(text.utf8.prefix(Self.longestText + 1))
        guard bytes.count <= Self.longestText else { throw Self.tooLong }
        var parser = LevelRulesParser(bytes)
        parser.parse()
        guard parser.faults.isEmpty else { throw LevelRulesError(parser.faults) }
        self.init(root: parser.root ?? root, checked: parser.rules)
    }
}

/// Reads the text of rules.
///
/// Total: any bytes end in rules or in faults.
internal struct LevelRulesParser {
    internal private(set) var root: LogLevel?
    internal private(set) var rules: [LevelRule] = []
    internal private(set) var faults: [LevelRulesError.Fault] = []

    private let bytes: [UInt8]
    private var seen: Set<RuleKey> = []

    internal init(_ bytes: [UInt8]) { self.bytes = bytes }

    internal mutating func parse() {
        guard !trimmed(bytes[...]).isEmpty else { return }
        var start = 0
        // Past the limit of faults nobody reads on.
        while start <= bytes.count, faults.count < LevelRulesError.maximumCount {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
            if rules.count == LevelRules.maximumCount {
                return report(.init("more than \(LevelRules.maximumCount) rules", column: 1), at: start)
            }
            parseRule(bytes[start..<end])
            start = end + 1
        }
    }

    private mutating func parseRule(_ untrimmed: ArraySlice<UInt8>) {
        let item = trimmed(untrimmed)
        guard !item.isEmpty else {
            return report(.init("a rule is missing", column: 1), at: item.startIndex)
        }
        let equals = item.firstIndex(of: UInt8(ascii: "="))
        let head = item[..<(equals ?? item.endIndex)]
        let colon = head.firstIndex(of: UInt8(ascii: ":"))

        var emitter: String?
        var isSound = true
        if let colon {
            let name = trimmed(head[..<colon])
            emitter = text(name)
            isSound = check(LevelRule.fault(inEmitter: name), at: name.startIndex)
        }
        let subject = trimmed(head[(colon.map { $0 + 1 } ?? head.startIndex)...])
        guard let equals else { return parseRoot(subject, emitter: emitter, isSound: isSound) }

        isSound = check(LevelRule.fault(inPattern: subject), at: subject.startIndex) && isSound
        let word = trimmed(item[(equals + 1)...])
        guard let level = level(word), isSound else { return }
        add(LevelRule(emitter: emitter, checked: Array(subject), level: level), at: item.startIndex)
    }

    /// A level alone, perhaps after an emitter's name.
    private mutating func parseRoot(_ word: ArraySlice<UInt8>, emitter: String?, isSound: Bool) {
        guard let level = level(word), isSound else { return }
        add(LevelRule(emitter: emitter, checked: [], level: level), at: word.startIndex)
    }

    private mutating func add(_ rule: LevelRule, at offset: Int) {
        if rule.emitter == nil, rule.bytes.isEmpty {
            guard root == nil else { return report(.init("the root's level is given twice", column: 1), at: offset) }
            root = rule.level
        } else if seen.insert(RuleKey(rule)).inserted {
            rules.append(rule)
        } else {
            report(.init("the rule for \(RuleKey(rule)) is given twice", column: 1), at: offset)
        }
    }

    private mutating func level(_ word: ArraySlice<UInt8>) -> LogLevel? {
        let name = text(word)
        if let level = LogLevel(name) { return level }
        if word.isEmpty {
            report(.init("a level is missing", column: 1), at: word.startIndex)
        } else {
            let suggestion = LogLevel.suggestion(for: name)?.description
            report(.init("unknown level \(Quotation.of(name))", column: 1, suggestion: suggestion), at: word.startIndex)
        }
        return nil
    }

    /// Answers whether there is no fault.
    private mutating func check(_ fault: LevelRulesError.Fault?, at offset: Int) -> Bool {
        guard let fault else { return true }
        report(fault, at: offset)
        return false
    }

    /// Takes a fault whose column counts from `offset`.
    private mutating func report(_ fault: LevelRulesError.Fault, at offset: Int) {
        faults.append(
            .init(fault.message, column: fault.column.map { $0 + offset }, suggestion: fault.suggestion)
        )
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func trimmed(_ slice: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }
        guard let first = slice.firstIndex(where: { !isSpace($0) }), let last = slice.lastIndex(where: { !isSpace($0) })
        else { return slice[slice.startIndex..<slice.startIndex] }
        return slice[first...last]
    }
}
