#if Configuration
/// What tells whether a file may have changed: the file a path leads to, links resolved, and when and how large it was last.
internal struct FileIdentity: Hashable, Sendable {
    internal let device: UInt64
    internal let inode: UInt64
    internal let size: Int64
    /// Nanoseconds since 1970, as the file system counts them.
    internal let modified: Int64
    internal let changed: Int64

    /// Whether it is another file than before, put in its place whole, and not the same one written to.
    internal func isAnother(than other: FileIdentity?) -> Bool { device != other?.device || inode != other?.inode }
}

/// Tells contents apart: 64 bits of FNV-1a and the length.
internal struct ContentHash: Hashable, Sendable {
    private let hash: UInt64
    private let count: Int

    internal init(_ bytes: [UInt8]) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        self.hash = hash
        count = bytes.count
    }
}
#endif
