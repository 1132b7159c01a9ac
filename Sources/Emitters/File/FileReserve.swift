/// Says how much of the disk is set aside for a file that grows fast, ahead of what is written to it.
///
/// Pure. Where the file system has to find room for each page as it comes, an event that is written alone takes 2 % longer,
/// one that is written with many others 11 %. A file that grows slowly would gain nothing, and hold what others may need.
internal struct FileReserve {
    /// So much is set aside at a time.
    internal static let block: Int64 = 4 << 20

    /// The file's size when it was last looked at.
    private var size: Int64
    private var isRefused = false

    /// For a file that has `size` bytes.
    internal init(size: Int64) { self.size = size }

    /// Where the file is to be looked at again, whatever the time.
    internal var mark: Int64 { isRefused ? .max : size &+ Self.block }

    /// Notes that the file system sets nothing aside.
    internal mutating func refused() { isRefused = true }

    /// The bytes to be set aside where the file has `size` bytes and `count` more are about to be written: the next block, where
    /// a whole one was written since the last look.
    ///
    /// - Parameter ceiling: The file's size at most.
    internal mutating func room(at size: Int64, adding count: Int, ceiling: Int64) -> Range<Int64>? {
        let isFast = size &+ Int64(count) > mark
        self.size = size
        let end = min(mark, ceiling)
        return isFast && end > size ? size..<end : nil
    }
}
