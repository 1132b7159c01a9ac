internal import CTxaio

/// Records in the order of their times, in memory of their own.
///
/// Whoever made it fills it; once it is handed on nobody changes it.
internal final class EventBatch: @unchecked Sendable {
    // Unchecked, overlapping accesses too: see above.
    internal struct Entry {
        let offset: Int
        let size: Int
        let threadNumber: UInt32
        let threadID: UInt32
    }

    /// How many records may have been taken out of the rings and not yet be with all emitters: what recovery may repeat.
    internal static let limit = 256

    // Behind pointers: one thread at a time changes it, so that need not be checked at each use.
    private struct State {
        var memory: UnsafeMutableRawBufferPointer
        var used = 0
        var count = 0
        /// Holds what the records refer to, once they have left the rings.
        var pin: ContextPin?
    }

    private let state: UnsafeMutablePointer<State>
    private let list: UnsafeMutablePointer<Entry>
    private let limit: Int

    internal init(bytes: Int, limit: Int = EventBatch.limit) {
        self.limit = limit
        list = .allocate(capacity: limit)
        state = .allocate(capacity: 1)
        state.initialize(to: State(memory: .allocate(byteCount: max(16, bytes), alignment: 16)))
    }

    deinit {
        state.pointee.memory.deallocate()
        state.deinitialize(count: 1)
        state.deallocate()
        list.deallocate()
    }

    internal var entries: UnsafeBufferPointer<Entry> {
        UnsafeBufferPointer(start: list, count: state.pointee.count)
    }

    /// The room that is left, for one record.
    internal var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: state.pointee.memory[state.pointee.used...])
    }

    internal var isEmpty: Bool { state.pointee.count == 0 }

    internal var isFull: Bool { state.pointee.count == limit }

    /// A record was written where the room begins; the batch must not be full.
    internal func append(size: Int, threadNumber: UInt32, threadID: UInt32) {
        let used = state.pointee.used
        (list + state.pointee.count).initialize(
            to: Entry(offset: used, size: size, threadNumber: threadNumber, threadID: threadID)
        )
        state.pointee.count += 1
        state.pointee.used = min(state.pointee.memory.count, used + Self.rounded(size))
    }

    /// Makes room for a record that is larger than all; the batch must be empty.
    internal func grow(to size: Int) {
        state.pointee.memory.deallocate()
        state.pointee.memory = .allocate(byteCount: Self.rounded(size), alignment: 16)
    }

    internal func removeAll() {
        state.pointee.count = 0
        state.pointee.used = 0
    }

    /// Holds what the records refer to for as long as the batch lives.
    internal func hold(_ pin: ContextPin) { state.pointee.pin = pin }

    internal func record(_ entry: Entry) -> UnsafeRawPointer {
        UnsafeRawPointer(state.pointee.memory.baseAddress.unsafelyUnwrapped + entry.offset)
    }

    internal func level(_ entry: Entry) -> LogLevel {
        LogLevel(rawValue: record(entry).load(fromByteOffset: RecordLayout.level, as: UInt8.self)) ?? .critical
    }

    /// Whether it passes for the sake of its scope.
    internal func isScoped(_ entry: Entry) -> Bool {
        record(entry).load(fromByteOffset: RecordLayout.flags, as: UInt8.self) & RecordFlag.scoped != 0
    }

    /// Where the levels of the record's namespace are kept.
    internal func cell(_ entry: Entry) -> UnsafePointer<txaio_cell> {
        let address = record(entry).loadUnaligned(fromByteOffset: RecordLayout.cell, as: UInt64.self)
        return UnsafePointer(bitPattern: UInt(address)).unsafelyUnwrapped
    }

    /// - Parameter isInBatch: Whether emitters are told when the batch ends.
    internal func event(_ entry: Entry, cache: MessageCache, isInBatch: Bool = true) -> LogEvent {
        LogEvent(
            record: record(entry),
            threadNumber: entry.threadNumber,
            threadID: entry.threadID,
            startID: txaio_process_current().pointee.start_id,
            message: cache.message,
            isInBatch: isInBatch
        )
    }

    /// A batch of copies of some of the records, which carry what those refer to.
    internal func copy(_ selection: Selection) -> EventBatch {
        var bytes = 0
        for index in selection { bytes += expandedSize(entries[index]) }
        let batch = EventBatch(bytes: bytes, limit: selection.count)
        for index in selection {
            let entry = entries[index]
            let size = RecordExpansion.copy(record(entry), to: batch.room)
            batch.append(size: size, threadNumber: entry.threadNumber, threadID: entry.threadID)
        }
        return batch
    }

    /// How many bytes a copy of a record takes at most.
    internal func expandedSize(_ entry: Entry) -> Int { Self.rounded(RecordExpansion.size(of: record(entry))) }

    internal static func rounded(_ size: Int) -> Int { (size + 15) & ~15 }
}
