/// All that is wrong with the text of level rules.
public struct LevelRulesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// More faults than these are not looked for.
    package static let maximumCount = 100

    /// The faults, in the order of the text; never empty.
    public let faults: [Fault]

    internal init(_ faults: [Fault]) { self.faults = faults }

    /// One line for each fault: `unknown level 'debgu' at column 24; did you mean 'debug'?`.
    public var description: String { faults.map(\.description).joined(separator: "\n") }

    /// One thing that is wrong.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, without the place: `unknown level 'debgu'`.
        public let message: String
        /// Where, in bytes of the text, the first being 1; `nil` for what has no place.
        public let column: Int?
        /// What was probably meant.
        public let suggestion: String?

        internal init(_ message: String, column: Int? = nil, suggestion: String? = nil) {
            self.message = message
            self.column = column
            self.suggestion = suggestion
        }

        /// Message, place and suggestion.
        public var description: String {
            message + (column.map { " at column \($0)" } ?? "") + Suggestion.hint(suggestion)
        }
    }
}
