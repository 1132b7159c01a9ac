/// When a log file is put aside for a new one, and how many of the old ones are kept.
///
/// A file is put aside between two lines: it gets the time of that moment behind its name, UTC to the microsecond, as in
/// `app.log.20261123T011500.123456Z`, and with ``compresses`` a `.gz` behind that. No name that is taken is ever given.
///
/// ## What is touched
/// A rotating file is a regular file of the process's own user with one name, not a symbolic link; any other is an error when
/// it is opened. What is deleted or compressed is named exactly as above, and as regular, as own, and as much on the same
/// file system. Without ``keep``, ``keepBytes`` and ``keepFor`` nothing is deleted.
///
/// ## Several processes
/// may write to one file. One of them rotates; the others follow within a second of events of their own, and their lines are
/// until then in the file that was put aside. It is compressed when all have left it (advisory locks, `flock(2)`, tell).
///
/// ## Trouble
/// Where a file cannot be put aside, lines go on into it, it is told on standard error, and tried again each second.
public struct LogRotation: Sendable, Hashable {
    /// How many bytes a file has at most; a longer line has a file of its own.
    ///
    /// Several processes may exceed it by what they write in a second.
    public var size: Int?
    /// A new file at the first event after each multiple of this since 1970, UTC: a day's begin at midnight.
    ///
    /// Nothing happens while there are no events.
    public var every: Duration?
    /// How many files that were put aside are kept at most; the oldest are deleted.
    public var keep: Int?
    /// How many bytes they have at most in all, after compression.
    public var keepBytes: Int?
    /// How long one is kept after it was put aside.
    public var keepFor: Duration?
    /// Whether they are compressed by the program `gzip`, a child process of least priority.
    ///
    /// The original is deleted once its whole content is in the compressed file, and on the disk.
    public var compresses: Bool

    /// Describes a rotation; without `size` and `every` it never happens.
    public init(
        size: Int? = nil,
        every: Duration? = nil,
        keep: Int? = nil,
        keepBytes: Int? = nil,
        keepFor: Duration? = nil,
        compresses: Bool = false
    ) {
        self.size = size
        self.every = every
        self.keep = keep
        self.keepBytes = keepBytes
        self.keepFor = keepFor
        self.compresses = compresses
    }

    /// The first moment after another at which a file is put aside; the end of time where that is by size alone.
    ///
    /// Both in nanoseconds since 1970.
    internal func boundary(after time: Int64) -> Int64 {
        guard let period = every?.inNanoseconds, period > 0 else { return .max }
        let begun = time >= 0 || time % period == 0 ? time / period : time / period - 1
        let (next, isLast) = begun.addingReportingOverflow(1)
        let (end, isBeyond) = next.multipliedReportingOverflow(by: period)
        return isLast || isBeyond ? .max : end
    }

    /// How large a file becomes.
    internal var ceiling: Int64 { size.map { Int64(max(1, $0)) } ?? .max }

    /// Whether files that were put aside are looked after.
    internal var tidies: Bool { compresses || keep != nil || keepBytes != nil || keepFor != nil }
}
