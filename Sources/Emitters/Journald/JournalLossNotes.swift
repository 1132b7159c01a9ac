internal import Synchronization
internal import TxaioLog

/// What the journal does not hold and has not been told yet.
///
/// Lock-free: noted by any thread, taken by the one that announces it, given back where that failed.
internal final class JournalLossNotes: @unchecked Sendable {
    /// What is missing, and since when.
    struct Loss {
        var counts: [UInt64]
        /// Events that the fallback took.
        var elsewhere: UInt64
        /// Nanoseconds since 1970.
        var since: Int64

        var dropped: UInt64 { counts.reduce(0, &+) }
    }

    private static let reasons = DropReason.all.count
    private let counts: UnsafeMutablePointer<Atomic<UInt64>>
    private let elsewhere = Atomic<UInt64>(0)
    private let pending = Atomic<UInt64>(0)
    private let since = Atomic<Int64>(0)
    /// Who lost them: a child of a fork says nothing of its parent's.
    private let process = Atomic<Int32>(0)

    init() {
        counts = .allocate(capacity: Self.reasons)
        for index in 0..<Self.reasons { (counts + index).initialize(to: Atomic(0)) }
    }

    deinit {
        counts.deinitialize(count: Self.reasons)
        counts.deallocate()
    }

    /// Whether there is something to announce.
    var isPending: Bool { pending.load(ordering: .relaxed) != 0 }

    func dropped(_ reason: DropReason, at time: Int64) {
        guard reason.index < Self.reasons else { return }
        begin(at: time)
        counts[reason.index].wrappingAdd(1, ordering: .relaxed)
        pending.wrappingAdd(1, ordering: .releasing)
    }

    func wentElsewhere(at time: Int64) {
        begin(at: time)
        elsewhere.wrappingAdd(1, ordering: .relaxed)
        pending.wrappingAdd(1, ordering: .releasing)
    }

    private func begin(at time: Int64) {
        if since.load(ordering: .relaxed) == 0 {
            _ = since.compareExchange(expected: 0, desired: max(1, time), ordering: .relaxed)
            process.store(Platform.processID, ordering: .relaxed)
        }
    }

    /// Takes what there is to announce; `nil` where another thread was quicker, or where it is the parent's.
    func take() -> Loss? {
        let taken = pending.exchange(0, ordering: .acquiringAndReleasing)
        guard taken > 0 else { return nil }
        let loss = Loss(
            counts: (0..<Self.reasons).map { counts[$0].exchange(0, ordering: .relaxed) },
            elsewhere: elsewhere.exchange(0, ordering: .relaxed),
            since: since.exchange(0, ordering: .relaxed)
        )
        guard process.load(ordering: .relaxed) == Platform.processID else { return nil }
        return loss.dropped > 0 || loss.elsewhere > 0 ? loss : nil
    }

    /// Gives back what could not be announced.
    func giveBack(_ loss: Loss) {
        begin(at: loss.since)
        if loss.since > 0 {
            var known = since.load(ordering: .relaxed)
            while known == 0 || known > loss.since {
                let (done, seen) = since.compareExchange(expected: known, desired: loss.since, ordering: .relaxed)
                if done { break }
                known = seen
            }
        }
        for (index, count) in loss.counts.enumerated() where count > 0 {
            counts[index].wrappingAdd(count, ordering: .relaxed)
        }
        elsewhere.wrappingAdd(loss.elsewhere, ordering: .relaxed)
        pending.wrappingAdd(max(1, loss.dropped &+ loss.elsewhere), ordering: .releasing)
    }
}
