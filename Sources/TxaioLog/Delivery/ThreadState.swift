internal import CTxaio

/// What a thread keeps between events, so that a warm one allocates nothing.
internal final class ThreadState {
    // What a signal handler finds changed under its hands lies in `txaio_thread`: Swift ends the process where a handler
    // touches a property that the code it interrupted is about to change.
    private let outer = MessageCache()
    private let inner = MessageCache()

    /// Where the message of an event at this depth is kept.
    internal static func cache(
        of thread: UnsafeMutablePointer<txaio_thread>,
        depth: UInt32
    ) -> Unmanaged<MessageCache> {
        let state = thread.pointee.state.map { Unmanaged<ThreadState>.fromOpaque($0) } ?? .passUnretained(make(thread))
        return state._withUnsafeGuaranteedRef { .passUnretained(depth <= 1 ? $0.outer : $0.inner) }
    }

    private static let hooks: Void = txaio_thread_at_exit { thread in
        EventQueue.release(thread)
        if let state = thread.pointee.state {
            thread.pointee.state = nil
            Unmanaged<ThreadState>.fromOpaque(state).release()
        }
    }

    internal static func of(_ thread: UnsafeMutablePointer<txaio_thread>) -> ThreadState {
        if let state = thread.pointee.state { return Unmanaged<ThreadState>.fromOpaque(state).takeUnretainedValue() }
        return make(thread)
    }

    @inline(never)
    private static func make(_ thread: UnsafeMutablePointer<txaio_thread>) -> ThreadState {
        _ = hooks
        let state = ThreadState()
        thread.pointee.state = Unmanaged.passRetained(state).toOpaque()
        return state
    }
}
