#if Configuration
public import TxaioEmitters

/// Everything that is wrong with a configuration, found in one go.
///
/// Nothing of it was put in force.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file's path as it was given; `nil` for a text or a value made in code.
    public let file: String?
    /// The faults, in the order of the file; never empty, and of more than a hundred the first hundred.
    public let faults: [Fault]

    package init(file: String? = nil, _ faults: [Fault]) {
        self.file = file
        let sorted = faults.enumerated().sorted { a, b in
            let (left, right) = (a.element.sortKey, b.element.sortKey)
            return left == right ? a.offset < b.offset : left < right
        }
        self.faults = sorted.prefix(EmitterOptionsError.maximumCount).map(\.element)
    }

    /// One line a fault: `config/logging.yaml: unknown key 'levles' at 4:1; did you mean 'levels'?`.
    public var description: String {
        let prefix = file.map { "\($0): " } ?? ""
        return faults.map { prefix + $0.description }.joined(separator: "\n")
    }

    package func inFile(_ path: String) -> ConfigurationError { ConfigurationError(file: path, faults) }

    /// One thing that is wrong.
    public struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// What is wrong, without place and suggestion: `unknown key 'levles'`.
        public let message: String
        /// Where it was written: line and column, both from 1, columns in Unicode scalars.
        ///
        /// `nil` where the fault has no place, as that of a file which cannot be read.
        public let position: OptionPosition?
        /// What was probably meant.
        public let suggestion: String?

        package init(_ message: String, at position: OptionPosition? = nil, suggestion: String? = nil) {
            self.message = message
            self.position = position
            self.suggestion = suggestion
        }

        internal init(_ fault: EmitterOptionsError.Fault) {
            self.init(fault.message, at: fault.position, suggestion: fault.suggestion)
        }

        /// Message, place and suggestion.
        public var description: String {
            message + (position.map { " at \($0)" } ?? "") + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
        }

        fileprivate var sortKey: SortKey { SortKey(line: position?.line ?? 0, column: position?.column ?? 0) }
    }

    fileprivate struct SortKey: Comparable {
        let line: Int
        let column: Int
        static func < (a: SortKey, b: SortKey) -> Bool { (a.line, a.column) < (b.line, b.column) }
    }
}
#endif
