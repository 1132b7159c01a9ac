/// Something that waits for its turn on a runtime's loop.
@usableFromInline
internal protocol ReadyUnit: AnyObject {
    /// Called once, on the loop.
    func runReady()
}

/// What is ready to run on a loop, first in, first out; the loop's thread alone touches it.
///
/// That callbacks go through it, and never call each other, is what keeps chains from growing the stack.
@usableFromInline
internal struct ReadyQueue {
    private var units: ContiguousArray<any ReadyUnit> = []
    private var first = 0
    /// More room than this is given back when the queue has run empty.
    private static let keptRoom = 1_024

    @usableFromInline internal init() {}

    @usableFromInline internal var isEmpty: Bool { first == units.count }

    @usableFromInline
    internal mutating func append(_ unit: any ReadyUnit) { units.append(unit) }

    internal mutating func append(contentsOf more: ContiguousArray<any ReadyUnit>) { units.append(contentsOf: more) }

    internal mutating func next() -> (any ReadyUnit)? {
        guard first < units.count else {
            first = 0
            units.removeAll(keepingCapacity: units.capacity <= Self.keptRoom)
            return nil
        }
        defer {
            first += 1
            // What was run goes at once where the queue never runs empty.
            if first >= Self.keptRoom, first * 2 >= units.count {
                units.removeSubrange(..<first)
                first = 0
            }
        }
        return units[first]
    }
}

/// A closure that waits for its turn.
internal final class ReadyClosure: ReadyUnit {
    private let body: @Sendable () -> Void
    internal init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    internal func runReady() { body() }
}
