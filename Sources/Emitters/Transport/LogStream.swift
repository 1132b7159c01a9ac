/// A stream that a process finds open, or opened itself, as the place where lines go.
///
/// The emitter takes a copy of the descriptor when it is made, so whatever is opened as number 1 after standard output was
/// closed never gets a line. Nor does it follow a later `dup2`.
public struct LogStream: Sendable, Hashable, CustomStringConvertible {
    /// The descriptor's number.
    public let descriptor: Int32
    /// `stdout`, `stderr`, `descriptor 5`.
    public let description: String

    private init(_ descriptor: Int32, _ description: String) {
        self.descriptor = descriptor
        self.description = description
    }

    /// Standard output.
    public static let standardOutput = LogStream(1, "stdout")
    /// Standard error.
    public static let standardError = LogStream(2, "stderr")
    /// Any open descriptor: a pipe, a socket, a file.
    ///
    /// It stays yours to close; the emitter has its copy.
    public static func descriptor(_ number: Int32) -> LogStream { LogStream(number, "descriptor \(number)") }
}
