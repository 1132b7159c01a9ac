#if Configuration
/// Decides when a watched file is read: pure, fed with what was seen and the time.
///
/// A file that another one took the place of is whole, and read at once. One that is written to in place is read when its
/// writer has closed it, or has paused for ``patience``: half a file may be valid and say something else. Nothing is read
/// more often than every ``interval``. What was seen counts even where the identity is the same: file systems keep time in
/// steps of milliseconds.
internal struct ReloadPace: Sendable {
    /// Between two readings, nanoseconds.
    internal static let interval: Int64 = 40_000_000
    /// How long a writer that keeps the file open must have paused.
    internal static let patience: Int64 = 400_000_000
    /// How often the file's identity is looked at, whatever the directory's watch says.
    internal static let poll: Int64 = 250_000_000

    /// What the directory's watch saw.
    internal enum Sight: Sendable {
        /// Bytes were written, and whoever does it has the file open.
        case written
        /// Somebody who wrote closed the file.
        case closed
        /// Its attributes changed: it may be readable now.
        case touched
        /// A name leads elsewhere now: to what is whole, or to what somebody begins to write.
        case renamed
    }

    private var identity: FileIdentity?
    private var isOpenSince: Int64?
    private var isDue = false
    /// Before then nothing is read.
    private var notBefore = Int64.min
    /// Whether there is a watch, so that the end of writing is seen.
    private let isWatched: Bool

    internal init(identity: FileIdentity?, isWatched: Bool) {
        self.identity = identity
        self.isWatched = isWatched
    }

    /// Takes what the watch saw.
    internal mutating func saw(_ sight: Sight, at now: Int64) {
        switch sight {
        case .written: isOpenSince = now
        case .closed, .renamed: isOpenSince = nil
        case .touched: break
        }
        isDue = true
    }

    /// Takes the file's identity, `nil` where there is no file.
    internal mutating func found(_ identity: FileIdentity?, at now: Int64) {
        guard identity != self.identity else { return }
        // Else what was seen tells.
        if !isWatched { isOpenSince = identity?.isAnother(than: self.identity) ?? true ? nil : now }
        // Nothing is valid without a byte: somebody begins to write.
        if identity?.isEmpty ?? false { isOpenSince = now }
        self.identity = identity
        isDue = true
    }

    /// Asks for a reading, whether or not the file seems to have changed.
    internal mutating func demand() {
        isOpenSince = nil
        isDue = true
        notBefore = .min
    }

    /// Whether the file is to be read now; if so, that is taken down.
    internal mutating func takeTurn(at now: Int64) -> Bool {
        guard isDue, now >= dueTime else { return false }
        isDue = false
        isOpenSince = nil
        notBefore = now + Self.interval
        return true
    }

    /// The file changed while it was read: it is read again.
    internal mutating func missed() { isDue = true }

    /// Nanoseconds until something is to be looked at.
    internal func wait(at now: Int64) -> Int64 {
        isDue ? min(Self.poll, max(dueTime, now) - now) : Self.poll
    }

    private var dueTime: Int64 { max(notBefore, isOpenSince.map { $0 + Self.patience } ?? .min) }
}
#endif
