internal import CTxaio

/// Copies of events that an emitter may need again before their batch has ended: to hand them to another emitter, say.
///
/// Used by one thread at a time.
package final class KeptEvents {
    private let batch = EventBatch(bytes: 256 << 10)
    private let cache = MessageCache()
    private var startIDs: [UInt64] = []

    package init() {}

    /// How many there are.
    package var count: Int { startIDs.count }

    /// Copies an event; answers `false` where there is no room behind others.
    package func keep(_ event: borrowing LogEvent) -> Bool {
        let most = RecordExpansion.size(of: event.record)
        if batch.room.count < EventBatch.rounded(most) {
            guard startIDs.isEmpty else { return false }
            batch.grow(to: most)
        }
        guard !batch.isFull else { return false }
        let size = RecordExpansion.copy(event.record, to: batch.room)
        batch.append(size: size, threadNumber: event.threadNumber, threadID: event.threadID)
        startIDs.append(event.startID)
        return true
    }

    /// Lends one of them to `body`, as an event by itself.
    package func withEvent<R>(at index: Int, _ body: (borrowing LogEvent) -> R) -> R {
        let entry = batch.entries[index]
        cache.message.reset()
        let event = LogEvent(
            record: batch.record(entry),
            threadNumber: entry.threadNumber,
            threadID: entry.threadID,
            startID: startIDs[index],
            message: cache.message
        )
        return body(event)
    }

    package func removeAll() {
        batch.removeAll()
        startIDs.removeAll(keepingCapacity: true)
    }
}
