/// A file that lines are appended to.
///
/// It is opened for appending, made where it is not there, and followed through symbolic links; several processes may
/// write to one. Where it ends within a line, left behind by a crash or a full disk, the first new line begins on its own.
///
/// At least once a second of events its path is looked at. Where another file is there, or none, because `logrotate` or
/// somebody else moved it away, the path is opened anew; where that fails lines go on into the old file, and it is told on standard error.
/// ``reopenLogFiles()`` has it looked at before the next line. A process that writes to files ignores SIGXFSZ, the signal of
/// a limit on their size, unless it has a handling of its own: such writes fail, and the events are counted.
///
/// On ext4 a file that grows by 4 MiB within a second of events has room on the disk set aside for what comes next: up to an
/// eighth of its size, 4 MiB at most, and nothing beyond the size at which it is put aside. Its size does not show that; `du`
/// does, and what is not needed stays with the file. On a disk that is nearly full, and where it took a millisecond twice,
/// nothing more is set aside until the file is opened anew.
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
    /// When it is put aside for a new one; by default never.
    public var rotation: LogRotation?
    /// Whether SIGHUP has the path looked at before the next line, as ``reopenLogFiles()`` does.
    ///
    /// That takes the signal for the whole process, which no longer ends by it; a handler that is there when the file is opened
    /// is called as well. By default it is left alone.
    public var reopensOnHangup: Bool

    /// Describes a file; nothing is opened.
    public init(
        _ path: String,
        permissions: UInt32 = 0o640,
        makesDirectories: Bool = false,
        synchronisesOnFlush: Bool = false,
        rotation: LogRotation? = nil,
        reopensOnHangup: Bool = false
    ) {
        self.path = path
        self.permissions = permissions
        self.makesDirectories = makesDirectories
        self.synchronisesOnFlush = synchronisesOnFlush
        self.rotation = rotation
        self.reopensOnHangup = reopensOnHangup
    }
}

/// Asks every emitter that writes to a file to look at its path before its next line, and to open it anew where the file
/// was moved away.
///
/// Any thread may call it. It costs a store; a file without further events stays open.
public func reopenLogFiles() { Reopening.request() }

/// A file that could not be opened for appending.
public struct LogFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file, or the directory that could not be made.
    public let path: String
    /// The system's number of the error: `errno`.
    public let code: Int32
    private let attempt: String
    private let text: String

    internal init(path: String, _ error: Errno, _ attempt: String, because reason: String? = nil) {
        self.path = path
        code = error.code
        text = reason ?? error.description
        self.attempt = attempt
    }

    /// What the system says, or what else is wrong.
    internal var reason: String { text }

    /// `cannot open '/var/log/app.json': Permission denied`.
    public var description: String { "\(attempt) '\(path)': \(text)" }
}
