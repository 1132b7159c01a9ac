package import CTxaio

/// A pthread mutex around the state that it guards; `fork()` finds it free.
///
/// While it is held, log calls of the same thread are refused and counted: a signal handler that logs cannot dead-lock.
/// User code is never called under it, a ``RingStorage`` of the user's excepted. (`Synchronization.Mutex` makes the thread
/// sanitizer report false races.)
package final class Lock<State>: @unchecked Sendable {
    private let lock = PlainLock()
    // Behind a pointer: the mutex sees to it that one thread has it, so that need not be checked at each use.
    private let state: UnsafeMutablePointer<State>

    package init(_ state: sending State) {
        self.state = .allocate(capacity: 1)
        self.state.initialize(to: state)
    }

    deinit {
        state.deinitialize(count: 1)
        state.deallocate()
    }

    package func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        lock.take()
        defer { lock.release() }
        return try body(&state.pointee)
    }

    /// The same within some 20 ms; else `nil`, with nothing done.
    ///
    /// For what a signal handler does, where whoever has the lock may take memory from `malloc`: the handler may have
    /// interrupted that.
    internal func withLockSoon<R>(_ body: (inout State) -> R) -> R? {
        guard lock.takeSoon() else { return nil }
        defer { lock.release() }
        return body(&state.pointee)
    }
}

/// The mutex of a ``Lock`` by itself, for the few places of other modules that are called often: there a generic method is not
/// compiled for its types, which costs more than the mutex.
package struct PlainLock: ~Copyable, @unchecked Sendable {
    package let mutex: UnsafeMutablePointer<txaio_lock>

    package init() { mutex = txaio_lock_make() }

    deinit { txaio_lock_free(mutex) }

    package borrowing func take() { txaio_lock_enter(mutex) }

    fileprivate borrowing func takeSoon() -> Bool { txaio_lock_enter_soon(mutex) }

    package borrowing func release() { txaio_lock_leave(mutex) }
}
