/// A file that lines are appended to.
///
/// It is opened for appending, made where it is not there, and followed through symbolic links; several processes may
/// write to one. Where it ends within a line, left behind by a crash or a full disk, the first new line begins on its own.
public struct LogFile: Sendable, Hashable {
    /// The path.
    public var path: String
    /// The permissions of a file that is made, before the process's mask; others keep theirs.
    ///
    /// By default `rw-r-----`.
    public var permissions: UInt32
    /// Whether missing directories are made, with permissions `rwxr-x---`.
    ///
    /// By default they are an error.
    public var makesDirectories: Bool
    /// Whether a flush waits until the disk has what was written, which may take long.
    ///
    /// By default the kernel has it, which survives the end of the process but not that of the machine.
    public var synchronisesOnFlush: Bool

    /// Describes a file; nothing is opened.
    public init(
        _ path: String,
        permissions: UInt32 = 0o640,
        makesDirectories: Bool = false,
        synchronisesOnFlush: Bool = false
    ) {
        self.path = path
        self.permissions = permissions
        self.makesDirectories = makesDirectories
        self.synchronisesOnFlush = synchronisesOnFlush
    }
}

/// A file that could not be opened for appending.
public struct LogFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, or the directory that could not be made.
    public let path: String
    /// The system's number of the error: `errno`.
    public let code: Int32
    private let attempt: String
    private let text: String

    internal init(path: String, _ error: Errno, _ attempt: String) {
        self.path = path
        code = error.code
        text = error.description
        self.attempt = attempt
    }

    /// `cannot open '/var/log/app.json': Permission denied`.
    public var description: String { "\(attempt) '\(path)': \(text)" }
}
