/// What to do with an event when its thread's ring is full.
///
/// Whatever the choice, nothing is lost in silence: every event not delivered is in the ledger by reason, and announced in
/// the stream when there is room again.
public struct OverflowPolicy: Sendable, Hashable {
    internal enum Kind: Sendable, Hashable {
        case dropNewest
        case dropOldest
        case block(Duration)
    }

    internal let kind: Kind

    /// Drop the new event.
    ///
    /// The caller never waits. The default below error.
    public static let dropNewest = OverflowPolicy(kind: .dropNewest)
    /// Drop the oldest events of the thread that still wait, until there is room.
    ///
    /// The caller never waits. An event below error drops no error: where one is the oldest, the new event is dropped. The
    /// room of events that are just being handed over is used too, so after `kill -9` those are not recovered.
    public static let dropOldest = OverflowPolicy(kind: .dropOldest)
    /// Wait for room up to `limit`, then drop the new event.
    ///
    /// Not for callers on an event loop. The default at error and above, with 100 ms.
    public static func block(upTo limit: Duration) -> OverflowPolicy { OverflowPolicy(kind: .block(limit)) }
}

/// How events are queued between the threads that log and the one that delivers.
public struct QueueOptions: Sendable, Hashable {
    /// Bytes of one thread's ring; rounded up to a power of two between 64 KiB and 64 MiB.
    public var ringBytes = 1 << 20
    /// Bytes of all rings together; at most 256 GiB.
    ///
    /// A thread that finds none left has its events dropped and counted. Fields of loggers and scopes, to which events in
    /// the rings refer, take up to a sixteenth more, at least 64 KiB; where that is used up events carry them.
    public var totalBytes = 64 << 20
    /// Bytes that wait for one emitter which does not keep up, where there are several; at least 64 KiB.
    ///
    /// Events that exceed it are dropped and counted at that emitter. An eighth is for errors and critical events.
    public var outboxBytes = 4 << 20
    /// What happens to events below error when the ring is full.
    ///
    /// They leave an eighth of it to errors.
    public var overflow = OverflowPolicy.dropNewest
    /// What happens to errors and critical events when the ring is full.
    public var errorOverflow = OverflowPolicy.block(upTo: .milliseconds(100))
    /// Look for events without ever sleeping: for those who own a core.
    ///
    /// Otherwise the thread sleeps up to 1 ms.
    public var spins = false
    /// When a signal ends the process, wait up to 1 s for the delivering thread to hand over what was committed before it.
    ///
    /// SIGSEGV, SIGBUS, SIGILL (which traps raise), SIGTRAP, SIGABRT and SIGFPE are taken from the start of logging on,
    /// those that are ignored excepted. The process then dies of its signal as it would have, Swift's backtrace and other
    /// handlers included. Nothing is waited for where the delivering thread itself is hit. Handlers stay until the
    /// process ends.
    public var handlesFatalSignals = false

    /// Makes the standard options.
    public init() {}

    internal func policy(at level: LogLevel) -> OverflowPolicy { level <= .error ? errorOverflow : overflow }
}
