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
    internal var startID = StartIDText()
    internal var shape = EventShape()
    internal var plans = PlanTable()

    internal init() {}

    /// The plan by which an event is written, known or made now; `nil` where it has none.
    @inline(__always)
    internal mutating func plan(
        of event: borrowing LogEvent,
        orMake make: (borrowing LogEvent, inout RenderWorkspace) -> UnsafePointer<LinePlan>?
    ) -> UnsafePointer<LinePlan>? {
        guard shape.begin(event), shape.size <= LinePlan.largestRecord else { return nil }
        return plans.find(event, &shape) ?? make(event, &self)
    }
}

/// Workspaces, as many as threads ever rendered at the same time.
///
/// Each lies behind a pointer: who holds it has it alone, so nothing need be checked at each use. Invariant: a workspace is
/// in the pool or with one thread, never both.
internal final class RenderPool: Sendable {
    private typealias Workspace = UnsafeMutablePointer<RenderWorkspace>

    /// The one that is used where no two threads render at the same time: its address, or 0 while it is lent.
    private let first = Atomic<UInt>(0)
    private let others = Lock<[UInt]>([])

    deinit {
        for address in others.withLock({ $0 }) + [first.load(ordering: .acquiring)] {
            guard let workspace = Workspace(bitPattern: address) else { continue }
            workspace.deinitialize(count: 1)
            workspace.deallocate()
        }
    }

    /// Lends a workspace with an empty line to `body`, outside the lock.
    @inline(__always)
    internal func withWorkspace<R>(_ body: (inout RenderWorkspace) -> R) -> R {
        let workspace = Workspace(bitPattern: first.exchange(0, ordering: .acquiring)) ?? another()
        workspace.pointee.line.removeAll()
        let result = body(&workspace.pointee)
        let address = UInt(bitPattern: workspace)
        if !first.compareExchange(expected: 0, desired: address, ordering: .releasing).exchanged {
            others.withLock { $0.append(address) }
        }
        return result
    }

    @inline(never)
    private func another() -> Workspace {
        if let address = others.withLock({ $0.popLast() }), let workspace = Workspace(bitPattern: address) {
            return workspace
        }
        let workspace = Workspace.allocate(capacity: 1)
        workspace.initialize(to: RenderWorkspace())
        return workspace
    }
}
