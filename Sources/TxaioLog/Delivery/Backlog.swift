internal import CTxaio

/// Events made before logging was started, with their own times.
///
/// Bounded: the first ones are kept, later ones counted.
internal struct Backlog {
    internal static let maximumBytes = 2 << 20
    internal static let maximumCount = 10_000

    private struct Entry {
        let offset: Int
        let threadNumber: UInt32
        let threadID: UInt32
    }

    private var bytes: [UInt8] = []
    private var entries: [Entry] = []
    internal private(set) var refused = 0

    internal var count: Int { entries.count }

    /// Copies an event; `false` where there is no room.
    internal mutating func append(_ event: borrowing LogEvent) -> Bool {
        let most = RecordExpansion.size(of: event.record)
        guard entries.count < Self.maximumCount, bytes.count + most <= Self.maximumBytes else {
            refused += 1
            return false
        }
        // Records are read with aligned loads of single bytes and words at their beginning.
        while bytes.count % 16 != 0 { bytes.append(0) }
        entries.append(
            Entry(offset: bytes.count, threadNumber: event.threadNumber, threadID: event.threadID)
        )
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: most))
        let size = bytes.withUnsafeMutableBytes {
            RecordExpansion.copy(event.record, to: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
        }
        bytes.removeLast(most - size)
        return true
    }

    internal func visit(_ body: (UnsafeRawPointer, UInt32, UInt32) -> Void) {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            for entry in entries { body(base + entry.offset, entry.threadNumber, entry.threadID) }
        }
    }
}
