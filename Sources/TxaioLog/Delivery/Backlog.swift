internal import CTxaio

/// Events made before logging was started, with their own times.
///
/// Bounded: the first ones are kept, later ones counted. They lie in memory of the kernel: a signal handler that logs may
/// have interrupted `malloc`. Copies share it; whoever takes the events out releases it with the last.
internal struct Backlog: @unchecked Sendable {
    // Unchecked: one thread at a time has it, until it is handed on.
    internal static let maximumCount = 10_000
    internal static let maximumBytes = 2 << 20 + maximumCount * MemoryLayout<Head>.size

    /// How an event begins; its record follows.
    private struct Head {
        let size: Int
        let threadNumber: UInt32
        let threadID: UInt32
    }

    private var memory: UnsafeMutableRawPointer?
    private var used = 0
    /// Where the first event lies that was not taken.
    private var taken = 0
    /// Events that wait to be taken.
    internal private(set) var count = 0
    internal private(set) var refused = 0

    /// Copies an event; `false` where there is no room.
    internal mutating func append(_ event: borrowing LogEvent) -> Bool {
        let most = EventBatch.rounded(MemoryLayout<Head>.size + RecordExpansion.size(of: event.record))
        let hasRoom = count < Self.maximumCount && used + most <= Self.maximumBytes
        if hasRoom, memory == nil { memory = txaio_map(Self.maximumBytes) }
        guard hasRoom, let memory else {
            refused += 1
            return false
        }
        // Records are read with aligned loads of single bytes and words at their beginning.
        let place = memory + used
        let room = UnsafeMutableRawBufferPointer(start: place, count: most)
        let size = RecordExpansion.copy(
            event.record,
            to: UnsafeMutableRawBufferPointer(rebasing: room[MemoryLayout<Head>.size...])
        )
        let head = Head(size: size, threadNumber: event.threadNumber, threadID: event.threadID)
        place.storeBytes(of: head, as: Head.self)
        used += EventBatch.rounded(MemoryLayout<Head>.size + size)
        count += 1
        return true
    }

    /// Takes the oldest events into a batch until that has as many as it may.
    internal mutating func fill(_ batch: EventBatch, limit: Int) {
        while let memory, count > 0, batch.entries.count < limit {
            let place = memory + taken
            let head = place.load(as: Head.self)
            if batch.room.count < head.size {
                // A large record waits for a batch of its own.
                guard batch.isEmpty else { return }
                batch.grow(to: head.size)
            }
            let record = UnsafeRawBufferPointer(start: place + MemoryLayout<Head>.size, count: head.size)
            batch.room.copyMemory(from: record)
            batch.append(size: head.size, threadNumber: head.threadNumber, threadID: head.threadID)
            taken += EventBatch.rounded(MemoryLayout<Head>.size + head.size)
            count -= 1
        }
        if count == 0 { release() }
    }

    /// Gives up what is here, and its memory.
    internal mutating func release() {
        if let memory { txaio_unmap(memory, Self.maximumBytes) }
        self = Backlog()
    }
}
