/// What is wrong with a template, or with the values that it was given.
///
/// The codes are those of the exceptions that Python's `str.format` raises: PEP 3101 leaves none of them open.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of fault.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        internal enum Kind: UInt8, Sendable, Hashable {
            case key, index, attribute, value, type, syntax
        }
        internal let kind: Kind

        /// There is no argument of that name, or no such key in a dictionary: `KeyError`.
        public static let key = Code(kind: .key)
        /// An index lies beyond the end, or a field asks for an argument by number: `IndexError`.
        public static let index = Code(kind: .index)
        /// A value declares no such attribute: `AttributeError`.
        public static let attribute = Code(kind: .attribute)
        /// A format specification is malformed or does not suit the value, or the value has no text: `ValueError`.
        public static let value = Code(kind: .value)
        /// The value takes no format specification, or no index: `TypeError`.
        public static let type = Code(kind: .type)
        /// The braces, brackets or conversions of the template are malformed: `ValueError`.
        public static let syntax = Code(kind: .syntax)

        /// The name: `key`, `index`, `attribute`, `value`, `type` or `syntax`.
        public var description: String {
            switch kind {
            case .key: "key"
            case .index: "index"
            case .attribute: "attribute"
            case .value: "value"
            case .type: "type"
            case .syntax: "syntax"
            }
        }
    }

    /// The kind of fault.
    public let code: Code
    /// The text, as Python words it; of a missing key the key alone, in quotes.
    public let message: String
    /// Where in the template: for a fault of syntax the byte that it met, else the field's opening brace.
    ///
    /// Bytes of UTF-8, counted from 0.
    public let position: Int
    /// The field as written, without conversion and specification; empty where the fault is outside of fields.
    internal let field: String

    internal init(_ code: Code, _ message: String, at position: Int, field: String = "") {
        self.code = code
        self.message = message
        self.position = position
        self.field = field
    }

    /// One line for people, such as `no argument 'x'`.
    public var description: String {
        switch code.kind {
        case .syntax: return "\(message) at byte \(position)"
        case .key where !field.contains { $0 == "[" || $0 == "." }: return "no argument \(message)"
        case .key: return "no key \(message) in field '\(field)'"
        default: return field.isEmpty ? message : "\(message) in field '\(field)'"
        }
    }

}
