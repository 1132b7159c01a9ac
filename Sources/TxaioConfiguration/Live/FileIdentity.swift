#if Configuration
/// What tells whether a file may have changed: the file a path leads to, links resolved, and when and how large it was last.
internal struct FileIdentity: Hashable, Sendable {
    internal let device: UInt64
    internal let inode: UInt64
    internal let size: Int64
    /// Nanoseconds since 1970, as the file system counts them.
    internal let modified: Int64
    internal let changed: Int64
    /// False for what is refused unread: a directory, a FIFO, a device.
    internal var isRegular = true

    /// Whether nothing is in it yet, so that somebody may have begun to write.
    internal var isEmpty: Bool { isRegular && size == 0 }

    /// Whether it is another file than before, put in its place whole, and not the same one written to.
    internal func isAnother(than other: FileIdentity?) -> Bool { device != other?.device || inode != other?.inode }
}

/// A file at the time when it was read.
internal struct FollowedFile: Sendable {
    internal let path: String
    /// As it was before it was read; `nil` where there was none.
    internal let identity: FileIdentity?
    internal let content: ContentHash
}

/// Tells contents apart, within this process.
internal struct ContentHash: Hashable, Sendable {
    private let hash: Int
    private let count: Int

    internal init(_ bytes: [UInt8]) {
        hash = bytes.hashValue
        count = bytes.count
    }
}
#endif
