internal import TxaioLog

/// The calls of a bucket whose time has come, run in chunks.
///
/// One thread at a time has it.
internal final class BatchRun: @unchecked Sendable {
    // Unchecked: see above.
    private let blocks: ContiguousArray<BatchBlock.Pointer?>
    /// How many blocks it is done with, or at work on.
    private var begun = 0
    /// The one that it is at work on.
    private var block: BatchBlock.Pointer?
    /// The places in `block` that are still to come.
    private var places: UInt16 = 0
    private let chunkSize: Int
    /// From one chunk to the next, in nanoseconds.
    internal let spacing: Int64
    private var errors = ErrorTexts()

    /// Takes over the blocks of a bucket.
    internal init(_ taken: BucketStore.Taken, chunkSize: Int, bucketLength: Int64) {
        self.chunkSize = chunkSize
        let chunks = taken.count / chunkSize + (taken.count % chunkSize == 0 ? 0 : 1)
        spacing = bucketLength / Int64(max(1, chunks))
        blocks = taken.blocks
        enterNext()
    }

    /// Cancels what was not run: whoever kept time for it forgot it.
    deinit {
        while block != nil { _ = next() }
    }

    /// Runs the next chunk; true where another one is to follow.
    internal func runChunk() -> Bool {
        var left = chunkSize
        while left > 0, block != nil {
            left -= 1
            guard let body = next() else { continue }
            // In no scope, wherever this is called from: a call that has one goes there itself.
            do { try CapturedContext(scope: nil).run(body) } catch { errors.add(error) }
        }
        if block != nil { return true }
        errors.report()
        return false
    }

    /// The call at the next place; nil where it was cancelled since.
    private func next() -> BatchedCall.Body? {
        guard let block else { return nil }
        let body = block.take(places.trailingZeroBitCount)
        places &= places &- 1
        if places == 0 {
            block.retire()
            enterNext()
        }
        return body
    }

    /// Goes on to the next block in which something may wait.
    private func enterNext() {
        block = nil
        while begun < blocks.count {
            let next = blocks[begun]
            begun += 1
            guard let next else { continue }
            places = next.pointee.places
            if places != 0 {
                block = next
                return
            }
            next.retire()
        }
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
