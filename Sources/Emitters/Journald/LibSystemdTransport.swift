#if LibSystemd
internal import CSystemd
internal import TxaioLog

/// Memory for the pieces that `sd_journal_sendv` takes an entry in; kept, so that it is made once.
internal final class JournalVectors {
    private static let words = 2
    private var capacity = 256
    private var room: UnsafeMutablePointer<Int>

    init() { room = .allocate(capacity: capacity * Self.words) }
    deinit { room.deallocate() }

    func send(_ encoder: borrowing JournalEntryEncoder) -> Int32 {
        let count = encoder.fieldCount
        if count > capacity {
            room.deallocate()
            capacity = count
            room = .allocate(capacity: capacity * Self.words)
        }
        return encoder.withFields { bytes, ends in
            guard let base = bytes.baseAddress, let ends = ends.baseAddress else { return -ErrorNumber.invalid }
            let start = base.assumingMemoryBound(to: UInt8.self)
            return txaio_journal_send(start, ends, Int32(clamping: count), room)
        }
    }
}

/// Hands entries to `sd_journal_sendv` of libsystemd.
///
/// It **blocks for ever** while journald is stopped and its queue is full; the native transport does not. What it
/// reports wrongly is corrected: that nothing listens is success to it, an error here.
internal enum LibSystemdTransport {
    private static let path: StaticString = "/run/systemd/journal/socket"

    static func send(_ encoder: borrowing JournalEntryEncoder, _ vectors: JournalVectors) -> JournalOutcome {
        // libsystemd returns 0 where there is no socket: look before, for the length of one call.
        let access = path.withUTF8Buffer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map(SocketFile.access) ?? ErrorNumber.invalid
            }
        }
        guard access == 0 else { return .gone(access) }
        return outcome(of: vectors.send(encoder))
    }

    /// libsystemd answers 0 or the error's number, negated.
    static func outcome(of result: Int32) -> JournalOutcome {
        guard result < 0 else { return .sent }
        let error = result == .min ? Int32.max : -result
        switch error {
        case ErrorNumber.refused, ErrorNumber.notConnected, ErrorNumber.reset, ErrorNumber.noEntry,
            ErrorNumber.noDirectory, ErrorNumber.brokenPipe:
            return .gone(error)
        case ErrorNumber.tryAgain, ErrorNumber.tooManyReferences:
            return .full
        case ErrorNumber.tooLong, ErrorNumber.noBuffers, ErrorNumber.processFiles, ErrorNumber.systemFiles:
            return .tooLarge(error)
        default:
            return .failed(error)
        }
    }
}
#endif
