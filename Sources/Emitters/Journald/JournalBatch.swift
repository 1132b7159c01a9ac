internal import TxaioLog

/// Entries of a batch that are yet to be sent: one behind the other, each with what is needed to answer for it.
///
/// Used by one thread at a time.
internal final class JournalBatch {
    /// So many entries are sent together at most; more at once would make none of them cheaper.
    static let mostEntries = DatagramSocket.mostAtOnce
    /// So many bytes are not waited over.
    private static let mostBytes = 256 << 10

    var encoder = JournalEntryEncoder(form: .framed)
    /// The events themselves, where somebody else may have to take them.
    let events: KeptEvents?
    /// The run of the process whose entries they are.
    let run = ProcessRun.current
    /// How long it waits before it looks for room again: nanoseconds.
    var pause = JournalSocket.shortestPause * 10
    private(set) var count = 0
    private let ends: UnsafeMutablePointer<Int>
    private let times: UnsafeMutablePointer<Int64>

    init(keepsEvents: Bool) {
        events = keepsEvents ? KeptEvents() : nil
        ends = .allocate(capacity: Self.mostEntries)
        times = .allocate(capacity: Self.mostEntries)
        ends.initialize(repeating: 0, count: Self.mostEntries)
        times.initialize(repeating: 0, count: Self.mostEntries)
    }

    deinit {
        ends.deallocate()
        times.deallocate()
    }

    var isFull: Bool { count == Self.mostEntries || encoder.keptCount >= Self.mostBytes }

    /// Keeps the entry that was encoded last; answers `false` where there is no room behind others.
    func keep(_ event: borrowing LogEvent) -> Bool {
        guard count < Self.mostEntries, events?.keep(event) ?? true else { return false }
        ends[count] = encoder.keep()
        times[count] = event.time
        count += 1
        return true
    }

    /// When an entry's event happened: nanoseconds since 1970.
    func time(_ index: Int) -> Int64 { times[index] }

    /// Lets `body` read all entries, where the first of the rest begins, and where each of the rest ends.
    func withRest<R>(
        from index: Int,
        _ body: (UnsafeRawBufferPointer, Int, UnsafeBufferPointer<Int>) -> R
    ) -> R {
        let rest = UnsafeBufferPointer(start: ends + index, count: count - index)
        return encoder.withKept { body($0, start(index), rest) }
    }

    /// Lets `body` read one entry.
    func withEntry<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        encoder.withKept { body(UnsafeRawBufferPointer(rebasing: $0[start(index)..<ends[index]])) }
    }

    private func start(_ index: Int) -> Int { index == 0 ? 0 : ends[index - 1] }

    func removeAll() {
        count = 0
        encoder.removeKept()
        events?.removeAll()
    }
}
