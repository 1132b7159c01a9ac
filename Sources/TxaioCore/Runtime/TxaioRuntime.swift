internal import CTxaio
internal import TxaioLog

/// Futures and timers on one event loop.
///
/// All functions of txaio are members. ``Txaio`` has one of these for the process; `TxaioRuntime(loop:)` makes further ones,
/// so that two frameworks can serve one process.
///
/// Callbacks of its futures and timers run on its loop, one after the other: inside the call that makes them ready where that
/// is made on the loop and no callback is running, else in their turn. Safe on any thread.
public final class TxaioRuntime: @unchecked Sendable {
    // Unchecked: `state` is constant, or the loop's thread's.

    /// What its callbacks run on.
    public let loop: any TxaioLoop
    /// What its timers go by: the loop, or what was set in its place.
    public let timeSource: any TimeSource
    /// The time source's timers, where that is a loop of one of the frameworks: reached without counting references.
    internal let ownTimers: Unmanaged<TimerService>?
    /// Whether the time source's clock is the system's monotonic one.
    internal let isMonotonic: Bool

    /// The time source's time.
    internal var now: Int64 { isMonotonic ? Clocks.monotonic() : timeSource.nanoseconds }

    @usableFromInline internal let state: UnsafeMutablePointer<RuntimeState>
    private let inbox = Lock(Inbox())

    private struct Inbox {
        var entries: ContiguousArray<ReadyEntry> = []
        /// Whether the loop was told that there is something.
        var isAnnounced = false
    }

    /// Makes a runtime that selects nothing for the process.
    ///
    /// - Parameters:
    ///   - loop: What its callbacks run on.
    ///   - timeSource: What its timers go by; the loop itself if left out.
    ///   - isPermanent: Whether it lives as long as the process, as the selected one does. Its futures then need not hold it,
    ///     which makes them cheaper.
    public init(loop: any TxaioLoop, timeSource: (any TimeSource)? = nil, isPermanent: Bool = false) {
        self.loop = loop
        let source = timeSource ?? loop
        self.timeSource = source
        let timerLoop = source as? any TimerLoop
        ownTimers = timerLoop.map { .passUnretained($0.timers) }
        isMonotonic = timerLoop?.isMonotonic ?? false
        state = .room()
        state.begin(
            RuntimeState(
                identity: UnsafeRawPointer(Unmanaged.passUnretained(loop as AnyObject).toOpaque()),
                cell: CoreLog.future.cell,
                runtime: Unmanaged.passUnretained(self),
                asksLoop: !loop.ownsItsThread,
                isPermanent: isPermanent
            )
        )
        if isPermanent { _ = Unmanaged.passRetained(self) }
    }

    deinit { state.end() }

    /// The event framework that its loop belongs to.
    public var framework: EventFramework { loop.framework }

    /// Whether the caller is called by its loop.
    @inlinable
    public var isCurrent: Bool {
        @inline(__always) get { state.isCurrent }
    }

    /// Runs `body` on the loop soon, in the current log scope, never inside this call.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        let context = CapturedContext.current
        enqueue { context.run(body) }
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

    /// Has a closure run in its turn, from any thread.
    internal func enqueue(_ body: @escaping @Sendable () -> Void) {
        enqueue(ReadyEntry(ReadyClosure(body)))
    }

    /// Has something run in its turn, from any thread.
    @usableFromInline @inline(never)
    internal func enqueue(_ entry: ReadyEntry) {
        let isFirst = inbox.withLock { inbox in
            inbox.entries.append(entry)
            defer { inbox.isAnnounced = true }
            return !inbox.isAnnounced
        }
        guard isFirst else { return }
        let turn = InboxTurn(of: self)
        loop.execute { turn.take() }
    }

    private func emptyInbox() -> ContiguousArray<ReadyEntry> {
        inbox.withLock { inbox in
            inbox.isAnnounced = false
            var entries: ContiguousArray<ReadyEntry> = []
            swap(&entries, &inbox.entries)
            return entries
        }
    }

    /// Lets go of what waits: the loop has shut down, and takes nothing more.
    fileprivate func dropInbox() {
        for entry in emptyInbox() { entry.drop(of: self) }
    }

    fileprivate func takeInbox() {
        let entries = emptyInbox()
        // Whoever asks from here on need not ask the loop.
        let before = txaio_loop_current()
        txaio_loop_set(state.pointee.identity)
        defer { txaio_loop_set(before) }
        for entry in entries {
            if state.own.pointee.isDraining {
                // A callback turned the loop by hand.
                state.own.pointee.queue.append(entry)
            } else if entry.isClosure {
                // No callback: what it makes ready runs inside it.
                entry.run(on: state)
            } else {
                let before = state.beginDraining()
                entry.run(on: state)
                state.endDraining(before)
            }
        }
    }
}

/// What a loop is given to do: to take what waits for it.
///
/// One that drops it instead lets that go.
private final class InboxTurn: @unchecked Sendable {
    // Unchecked: `isTaken` is the loop's, and then whoever's lets this go.
    private let runtime: TxaioRuntime
    private var isTaken = false

    init(of runtime: TxaioRuntime) { self.runtime = runtime }

    deinit {
        if !isTaken { runtime.dropInbox() }
    }

    func take() {
        isTaken = true
        runtime.takeInbox()
    }
}
