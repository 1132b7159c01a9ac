/// How the program came to where a failure was made: the addresses, which become text when asked for.
public struct FailureTraceback: Sendable, CustomStringConvertible {
    private let frames: [UInt]

    internal init(frames: [UInt]) { self.frames = frames }

    /// That of the caller, or `nil` where the platform gives none.
    internal static func capture() -> FailureTraceback? { nil }

    /// One frame a line, the innermost first.
    public var description: String { frames.map { "0x" + String($0, radix: 16) }.joined(separator: "\n") }
}
