internal import TxaioLog

/// The calls of a bucket whose time has come, run in chunks.
///
/// One thread at a time has it.
internal final class BatchRun: @unchecked Sendable {
    // Unchecked: see above.
    private var block: BatchBlock.Pointer?
    /// The places in `block` that are still to come.
    private var places: UInt32 = 0
    private let chunkSize: Int
    /// From one chunk to the next, in nanoseconds.
    internal let spacing: Int64
    private var errors = ErrorTexts()

    /// Takes over the blocks of a bucket.
    internal init(_ taken: BucketStore.Taken, chunkSize: Int, bucketLength: Int64) {
        self.chunkSize = chunkSize
        let chunks = taken.count / chunkSize + (taken.count % chunkSize == 0 ? 0 : 1)
        spacing = bucketLength / Int64(max(1, chunks))
        enter(taken.first)
    }

    /// Cancels what was not run: whoever kept time for it forgot it.
    deinit {
        while block != nil { next()?.release() }
    }

    /// Runs the next chunk; true where another one is to follow.
    internal func runChunk() -> Bool {
        var left = chunkSize
        while left > 0, block != nil {
            left -= 1
            do { try next()?.run() } catch { errors.add(error) }
        }
        if block != nil { return true }
        errors.report()
        return false
    }

    /// The call at the next place; nil where it was cancelled since.
    private func next() -> BatchedCall? {
        guard let block else { return nil }
        let call = block.take(places.trailingZeroBitCount)
        places &= places &- 1
        if places == 0 { leave(block) }
        return call
    }

    private func enter(_ block: BatchBlock.Pointer?) {
        self.block = block
        guard let block else { return }
        places = block.pointee.places
        if places == 0 { leave(block) }
    }

    private func leave(_ block: BatchBlock.Pointer) {
        let next = block.pointee.next
        block.retire()
        enter(next)
    }
}

/// The texts of what calls of a bucket threw: one event for all of them.
private struct ErrorTexts {
    private var text = ""
    private var omitted = 0
    /// More than this would endanger the event, whose record has a limit.
    private static let limit = 256 << 10

    mutating func add(_ error: any Error) {
        guard text.utf8.count < Self.limit else {
            omitted += 1
            return
        }
        text += "\(error)\n"
    }

    func report() {
        guard !text.isEmpty else { return }
        let more = omitted > 0 ? "and \(omitted) more\n" : ""
        CoreLog.batchedTimer.error("Error(s) processing call_later bucket:\n" + text + more)
    }
}
