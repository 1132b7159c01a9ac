internal import CTxaio

/// The rings of one queue: made on a thread's first event, handed on once their thread has ended and they are empty,
/// bounded in bytes in all.
internal final class RingPool: Sendable {
    // A signal handler's event may be a thread's first, and come here while its thread holds the allocator's lock: under
    // the lock nothing is allocated, so the rings are listed in memory that has room for all.
    private struct State: @unchecked Sendable {
        let rings: UnsafeMutablePointer<UnsafeMutablePointer<txaio_ring>>
        var count = 0
        var bytes = 0
    }

    /// No more is used, whatever the options say: there is a list with a place for each ring.
    private static let mostBytes = 1 << 38

    private let state: Lock<State>
    private let storage: any RingStorage
    private let ringBytes: Int
    private let totalBytes: Int
    private let dropsOldest: Bool
    /// A bit for each level that drops the newest.
    private let dropsNewest: UInt32
    private let isWatched: Bool

    internal init(storage: any RingStorage, options: QueueOptions) {
        self.storage = storage
        var size = 64 << 10
        while size < min(options.ringBytes, 64 << 20) { size *= 2 }
        ringBytes = size
        totalBytes = min(max(0, options.totalBytes), Self.mostBytes)
        let most = totalBytes / (MemoryLayout<txaio_ring>.size + size)
        state = Lock(State(rings: .allocate(capacity: max(1, most))))
        isWatched = options.handlesFatalSignals
        dropsOldest = options.overflow == .dropOldest || options.errorOverflow == .dropOldest
        dropsNewest = LogLevel.allCases.reduce(0) { levels, level in
            options.policy(at: level) == .dropNewest ? levels | 1 << UInt32(level.rawValue) : levels
        }
    }

    /// A ring for a thread; `nil` when the bytes are used up.
    internal func take(for thread: UnsafeMutablePointer<txaio_thread>) -> UnsafeMutablePointer<txaio_ring>? {
        let number = thread.pointee.number
        let tid = txaio_thread_tid(thread)
        return state.withLock { state in
            guard let ring = idle(state) ?? make(&state) else { return nil }
            ring.pointee.thread_number = number
            ring.pointee.tid = tid
            txaio_ring_set_used(ring, 1)
            return ring
        }
    }

    private func idle(_ state: State) -> UnsafeMutablePointer<txaio_ring>? {
        var index = 0
        while index < state.count {
            let ring = state.rings[index]
            if txaio_ring_is_used(ring) == 0, txaio_ring_done(ring) == txaio_ring_written(ring) { return ring }
            index += 1
        }
        return nil
    }

    private func make(_ state: inout State) -> UnsafeMutablePointer<txaio_ring>? {
        let size = MemoryLayout<txaio_ring>.size + ringBytes
        guard state.bytes + size <= totalBytes, let memory = allocate(byteCount: size) else { return nil }
        let ring = memory.bindMemory(to: txaio_ring.self, capacity: 1)
        ring.initialize(to: txaio_ring())
        ring.pointee.capacity = UInt64(ringBytes)
        ring.pointee.number = UInt32(state.count)
        ring.pointee.drops_oldest = dropsOldest ? 1 : 0
        ring.pointee.drops_newest = dropsNewest
        ring.pointee.start_id = txaio_process_current().pointee.start_id
        ring.pointee.magic = UInt64(TXAIO_RING_MAGIC)
        if isWatched { txaio_fatal_watch(ring) }
        (state.rings + state.count).initialize(to: ring)
        state.count += 1
        state.bytes += size
        return ring
    }

    private func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        let memory = storage.allocate(byteCount: byteCount)
        // Touched here: a call that is the first to use a page would take microseconds.
        memory?.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        return memory
    }

    /// Memory for a part of the table of contexts.
    internal func takeChunk(byteCount: Int) -> UnsafeMutableRawPointer? {
        // Under the same lock: what is allocated first has its magic first, and a reader goes on.
        state.withLock { _ in
            guard let memory = allocate(byteCount: byteCount) else { return nil }
            let chunk = memory.bindMemory(to: txaio_context_chunk.self, capacity: 1)
            chunk.initialize(to: txaio_context_chunk())
            chunk.pointee.capacity = UInt64(byteCount - MemoryLayout<txaio_context_chunk>.size)
            chunk.pointee.address = UInt64(UInt(bitPattern: memory))
            chunk.pointee.magic = UInt64(TXAIO_CONTEXT_MAGIC)
            return memory
        }
    }

    /// All rings that there are by now.
    ///
    /// The list is never freed, as the rings are not, and a ring stays where it is listed.
    internal var rings: UnsafeBufferPointer<UnsafeMutablePointer<txaio_ring>> {
        let (first, count) = state.withLock { ($0.rings, $0.count) }
        return UnsafeBufferPointer(start: first, count: count)
    }
}

/// Where a queue's rings lie, and the fields of loggers and scopes that their records refer to.
///
/// The memory stays until the process ends: a thread may come late.
public protocol RingStorage: Sendable {
    /// Zeroed memory at a multiple of 128, or `nil` where there is none.
    ///
    /// Called under a lock, as ``note(_:address:text:)`` is.
    func allocate(byteCount: Int) -> UnsafeMutableRawPointer?

    /// Takes down what an address in records stands for, where that is no literal of the program.
    ///
    /// Called under a lock: it makes no logger, binds nothing and logs nothing.
    func note(_ kind: RingNote, address: UInt64, text: UnsafeRawBufferPointer)

    /// Called when all that the rings held was handed over and nothing more will come.
    func finish()
}

extension RingStorage {
    /// Does nothing: addresses mean the same as long as the memory is there.
    public func note(_ kind: RingNote, address: UInt64, text: UnsafeRawBufferPointer) {}
    /// Does nothing.
    public func finish() {}
}

/// What an address in a record stands for.
public enum RingNote: UInt32, Sendable {
    /// A namespace's cell, by its name.
    case namespace = 1
    /// A namespace's cell, by its source file.
    case file = 2
    /// A template that was made at run time.
    case template = 3
    /// A field's name that was made at run time.
    case name = 4
}

/// Rings in ordinary memory: what they hold ends with the process.
public struct MemoryRingStorage: RingStorage {
    /// Makes it.
    public init() {}

    /// Zeroed memory.
    public func allocate(byteCount: Int) -> UnsafeMutableRawPointer? { txaio_map(byteCount) }
}
