internal import Synchronization
internal import TxaioLog

/// txaio's functions for the whole process, on the framework that was selected.
///
/// Before `useConcurrency()` or `useNIO(_:)` each of them throws ``TxaioError/notSelected``. What an application has one of,
/// it can have here; a library takes a ``TxaioRuntime``. Logging needs no selection.
public enum Txaio {
    private struct State {
        var selected: TxaioRuntime?
        var loop: (any TimeSource)?
        /// The runtime on `loop`, once it was asked for.
        var configured: TxaioRuntime?
    }

    private static let state = Lock(State())

    private static let isSet = Atomic(false)

    /// Whether a loop is set in place of the selected framework's own.
    ///
    /// Acquiring, so that who sees a loop set does not find the one before it.
    internal static var hasLoop: Bool { @inline(__always) get { isSet.load(ordering: .acquiring) } }

    /// Whether the selected framework's own loop goes by the system's monotonic clock.
    internal static var isMonotonic: Bool { state.withLock { $0.selected }?.isMonotonic ?? false }

    // ------------------------------------------------------------------------------------------------ selection

    /// Selects Swift Concurrency, with a ``ConcurrencyLoop``.
    ///
    /// Does nothing where it is selected; throws ``TxaioError/alreadySelected(_:)`` where the other framework is, and changes
    /// nothing then.
    public static func useConcurrency() throws(TxaioError) {
        try select(.concurrency) { TxaioRuntime(loop: ConcurrencyLoop(), isPermanent: true) }
    }

    /// Selects a framework; `make` is called where none is selected, and what it throws leaves the choice open.
    package static func select(_ framework: EventFramework, _ make: () -> TxaioRuntime) throws(TxaioError) {
        // One at a time: a runtime that is made is there for good.
        let selected = selecting.withLock { _ in
            if let selected = state.withLock({ $0.selected }) { return selected }
            let made = make()
            state.withLock { $0.selected = made }
            return made
        }
        try check(selected, framework)
    }

    private static let selecting = Lock(())

    private static func check(_ selected: TxaioRuntime, _ framework: EventFramework) throws(TxaioError) {
        if selected.framework != framework { throw .alreadySelected(selected.framework) }
    }

    /// Whether Swift Concurrency is selected.
    public static var usingConcurrency: Bool { state.withLock { $0.selected }?.framework == .concurrency }

    /// Whether SwiftNIO is selected.
    public static var usingNIO: Bool { state.withLock { $0.selected }?.framework == .nio }

    /// The runtime that the functions below go to.
    public static var runtime: TxaioRuntime {
        get throws(TxaioError) {
            let (selected, loop, configured) = state.withLock { ($0.selected, $0.loop, $0.configured) }
            guard let selected else { throw .notSelected }
            guard let loop else { return selected }
            if let configured { return configured }
            let made = selected.with(loop)
            return state.withLock { state in
                guard state.loop === loop else { return made }
                if let configured = state.configured { return configured }
                state.configured = made
                return made
            }
        }
    }

    /// What can be set for the process.
    public static let config = TxaioConfig()

    /// A runtime of its own on a loop, which does not touch the process's.
    ///
    /// - Parameter loop: A ``TxaioLoop`` of either framework; or a ``TimeSource`` that only keeps time, for timers beside the
    ///   selected framework's loop.
    public static func withConfig(loop: any TimeSource) throws(TxaioError) -> TxaioRuntime {
        guard let selected = state.withLock({ $0.selected }) else { throw .notSelected }
        return selected.with(loop)
    }

    fileprivate static var loop: (any TimeSource)? {
        get { state.withLock { $0.loop } }
        set {
            // What was there before is released outside the lock: it may be the last to hold a loop.
            let before = state.withLock { state in
                defer {
                    state.loop = newValue
                    state.configured = nil
                    isSet.store(newValue != nil, ordering: .releasing)
                }
                return (state.loop, state.configured)
            }
            _ = before
        }
    }
}

/// The process's settings of txaio.
public struct TxaioConfig: Sendable {
    fileprivate init() {}

    /// The loop, or whatever keeps time, in place of the selected framework's own; `nil` gives that back.
    ///
    /// May be set before a selection, and at any time: it is read at each call.
    public var loop: (any TimeSource)? {
        get { Txaio.loop }
        nonmutating set { Txaio.loop = newValue }
    }

    /// Whether `reject` and `createFutureError` keep a traceback as `createFailure` always does; false at first.
    ///
    /// It costs some tens of nanoseconds and an array for each error.
    public var capturesTracebacks: Bool {
        get { FailureTraceback.isWanted }
        nonmutating set { FailureTraceback.isWanted = newValue }
    }
}

extension TxaioRuntime {
    /// A runtime on another loop, or on this one's with another's time.
    internal func with(_ source: any TimeSource) -> TxaioRuntime {
        if let loop = source as? any TxaioLoop { return TxaioRuntime(loop: loop) }
        return TxaioRuntime(loop: loop, timeSource: source)
    }
}
