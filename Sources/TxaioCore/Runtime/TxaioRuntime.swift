public import CTxaio
internal import TxaioLog

/// Futures and timers on one event loop.
///
/// All functions of txaio are members. ``Txaio`` has one of these for the process; `TxaioRuntime(loop:)` makes further ones,
/// so that two frameworks can serve one process.
///
/// Callbacks of its futures and timers run on its loop, one after the other: inside the call that makes them ready where that
/// is made on the loop and no callback is running, else in their turn. Safe on any thread.
public final class TxaioRuntime: @unchecked Sendable {
    // Unchecked: `queue` and `isDraining` belong to the loop's thread.

    /// What its callbacks run on.
    public let loop: any TxaioLoop
    /// What its timers go by: the loop, or what was set in its place.
    public let timeSource: any TimeSource

    /// What the loop's threads have in their storage.
    @usableFromInline internal let identity: UnsafeRawPointer
    @usableFromInline internal let asksLoop: Bool
    @usableFromInline internal let futureCell: UnsafePointer<txaio_cell>
    @usableFromInline internal var isDraining = false
    @usableFromInline internal var queue = ReadyQueue()
    private let inbox = Lock(Inbox())

    private struct Inbox {
        var units: ContiguousArray<any ReadyUnit> = []
        /// Whether the loop was told that there is something.
        var isAnnounced = false
    }

    /// Makes a runtime that selects nothing for the process.
    ///
    /// - Parameters:
    ///   - loop: What its callbacks run on.
    ///   - timeSource: What its timers go by; the loop itself if left out.
    public init(loop: any TxaioLoop, timeSource: (any TimeSource)? = nil) {
        self.loop = loop
        self.timeSource = timeSource ?? loop
        identity = UnsafeRawPointer(Unmanaged.passUnretained(loop as AnyObject).toOpaque())
        asksLoop = !loop.ownsItsThread
        futureCell = CoreLog.future.cell
    }

    /// The event framework that its loop belongs to.
    public var framework: EventFramework { loop.framework }

    /// Whether the caller is called by its loop.
    @inlinable
    public var isCurrent: Bool {
        @inline(__always) get { txaio_loop_current() == identity || (asksLoop && loop.isCurrent) }
    }

    /// Runs `body` on the loop soon, in the current log scope, never inside this call.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        let context = CapturedContext.current
        enqueue(ReadyClosure { context.run(body) })
    }

    /// Runs `body` on the loop and hands on what it returns or throws.
    ///
    /// Many calls on futures are cheapest there. The caller is suspended, not blocked, meanwhile.
    public func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withUnsafeThrowingContinuation { continuation in
            execute { continuation.resume(with: Result { try body() }) }
        }
    }

    // ------------------------------------------------------------------------------------------------ the ready queue

    /// Has a unit run in its turn, from any thread.
    @usableFromInline @inline(never)
    internal func enqueue(_ unit: any ReadyUnit) {
        // Unchecked: units are futures and closures, which are Sendable.
        nonisolated(unsafe) let unit = unit
        let isFirst = inbox.withLock { inbox in
            inbox.units.append(unit)
            defer { inbox.isAnnounced = true }
            return !inbox.isAnnounced
        }
        if isFirst { loop.execute { self.takeInbox() } }
    }

    private func takeInbox() {
        let units = inbox.withLock { inbox in
            inbox.isAnnounced = false
            nonisolated(unsafe) var units: ContiguousArray<any ReadyUnit> = []
            swap(&units, &inbox.units)
            return units
        }
        queue.append(contentsOf: units)
        if !isDraining { drain {} }
    }

    /// Runs `first`, then all that is ready; on the loop, and not while it does so already.
    @inlinable @inline(__always)
    internal func drain(_ first: () -> Void) {
        let before = txaio_loop_current()
        txaio_loop_set(identity)
        isDraining = true
        first()
        if !queue.isEmpty { runReady() }
        isDraining = false
        txaio_loop_set(before)
    }

    @usableFromInline @inline(never)
    internal func runReady() {
        while let unit = queue.next() { unit.runReady() }
    }
}
