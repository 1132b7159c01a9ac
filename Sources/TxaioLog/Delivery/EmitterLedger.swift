internal import CTxaio
internal import Synchronization

/// What became of the events offered to one emitter.
///
/// At rest `offered = filtered + accepted + refused` and `accepted = handedOver + dropped + inFlight` hold exactly. Counters
/// only grow. An emitter that answers ``Acceptance/accepted`` reports here what came of it, from any thread.
public final class EmitterLedger: Sendable {
    /// The emitter's name.
    public let name: String

    private let filteredCount = Atomic<UInt64>(0)
    /// Accepted and handed over in one, the commonest case: one counter for both, and one for each thread where this ledger
    /// has a number, so that threads do not wait for one another's cache line.
    private let atOnceCount = Atomic<UInt64>(0)
    private let number = txaio_ledger_take()
    /// Accepted, and something else became of them.
    private let acceptedCount = Atomic<UInt64>(0)
    private let handedOverCount = Atomic<UInt64>(0)
    private let refusedCount = Atomic<UInt64>(0)
    private let keptCount = Atomic<Int64>(0)
    private let drops: DropCounters = DropCounters()

    /// Makes a ledger with all counters at 0.
    public init(name: String) { self.name = name }

    /// Reports that `count` kept events reached the sink.
    public func handedOver(_ count: Int = 1) {
        guard count > 0 else { return }
        handedOverCount.wrappingAdd(UInt64(count), ordering: .relaxed)
        keptCount.wrappingSubtract(Int64(count), ordering: .releasing)
    }

    /// Reports that `count` kept events are lost.
    public func dropped(_ count: Int = 1, _ reason: DropReason) {
        guard count > 0 else { return }
        drops.add(UInt64(count), reason)
        keptCount.wrappingSubtract(Int64(count), ordering: .releasing)
    }

    /// In a child process: counts anew, from what the emitter keeps.
    internal func beginAnew() {
        let kept = UInt64(clamping: keptCount.load(ordering: .relaxed))
        filteredCount.store(0, ordering: .relaxed)
        handedOverCount.store(0, ordering: .relaxed)
        atOnceCount.store(0, ordering: .relaxed)
        refusedCount.store(0, ordering: .relaxed)
        acceptedCount.store(kept, ordering: .relaxed)
        drops.beginAnew()
    }

    package func filtered() { filteredCount.wrappingAdd(1, ordering: .relaxed) }
    package func refused() { refusedCount.wrappingAdd(1, ordering: .relaxed) }

    /// Events wait for the emitter: they count as kept until they are reported.
    internal func accepted(_ count: Int) {
        acceptedCount.wrappingAdd(UInt64(count), ordering: .relaxed)
        keptCount.wrappingAdd(Int64(count), ordering: .relaxed)
    }

    package func record(_ acceptance: Acceptance) {
        switch acceptance {
        case .handedOver:
            if number < UInt32(TXAIO_LEDGERS) {
                txaio_ledger_count(txaio_thread_current(), number)
            } else {
                atOnceCount.wrappingAdd(1, ordering: .relaxed)
            }
        case .accepted:
            acceptedCount.wrappingAdd(1, ordering: .relaxed)
            keptCount.wrappingAdd(1, ordering: .relaxed)
        case .dropped(let reason):
            acceptedCount.wrappingAdd(1, ordering: .relaxed)
            drops.add(1, reason)
        }
    }

    private var atOnce: UInt64 { atOnceCount.load(ordering: .acquiring) &+ txaio_ledger_sum(number) }

    /// How many reached the sink, and how many were lost, until now.
    internal var fates: (handedOver: UInt64, dropped: UInt64) {
        (atOnce &+ handedOverCount.load(ordering: .relaxed), drops.sum)
    }

    /// Reads the counters; while events flow each is a bound, at rest they add up.
    public var snapshot: EmitterCounts {
        // Downstream first, so that under load no event is seen to have arrived that was not yet sent.
        let dropped = drops.snapshot
        let atOnce = atOnce
        let handedOver = handedOverCount.load(ordering: .acquiring)
        let inFlight = keptCount.load(ordering: .acquiring)
        let accepted = acceptedCount.load(ordering: .acquiring)
        return EmitterCounts(
            name: name,
            filtered: filteredCount.load(ordering: .relaxed),
            refused: refusedCount.load(ordering: .relaxed),
            accepted: accepted + atOnce,
            handedOver: handedOver + atOnce,
            dropped: dropped,
            inFlight: UInt64(clamping: inFlight)
        )
    }
}

/// One emitter's counters at one moment.
public struct EmitterCounts: Sendable, Hashable {
    /// The emitter's name.
    public let name: String
    /// Passed their namespace's cell, and were stopped by this emitter's own rule.
    public let filtered: UInt64
    /// Came when the emitter could not take events: in the middle of its own, or after shutdown.
    public let refused: UInt64
    /// Given to the emitter.
    public let accepted: UInt64
    /// Taken by the sink.
    public let handedOver: UInt64
    /// Lost, by reason.
    public let dropped: [DropReason: UInt64]
    /// Kept by the emitter at the moment.
    public let inFlight: UInt64

    /// The counts of two emitters of one name, together.
    internal static func + (a: EmitterCounts, b: EmitterCounts) -> EmitterCounts {
        EmitterCounts(
            name: a.name,
            filtered: a.filtered + b.filtered,
            refused: a.refused + b.refused,
            accepted: a.accepted + b.accepted,
            handedOver: a.handedOver + b.handedOver,
            dropped: a.dropped.merging(b.dropped, uniquingKeysWith: +),
            inFlight: a.inFlight + b.inFlight
        )
    }

    /// Offered to the emitter.
    public var offered: UInt64 { filtered + accepted + refused }
    /// Lost, in all.
    public var droppedInAll: UInt64 { dropped.values.reduce(0, +) }
    /// Whether `accepted = handedOver + dropped + inFlight`.
    public var isBalanced: Bool { accepted == handedOver + droppedInAll + inFlight }
}

/// One counter for each reason.
internal final class DropCounters: Sendable {
    private let overflow = Atomic<UInt64>(0)
    private let oversize = Atomic<UInt64>(0)
    private let sinkGone = Atomic<UInt64>(0)
    private let sinkError = Atomic<UInt64>(0)
    private let deadline = Atomic<UInt64>(0)
    private let encoding = Atomic<UInt64>(0)
    private let forkChild = Atomic<UInt64>(0)

    internal func add(_ count: UInt64, _ reason: DropReason) {
        switch reason {
        case .overflow: overflow.wrappingAdd(count, ordering: .relaxed)
        case .oversize: oversize.wrappingAdd(count, ordering: .relaxed)
        case .sinkGone: sinkGone.wrappingAdd(count, ordering: .relaxed)
        case .sinkError: sinkError.wrappingAdd(count, ordering: .relaxed)
        case .deadline: deadline.wrappingAdd(count, ordering: .relaxed)
        case .forkChild: forkChild.wrappingAdd(count, ordering: .relaxed)
        default: encoding.wrappingAdd(count, ordering: .relaxed)
        }
    }

    internal func beginAnew() {
        overflow.store(0, ordering: .relaxed)
        oversize.store(0, ordering: .relaxed)
        sinkGone.store(0, ordering: .relaxed)
        sinkError.store(0, ordering: .relaxed)
        deadline.store(0, ordering: .relaxed)
        encoding.store(0, ordering: .relaxed)
        forkChild.store(0, ordering: .relaxed)
    }

    internal var sum: UInt64 {
        overflow.load(ordering: .relaxed) &+ oversize.load(ordering: .relaxed) &+ sinkGone.load(ordering: .relaxed)
            &+ sinkError.load(ordering: .relaxed) &+ deadline.load(ordering: .relaxed)
            &+ encoding.load(ordering: .relaxed) &+ forkChild.load(ordering: .relaxed)
    }

    internal var snapshot: [DropReason: UInt64] {
        var counts: [DropReason: UInt64] = [:]
        counts[.overflow] = overflow.load(ordering: .relaxed)
        counts[.oversize] = oversize.load(ordering: .relaxed)
        counts[.sinkGone] = sinkGone.load(ordering: .relaxed)
        counts[.sinkError] = sinkError.load(ordering: .relaxed)
        counts[.deadline] = deadline.load(ordering: .relaxed)
        counts[.encoding] = encoding.load(ordering: .relaxed)
        counts[.forkChild] = forkChild.load(ordering: .relaxed)
        return counts.filter { $0.value > 0 }
    }
}
