/// Sends events somewhere: a stream, a file, the journal.
///
/// ## What every emitter promises
/// 1. ``emit(_:)`` returns within a bounded time and never throws or traps, whatever the event holds.
/// 2. It answers for each event, exactly once: handed over, dropped and why, or accepted to be reported later.
/// 3. A fault of its sink is its own affair: it is counted, told once, and reaches neither the code that logged nor
///    another emitter.
///
/// `EmitterContract` in TxaioTesting checks all three; run it on your own emitter.
///
/// In direct delivery ``emit(_:)`` runs on the threads that log, several at once; in queued delivery on one thread at
/// a time of the pipeline's. There too what an emitter logs itself comes on its own thread, and events that a dead process
/// left, or that come just as logging starts, on the thread that starts it. No lock of the logger is held.
public protocol LogEmitter: AnyObject, Sendable {
    /// The name in rules (`journal:Audit.*=info`) and in the ledger: letters, digits, `_` and `-`.
    var name: String { get }

    /// Takes one event and says what became of it.
    func emit(_ event: borrowing LogEvent) -> Acceptance

    /// Whether it keeps events whose ``LogEvent/isBatched`` is true until ``endBatch()``, to hand them over together.
    ///
    /// Read once. An emitter that passes events on to others leaves it false: then they keep nothing.
    var takesBatches: Bool { get }

    /// Hands over what was kept of a batch: no event of it follows.
    ///
    /// What is kept beyond it may be lost when the process dies.
    func endBatch()

    /// Hands over what is kept back, waiting until `deadline` at most. Answers whether nothing is left.
    func flush(until deadline: Deadline) -> Bool

    /// Hands over what is kept back, then lets go of the sink.
    ///
    /// No event comes afterwards, unless an emitter did not return in time: what the queue's thread has left follows.
    func close(until deadline: Deadline)

    /// Called before the first event of each session, with what an emitter needs that answers later.
    func attach(to ledger: EmitterLedger)
}

extension LogEmitter {
    /// False: every event is taken by itself.
    public var takesBatches: Bool { false }
    /// Does nothing.
    public func endBatch() {}
    /// True: nothing is kept back.
    public func flush(until deadline: Deadline) -> Bool { true }
    /// Does nothing.
    public func close(until deadline: Deadline) {}
    /// Does nothing.
    public func attach(to ledger: EmitterLedger) {}
}

/// What became of an event at an emitter.
public enum Acceptance: Sendable, Hashable {
    /// The sink has it. For journald that is the kernel's queue: what journald then does cannot be seen.
    case handedOver
    /// The emitter keeps it and will report through its ``EmitterLedger``.
    case accepted
    /// It is lost, and why.
    case dropped(DropReason)
}

/// Why an accepted event did not reach its sink.
public struct DropReason: Sendable, Hashable, CustomStringConvertible {
    package let index: Int
    /// The name in the ledger and in announcements.
    public let description: String

    private init(_ index: Int, _ description: String) {
        self.index = index
        self.description = description
    }

    /// There was no room: a queue or a pipe was full.
    public static let overflow = DropReason(0, "overflow")
    /// It was larger than the sink takes.
    public static let oversize = DropReason(1, "oversize")
    /// The sink is gone: closed, disconnected, never there.
    public static let sinkGone = DropReason(2, "sink gone")
    /// The sink refused it: a full disk, an input or output error.
    public static let sinkError = DropReason(3, "sink error")
    /// Time was up at shutdown.
    public static let deadline = DropReason(4, "deadline")
    /// It could not be put into the sink's form.
    public static let encoding = DropReason(5, "encoding")
    /// It was the parent's when the process forked.
    public static let forkChild = DropReason(6, "fork child")

    /// All reasons.
    public static let all = [overflow, oversize, sinkGone, sinkError, deadline, encoding, forkChild]
}

/// A point in time on the monotonic clock, by which something must end.
public struct Deadline: Sendable, Hashable, Comparable {
    /// Nanoseconds on the monotonic clock.
    public let nanoseconds: Int64

    /// The point that lies `duration` from now; negative durations are now, huge ones never.
    public static func after(_ duration: Duration) -> Deadline {
        let span = max(0, duration.inNanoseconds)
        let (end, overflow) = Clocks.monotonic().addingReportingOverflow(span)
        return Deadline(nanoseconds: overflow ? .max : end)
    }

    /// How long it is until then; never negative.
    public var remaining: Duration { .nanoseconds(max(0, nanoseconds - Clocks.monotonic())) }

    /// Whether it has passed.
    public var hasPassed: Bool { Clocks.monotonic() >= nanoseconds }

    /// The earlier one is less.
    public static func < (lhs: Deadline, rhs: Deadline) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}
