internal import TxaioLog

/// The calls of a bucket whose time has come, run in chunks. One thread at a time has it.
internal final class BatchRun: @unchecked Sendable {
    // Unchecked: see above.
    private var block: BatchBlock.Pointer?
    private var index: Int32 = 0
    private let chunkSize: Int
    /// From one chunk to the next, in nanoseconds.
    internal let spacing: Int64
    private var errors = ErrorTexts()

    /// Takes over blocks in which `count` calls wait.
    internal init(_ first: BatchBlock.Pointer?, count: Int, chunkSize: Int, bucket length: Int64) {
        block = first
        self.chunkSize = chunkSize
        let chunks = Int64(count / chunkSize + (count % chunkSize == 0 ? 0 : 1))
        spacing = length / max(1, chunks)
    }

    /// Cancels what was not run: whoever kept time for it forgot it.
    deinit {
        while let call = next() { call.end() }
    }

    /// Runs the next chunk; true where another one is to follow.
    internal func runChunk() -> Bool {
        var left = chunkSize
        while left > 0, let call = next() {
            left -= 1
            do { try call.run() } catch { errors.add(error) }
        }
        if skip() { return true }
        errors.report()
        return false
    }

    /// The next call that has a place.
    private func next() -> BatchedCall? {
        while let block {
            while index < block.pointee.used {
                index += 1
                if let call = block.take(index - 1), call.hasPlace { return call }
            }
            advance(from: block)
        }
        return nil
    }

    /// Passes over calls without a place; false where that is all.
    private func skip() -> Bool {
        while let block {
            while index < block.pointee.used {
                if block.peek(index) { return true }
                index += 1
            }
            advance(from: block)
        }
        return false
    }

    private func advance(from block: BatchBlock.Pointer) {
        self.block = block.pointee.next
        index = 0
        block.retire()
    }
}

/// The texts of what calls of a bucket threw: one event for all of them.
private struct ErrorTexts {
    private var text = ""
    private var omitted = 0
    /// More than this would endanger the event, whose record has a limit.
    private static let limit = 256 << 10

    mutating func add(_ error: any Error) {
        guard text.utf8.count < Self.limit else { return omitted += 1 }
        text += "\(error)\n"
    }

    func report() {
        guard !text.isEmpty else { return }
        let more = omitted > 0 ? "and \(omitted) more\n" : ""
        CoreLog.batchedTimer.error("Error(s) processing call_later bucket:\n" + text + more)
    }
}
