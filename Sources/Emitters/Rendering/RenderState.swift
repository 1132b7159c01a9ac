internal import TxaioLog

/// What a renderer needs to work without allocating: its output, and what it remembers between events.
internal struct RenderWorkspace: ~Copyable {
    /// The line.
    internal var line = ByteBuffer(capacity: 1024)
    /// Parts that must be known whole before they are written.
    internal var part = ByteBuffer(capacity: 256)
    internal var timestamp = Timestamp()
    internal var keys = KeyTable()

    internal init() {}
}

/// A workspace that can be kept in a list.
///
/// It lies behind a pointer: who holds it has it alone, so nothing need be checked at each use.
internal final class RenderState {
    internal let workspace: UnsafeMutablePointer<RenderWorkspace>

    internal init() {
        workspace = .allocate(capacity: 1)
        workspace.initialize(to: RenderWorkspace())
    }

    deinit {
        workspace.deinitialize(count: 1)
        workspace.deallocate()
    }
}

/// Render states, as many as threads ever rendered at the same time.
///
/// Invariant: a state is in the pool or with one thread, never both.
internal final class RenderPool: Sendable {
    private let free = Lock<[RenderState]>([])

    /// Lends a workspace with an empty line to `body`, outside the lock.
    internal func withWorkspace<R>(_ body: (inout RenderWorkspace) -> R) -> R {
        let state = free.withLock { $0.popLast() } ?? RenderState()
        state.workspace.pointee.line.removeAll()
        let result = body(&state.workspace.pointee)
        free.withLock { $0.append(state) }
        return result
    }
}
