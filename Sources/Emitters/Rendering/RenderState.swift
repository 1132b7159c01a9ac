internal import CTxaio
internal import Synchronization
internal import TxaioLog

/// What a renderer needs to work without allocating: its output, and what it remembers between events.
internal struct RenderWorkspace: ~Copyable {
    /// The line.
    internal var line = ByteBuffer(capacity: 1024)
    /// Parts that must be known whole before they are written.
    internal var part = ByteBuffer(capacity: 256)
    internal var timestamp = Timestamp()
    internal var keys = KeyTable()
    internal var shape = EventShape()
    internal var plans = PlanTable()
    /// Whether the line that was appended last may have values of the journal's that are texts and read as others.
    internal var hasTexts = false

    internal init() {}

    /// The plan by which an event is written, known or made now; `nil` where it has none.
    @inline(__always)
    internal mutating func plan(
        of event: borrowing LogEvent,
        orMake make: (borrowing LogEvent, inout RenderWorkspace) -> UnsafePointer<LinePlan>?
    ) -> UnsafePointer<LinePlan>? {
        if let plan = plans.find(event, &shape) { return plan }
        return canBePlanned(event) ? make(event, &self) : nil
    }

    /// Reads the shape of an event; `false` where it has none, or is not worth a plan.
    @inline(never)
    internal mutating func canBePlanned(_ event: borrowing LogEvent) -> Bool {
        shape.read(event) && shape.size <= UInt64(TXAIO_LINE_LARGEST)
    }
}

/// Workspaces, as many as threads ever rendered at the same time.
///
/// Each lies behind a pointer: who holds it has it alone, so nothing need be checked at each use. Invariant: a workspace is
/// in the pool or with one thread, never both.
internal final class RenderPool: Sendable {
    private typealias Workspace = UnsafeMutablePointer<RenderWorkspace>

    /// The one that is used where no two threads render at the same time.
    private nonisolated(unsafe) let first: Workspace
    /// Whether it is lent.
    private let isLent = Atomic<Bool>(false)
    private let others = Lock<[UInt]>([])

    internal init() {
        first = .allocate(capacity: 1)
        first.initialize(to: RenderWorkspace())
    }

    deinit {
        first.deinitialize(count: 1)
        first.deallocate()
        for address in others.withLock({ $0 }) {
            guard let workspace = Workspace(bitPattern: address) else { continue }
            workspace.deinitialize(count: 1)
            workspace.deallocate()
        }
    }

    /// Lends a workspace with an empty line to `body`, outside the lock.
    @inline(__always)
    internal func withWorkspace<R>(_ body: (inout RenderWorkspace) -> R) -> R {
        // Acquires what the one who had it before released.
        guard !isLent.exchange(true, ordering: .acquiring) else { return withAnother(body) }
        first.pointee.line.clear()
        let result = body(&first.pointee)
        isLent.store(false, ordering: .releasing)
        return result
    }

    @inline(never)
    private func withAnother<R>(_ body: (inout RenderWorkspace) -> R) -> R {
        let workspace = another()
        workspace.pointee.line.clear()
        let result = body(&workspace.pointee)
        others.withLock { $0.append(UInt(bitPattern: workspace)) }
        return result
    }

    private func another() -> Workspace {
        if let address = others.withLock({ $0.popLast() }), let workspace = Workspace(bitPattern: address) {
            return workspace
        }
        let workspace = Workspace.allocate(capacity: 1)
        workspace.initialize(to: RenderWorkspace())
        return workspace
    }
}
