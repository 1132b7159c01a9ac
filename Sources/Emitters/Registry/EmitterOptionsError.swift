/// Everything that is wrong with one emitter's options, found in one go.
public struct EmitterOptionsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// More faults than these are not looked for.
    package static let maximumCount = 100

    /// The faults, in the order of the file where positions are known; never empty.
    public let faults: [Fault]

    /// Gathers faults.
    public init(_ faults: [Fault]) {
        self.faults = faults.enumerated().sorted {
            let (left, right) = ($0.element.sortKey, $1.element.sortKey)
            return left == right ? $0.offset < $1.offset : left < right
        }.map(\.element)
    }

    /// One fault a line.
    public var description: String { faults.map(\.description).joined(separator: "\n") }

    /// One fault of one option.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// What kind of fault it is.
        public let code: Code
        /// The option's name, with those it lies in: `keys.log_time`; empty where the fault is the emitter's as a whole.
        public let option: String
        /// What is wrong, without place and suggestion: `unknown key 'pth'`.
        public let message: String
        /// Where it was written, where that is known.
        public let position: OptionPosition?
        /// The known name that was probably meant.
        public let suggestion: String?

        /// Describes a fault.
        public init(
            _ code: Code,
            option: String,
            message: String,
            at position: OptionPosition? = nil,
            suggestion: String? = nil
        ) {
            self.code = code
            self.option = option
            self.message = message
            self.position = position
            self.suggestion = suggestion
        }

        /// A sentence for people: `unknown key 'pth' at 4:1; did you mean 'path'?`.
        public var description: String {
            let place = position.map { " at \($0)" } ?? ""
            let hint = suggestion.map { "; did you mean '\($0)'?" } ?? ""
            return message + place + hint
        }

        fileprivate var sortKey: Pair { Pair(line: position?.line ?? .max, column: position?.column ?? .max) }
    }

    fileprivate struct Pair: Comparable {
        let line: Int
        let column: Int
        static func < (lhs: Pair, rhs: Pair) -> Bool { (lhs.line, lhs.column) < (rhs.line, rhs.column) }
    }

    /// Kinds of faults.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The kind's name.
        public let description: String
        private init(_ description: String) { self.description = description }

        /// No emitter of that type is registered.
        public static let unknownType = Code("unknown type")
        /// The emitter has no option of that name.
        public static let unknownKey = Code("unknown key")
        /// The same key was written twice.
        public static let duplicateKey = Code("duplicate key")
        /// An option that must be there is not.
        public static let missing = Code("missing")
        /// The value is of another type.
        public static let wrongType = Code("wrong type")
        /// The value is of the right type and out of bounds, or none of those allowed.
        public static let invalidValue = Code("invalid value")
        /// The options are fine and the emitter could not be made: a file that cannot be opened.
        public static let unusable = Code("unusable")
    }
}
