/// What an open scope must hold: `request.id=abc`.
public struct ScopeCondition: Sendable, Hashable, CustomStringConvertible {
    /// The name of a field of ``withLogContext(_:_:)``.
    public let key: String
    /// What its value reads as: texts as they are, numbers and truth values as they are written.
    public let value: String

    /// Bytes of the whole at most.
    private static let longest = 1024

    /// Reads a condition; the value may hold `=`.
    ///
    /// - Throws: ``LevelRulesError`` where there is no name, no `=`, no value, or more than 1,024 bytes.
    public init(parsing text: some StringProtocol) throws(LevelRulesError) {
        try self.init(Array(text.utf8.prefix(Self.longest + 1))[...], column: 1)
    }

    internal init(_ bytes: ArraySlice<UInt8>, column: Int) throws(LevelRulesError) {
        guard bytes.count <= Self.longest else {
            throw LevelRulesError([.init("a condition has at most \(Self.longest) bytes", column: column)])
        }
        guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")), sign > bytes.startIndex, sign + 1 < bytes.endIndex,
            !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F })
        else {
            let shown = Quotation.of(String(decoding: bytes, as: UTF8.self))
            let message = "a condition is written as 'request.id=abc', unlike \(shown)"
            throw LevelRulesError([.init(message, column: column)])
        }
        key = String(decoding: bytes[..<sign], as: UTF8.self)
        value = String(decoding: bytes[(sign + 1)...], as: UTF8.self)
    }

    /// As it is written.
    public var description: String { "\(key)=\(value)" }

    /// Whether fields hold it; the first of a name counts.
    internal func holds(in fields: EncodedFields) -> Bool {
        var reader = RecordReader(fields.bytes)
        while let field = reader.nextField() {
            if field.name.elementsEqual(key.utf8) { return matches(field.value) }
        }
        return false
    }

    private func matches(_ found: RecordValue) -> Bool {
        switch found {
        case .string(let text): text.elementsEqual(value.utf8)
        case .bool(let truth): value == (truth ? "true" : "false")
        case .int(let number): value == String(number)
        case .uint(let number): value == String(number)
        case .double(let number): value == String(number)
        case .object(let object): object.text.map { $0.elementsEqual(value.utf8) } ?? false
        default: false
        }
    }
}
