/// Says how much of the disk is set aside for a file that grows fast, ahead of what is written to it.
///
/// Pure. Where the file system has to see to room for each page as it comes, an event that is written alone takes 2 % longer,
/// one that is written with many others 12 %. A file that grows slowly would gain nothing, and hold what others may need.
internal struct FileReserve {
    /// A file is looked at when it has grown by so much, and is fast where that took it a second at most.
    internal static let block: Int64 = 4 << 20
    /// Nanoseconds that it may take to set room aside: on a disk whose room is in pieces it would take longer each time.
    private static let patience: Int64 = 1_000_000

    /// When the file was looked at last, and the size that it had.
    private var time: Int64 = .min
    private var size: Int64
    /// By how much it grows until it is looked at again; 0 where that is only a question of time.
    private var step = Self.block
    private var wasSlow = false

    /// For a file that has `size` bytes.
    internal init(size: Int64) { self.size = size }

    /// Where the file is to be looked at again, whatever the time.
    internal var mark: Int64 {
        let (mark, isBeyond) = size.addingReportingOverflow(step)
        return step == 0 || isBeyond ? .max : mark
    }

    /// Notes that nothing can be set aside: nobody tries again.
    internal mutating func refused() { step = 0 }

    /// Notes how many nanoseconds it took to set room aside: too many twice in a row, and nobody tries again.
    ///
    /// Once may be that the thread had to wait for its turn.
    internal mutating func took(_ time: Int64) {
        let isSlow = time > Self.patience
        if isSlow, wasSlow { refused() }
        wasSlow = isSlow
    }

    /// The bytes to be set aside before `count` more are written, where it was fast since the last look: as many as an eighth
    /// of what it has, and a block at most.
    ///
    /// - Parameters:
    ///   - time: Of the look; nanoseconds.
    ///   - size: The file's size then.
    ///   - count: What is about to be written.
    ///   - ceiling: The file's size at most.
    internal mutating func room(at time: Int64, size: Int64, adding count: Int, ceiling: Int64) -> Range<Int64>? {
        guard step > 0 else { return nil }
        // A block a second, and as much by step.
        let (taken, isUnknown) = time.subtractingReportingOverflow(self.time)
        let isInTime = !isUnknown && taken >= 0 && taken <= step * 1_000_000_000 / Self.block
        let isFast = isInTime && size >= mark &- Int64(count)
        self.time = time
        self.size = size
        step = isFast ? min(max(size / 8, Self.block / 8), Self.block) : Self.block
        let end = min(mark, ceiling)
        return isFast && end > size ? size..<end : nil
    }
}
