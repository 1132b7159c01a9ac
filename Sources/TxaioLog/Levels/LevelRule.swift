/// One rule of a threshold by namespace: `MyService.Gateway=debug`, `NIO*=warn`, `journal:Audit.*=info`, `journal:warn`.
public struct LevelRule: Sendable, Hashable, CustomStringConvertible {
    /// The one emitter that the rule is for; `nil` for all.
    public let emitter: String?
    /// Which namespaces it is for; empty for all of them.
    ///
    /// Without a star it is a namespace and everything below it: `A.B` matches `A.B` and `A.B.C`, not `A.BC`. A star
    /// stands for any run of characters, dots too, and the whole namespace must match: `A.*` does not match `A`.
    public var pattern: String { String(decoding: bytes, as: UTF8.self) }
    /// The threshold.
    public let level: LogLevel

    internal let bytes: [UInt8]
    internal let isGlob: Bool
    internal let literalCount: Int

    /// Makes a rule.
    ///
    /// A pattern of stars alone is the empty one: every namespace.
    ///
    /// - Throws: ``LevelRulesError`` if the pattern or the emitter's name is not one that the grammar can spell; columns
    ///   count within the pattern.
    public init(emitter: String? = nil, pattern: String, level: LogLevel) throws(LevelRulesError) {
        let bytes = Array(pattern.utf8)
        if let emitter, let fault = Self.fault(inEmitter: Array(emitter.utf8)[...]) {
            throw LevelRulesError([fault])
        }
        if let fault = Self.fault(inPattern: bytes[...]) { throw LevelRulesError([fault]) }
        self.init(emitter: emitter, checked: bytes, level: level)
    }

    internal init(emitter: String?, checked bytes: [UInt8], level: LogLevel) {
        let literals = bytes.count { $0 != Self.star }
        self.emitter = emitter
        self.level = level
        self.bytes = literals == 0 ? [] : bytes
        isGlob = literals > 0 && literals < bytes.count
        literalCount = literals
    }

    /// The rule in the grammar's words.
    public var description: String {
        let prefix = emitter.map { "\($0):" } ?? ""
        return bytes.isEmpty ? "\(prefix)\(level)" : "\(prefix)\(pattern)=\(level)"
    }

    /// Whether a rule is for the namespace at an emitter.
    internal func matches(_ namespace: UnsafeRawBufferPointer, emitter: String?) -> Bool {
        (self.emitter == nil || self.emitter == emitter) && matches(namespace)
    }

    /// Whether a rule is for the namespace, whatever its emitter.
    private func matches(_ namespace: UnsafeRawBufferPointer) -> Bool {
        isGlob ? matchesGlob(namespace) : matchesTree(namespace)
    }

    /// Whether it decides where both match; `nil` where that depends on which was given later.
    internal func wins(over other: LevelRule) -> Bool? {
        if literalCount != other.literalCount { return literalCount > other.literalCount }
        if isGlob != other.isGlob { return other.isGlob }
        if (emitter == nil) != (other.emitter == nil) { return emitter != nil }
        return nil
    }

    private func matchesTree(_ namespace: UnsafeRawBufferPointer) -> Bool {
        guard namespace.count >= bytes.count, namespace.prefix(bytes.count).elementsEqual(bytes) else { return false }
        return bytes.isEmpty || namespace.count == bytes.count || namespace[bytes.count] == UInt8(ascii: ".")
    }

    // Without recursion: at a mismatch the latest star takes one byte more.
    private func matchesGlob(_ namespace: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        var inPattern = 0
        var retry: (pattern: Int, at: Int)?
        while at < namespace.count {
            if inPattern < bytes.count, bytes[inPattern] == Self.star {
                inPattern += 1
                retry = (inPattern, at)
            } else if inPattern < bytes.count, bytes[inPattern] == namespace[at] {
                inPattern += 1
                at += 1
            } else if let last = retry {
                inPattern = last.pattern
                at = last.at + 1
                retry = (last.pattern, at)
            } else {
                return false
            }
        }
        return bytes[inPattern...].allSatisfy { $0 == Self.star }
    }

    internal static let star = UInt8(ascii: "*")
    /// The longest pattern, in bytes.
    internal static let longestPattern = 1024

    internal static func fault(inEmitter name: ArraySlice<UInt8>) -> LevelRulesError.Fault? {
        let text = String(decoding: name, as: UTF8.self)
        let column = 1
        guard !name.isEmpty else { return .init("an emitter's name is missing", column: column) }
        let isName = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        if isName { return nil }
        return .init(
            "\(Quotation.of(text)) cannot be an emitter's name (letters, digits, '_' and '-')",
            column: column
        )
    }

    internal static func fault(inPattern pattern: ArraySlice<UInt8>) -> LevelRulesError.Fault? {
        guard pattern.count <= longestPattern else {
            return .init("a pattern has \(pattern.count) bytes; at most \(longestPattern) are allowed", column: 1)
        }
        guard let last = pattern.last else { return .init("a pattern is missing", column: 1) }
        for (offset, byte) in pattern.enumerated() {
            let column = offset + 1
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "="), UInt8(ascii: ":"):
                return .init("a pattern cannot hold '\(Character(Unicode.Scalar(byte)))'", column: column)
            case 0...0x20, 0x7F:
                return .init("a pattern cannot hold white space or controls", column: column)
            default: continue
            }
        }
        if last == UInt8(ascii: ".") {
            let whole = String(decoding: pattern.dropLast(), as: UTF8.self)
            let quoted = Quotation.of(String(decoding: pattern, as: UTF8.self))
            return .init(
                "the pattern \(quoted) ends in a dot",
                column: pattern.count,
                suggestion: whole.isEmpty ? nil : whole
            )
        }
        return nil
    }
}
