/// A place in a configuration file, counted from 1.
public struct OptionPosition: Sendable, Hashable, CustomStringConvertible {
    /// The line, counted from 1.
    public let line: Int
    /// The column, counted from 1.
    public let column: Int

    /// Names a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// `4:1`.
    public var description: String { "\(line):\(column)" }
}

/// One value of an emitter's options, with the place where it was written.
public struct OptionValue: Sendable, Hashable {
    /// What an option may hold: what YAML and JSON have.
    @frozen
    public enum Content: Sendable, Hashable {
        /// No value.
        case null
        /// A truth value.
        case bool(Bool)
        /// An integer.
        case int(Int64)
        /// A number that is no integer.
        case double(Double)
        /// A text.
        case string(String)
        /// Values in order.
        case list([OptionValue])
        /// Keys and values in the order written.
        case map([OptionEntry])

        /// The kind's name, for errors.
        internal var kind: String {
            switch self {
            case .null: "null"
            case .bool: "true or false"
            case .int: "an integer"
            case .double: "a number"
            case .string: "a text"
            case .list: "a list"
            case .map: "a map"
            }
        }
    }

    /// The value itself.
    public let content: Content
    /// Where it was written, where that is known.
    public let position: OptionPosition?

    /// Makes a value.
    public init(_ content: Content, at position: OptionPosition? = nil) {
        self.content = content
        self.position = position
    }
}

/// A key and its value, with the place of the key.
public struct OptionEntry: Sendable, Hashable {
    /// The key.
    public let key: String
    /// Where the key was written, where that is known.
    public let position: OptionPosition?
    /// The value.
    public let value: OptionValue

    /// Makes an entry.
    public init(_ key: String, _ value: OptionValue, at position: OptionPosition? = nil) {
        self.key = key
        self.value = value
        self.position = position
    }
}

extension OptionValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self.init(.string(value)) }
    /// An integer.
    public init(integerLiteral value: Int64) { self.init(.int(value)) }
    /// A number.
    public init(floatLiteral value: Double) { self.init(.double(value)) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self.init(.bool(value)) }
    /// No value.
    public init(nilLiteral: ()) { self.init(.null) }
    /// A list.
    public init(arrayLiteral elements: OptionValue...) { self.init(.list(elements)) }
    /// A map, in the order written.
    public init(dictionaryLiteral elements: (String, OptionValue)...) {
        self.init(.map(elements.map { OptionEntry($0.0, $0.1) }))
    }
}
