internal import CTxaio
internal import Synchronization

/// Queued delivery: threads commit records to rings of their own, one thread takes them out in the order of their times and
/// hands them to the emitters.
///
/// A caller makes no system call, unless it is its thread's first event or it waits for room: the delivering thread looks by
/// itself, at least once a millisecond.
internal final class EventQueue: Sendable {
    internal struct State {
        var pool: RingPool
        var contexts: ContextTable
        var storage: any RingStorage
        var pipeline: Pipeline?
        /// What came before the start: the first that is delivered.
        var backlog = Backlog()
        /// One for each emitter, where there is more than one.
        var outboxes: [Outbox] = []
        /// Rung by outboxes.
        var done = Bell()
        /// What the delivering thread is to go on with.
        var next: (pipeline: Pipeline, outboxes: [Outbox])?
        /// How many there were until now.
        var changes: UInt64 = 0
        /// Whether it is about to: then there is no way back.
        var isNextTaken = false
        /// Whether the delivering thread is another process's: a child has it not.
        var isWithoutThread = false
    }

    internal let options: QueueOptions
    internal let state: Lock<State>
    /// Which queue a thread's ring belongs to: a ring of an earlier one is not used again.
    internal let id: UInt64
    /// The number of the table of contexts.
    private let contextsID: Atomic<UInt64>
    internal let isStopping = Atomic<Bool>(false)
    /// Whether the delivering thread is to go on with another pipeline.
    internal let isChanging = Atomic<Bool>(false)
    internal let hasEnded = Atomic<Bool>(false)
    /// Whether the process's counts have taken over what this one has counted.
    internal let isRetired = Atomic<Bool>(false)
    internal let deliveredCount = Atomic<UInt64>(0)
    /// Events that came before the start.
    internal let adoptedCount = Atomic<UInt64>(0)
    /// Events of threads that got no ring.
    private let droppedCount = Atomic<UInt64>(0)

    private static let lastID = Atomic<UInt64>(0)

    internal init(options: QueueOptions, storage: any RingStorage) {
        self.options = options
        let pool = RingPool(storage: storage, options: options)
        let contexts = ContextTable(pool: pool, totalBytes: options.totalBytes)
        contextsID = Atomic(contexts.id)
        state = Lock(State(pool: pool, contexts: contexts, storage: storage))
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    // ------------------------------------------------------------------------------------------------ callers

    /// Commits a record to the thread's ring, or counts it as dropped.
    ///
    /// The record's references become those into the queue's table; where that has no room the ring's copy carries the
    /// fields.
    internal func push(_ record: UnsafeMutableRawPointer, size: Int, _ thread: UnsafeMutablePointer<txaio_thread>) {
        let id = contextsID.load(ordering: .relaxed)
        if ContextTable.place(record, in: id, { state.withLock { $0.contexts } }) {
            commit(record, size: size, thread)
        } else {
            withRoom(for: RecordExpansion.size(of: record), thread) { room in
                let size = RecordExpansion.copy(record, to: room)
                if let base = room.baseAddress { commit(base, size: size, thread) }
            }
        }
    }

    /// Lends memory that is not `malloc`'s: a signal handler that logs may have interrupted that.
    @inline(never)
    private func withRoom(
        for size: Int,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) {
        let spare = txaio_thread_spare(thread)
        guard thread.pointee.own != spare else {
            // The event of a handler, or one that another interrupts: something is or may be written there.
            guard let memory = txaio_map(size) else { return drop(thread) }
            body(UnsafeMutableRawBufferPointer(start: memory, count: size))
            return txaio_unmap(memory, size)
        }
        if spare.pointee.base == nil { txaio_buffer_begin(spare, UInt64(clamping: RecordLimits.current)) }
        if spare.pointee.capacity < UInt64(size) { txaio_buffer_grow(spare, 0, UInt64(size)) }
        body(UnsafeMutableRawBufferPointer(start: spare.pointee.base, count: size))
        Delivery.shrink(spare)
    }

    /// Has a record refer to the table's copies, where they are there.
    @inline(__always)
    internal func refersToTable(_ record: UnsafeMutableRawPointer) -> Bool {
        ContextTable.replace(record, in: contextsID.load(ordering: .relaxed))
    }

    @inline(__always)
    private func commit(_ record: UnsafeRawPointer, size: Int, _ thread: UnsafeMutablePointer<txaio_thread>) {
        let level = LogLevel(rawValue: record.load(fromByteOffset: RecordLayout.level, as: UInt8.self)) ?? .critical
        guard let ring = ring(of: thread) ?? waitForRing(thread, level) else { return drop(thread) }
        let bytes = record.assumingMemoryBound(to: UInt8.self)
        let length = UInt32(clamping: size)
        let reserve = level <= .error ? 0 : ring.pointee.capacity / 8
        if txaio_ring_push(ring, bytes, length, reserve) { return }
        // What would not fit into an empty ring is not waited for.
        guard UInt64(size) + reserve + 8 <= ring.pointee.capacity / 2 else { return drop(thread, ring) }
        switch options.policy(at: level).kind {
        case .dropNewest:
            break
        case .dropOldest:
            while txaio_ring_drop_oldest(ring, level.rawValue, LogLevel.error.rawValue) {
                if txaio_ring_push(ring, bytes, length, reserve) { return }
            }
        case .block(let limit):
            let deadline = Deadline.after(limit)
            while !deadline.hasPassed {
                Platform.pause()
                if txaio_ring_push(ring, bytes, length, reserve) { return }
            }
        }
        drop(thread, ring)
    }

    /// Counts an event as dropped: in the thread's own memory where it has a ring, so that threads do not meet.
    private func drop(_ thread: UnsafeMutablePointer<txaio_thread>, _ ring: UnsafeMutablePointer<txaio_ring>? = nil) {
        txaio_counter_add(&thread.pointee.dropped)
        if let ring {
            _ = txaio_counter_increment(&ring.pointee.refused)
        } else {
            droppedCount.wrappingAdd(1, ordering: .relaxed)
        }
    }

    @inline(__always)
    private func ring(of thread: UnsafeMutablePointer<txaio_thread>) -> UnsafeMutablePointer<txaio_ring>? {
        if thread.pointee.ring_owner == id { return thread.pointee.ring?.assumingMemoryBound(to: txaio_ring.self) }
        return adopt(thread)
    }

    @inline(never)
    private func adopt(_ thread: UnsafeMutablePointer<txaio_thread>) -> UnsafeMutablePointer<txaio_ring>? {
        let (pool, isWithoutThread) = state.withLock { state in
            defer { state.isWithoutThread = false }
            return (state.pool, state.isWithoutThread)
        }
        if isWithoutThread { start() }
        Self.release(thread)
        guard let ring = pool.take(for: thread) else { return nil }
        thread.pointee.ring = UnsafeMutableRawPointer(ring)
        thread.pointee.ring_owner = id
        return ring
    }

    /// Waits for the ring of a thread that ended to be empty, where the policy is to wait.
    @inline(never)
    private func waitForRing(
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ level: LogLevel
    ) -> UnsafeMutablePointer<txaio_ring>? {
        guard case .block(let limit) = options.policy(at: level).kind else { return nil }
        let deadline = Deadline.after(limit)
        while !deadline.hasPassed {
            Platform.pause()
            if let ring = adopt(thread) { return ring }
        }
        return nil
    }

    /// Lets go of a thread's ring at the thread's end; what it holds is still delivered.
    internal static func release(_ thread: UnsafeMutablePointer<txaio_thread>) {
        guard let ring = thread.pointee.ring else { return }
        // In this order: a signal handler that logs must not find a ring that another thread has taken over.
        thread.pointee.ring_owner = 0
        thread.pointee.ring = nil
        txaio_ring_set_used(ring.assumingMemoryBound(to: txaio_ring.self), 0)
    }

    // ------------------------------------------------------------------------------------------------ counts

    /// Records that found no room, or were dropped as the oldest.
    internal var dropped: UInt64 {
        pool.rings.reduce(droppedCount.load(ordering: .relaxed)) {
            $0 + txaio_counter_load(&$1.pointee.refused) + txaio_counter_load(&$1.pointee.discarded)
        }
    }

    internal var outboxLimit: Int { max(64 << 10, options.outboxBytes) }

    // ------------------------------------------------------------------------------------------------ delivery

    internal func countDelivered(_ count: Int) {
        let (before, after) = deliveredCount.wrappingAdd(UInt64(count), ordering: .releasing)
        let adopted = adoptedCount.load(ordering: .relaxed)
        // What came before the start is delivered first.
        if before < adopted, after >= adopted { txaio_fatal_backlog(false) }
    }

    /// In a child process: what is in the rings is the parent's to deliver.
    ///
    /// The child has rings of its own, in its own memory, and a thread of its own once it logs.
    internal func beginAnew() {
        for outbox in outboxes { outbox.abandon() }
        state.withLock { state in
            state.outboxes = []
            state.next = nil
            state.isNextTaken = false
            state.backlog.release()
            state.storage = MemoryRingStorage()
            state.pool = RingPool(storage: state.storage, options: options)
            state.isWithoutThread = true
        }
        // What was placed in the parent's table is placed anew.
        state.withLock { $0.contexts }.close()
        let contexts = ContextTable(pool: pool, totalBytes: options.totalBytes)
        contextsID.store(contexts.id, ordering: .relaxed)
        state.withLock { $0.contexts = contexts }
        deliveredCount.store(0, ordering: .relaxed)
        adoptedCount.store(0, ordering: .relaxed)
        droppedCount.store(0, ordering: .relaxed)
        hasEnded.store(false, ordering: .relaxed)
    }

    internal var pool: RingPool { state.withLock { $0.pool } }

    internal var outboxes: [Outbox] { state.withLock { $0.outboxes } }

    /// Waits until all that was committed before the call is with the emitters.
    internal func flush(until deadline: Deadline) -> Bool {
        while deliveredCount.load(ordering: .acquiring) < adoptedCount.load(ordering: .relaxed) {
            if deadline.hasPassed { return false }
            Platform.pause()
        }
        for ring in pool.rings {
            let end = txaio_ring_written(ring)
            while txaio_ring_done(ring) < end {
                if deadline.hasPassed { return false }
                Platform.pause()
            }
        }
        var isComplete = true
        for outbox in outboxes where !outbox.flush(until: deadline) { isComplete = false }
        return isComplete
    }

    /// Says that all was handed over: what outlives the process is not needed.
    internal func finish() { state.withLock { $0.storage }.finish() }

    /// Delivers what is left and ends the thread.
    ///
    /// Answers whether it has ended.
    internal func stop(until deadline: Deadline) -> Bool {
        let isComplete = end(until: deadline)
        retire()
        return isComplete
    }

    private func end(until deadline: Deadline) -> Bool {
        isStopping.store(true, ordering: .releasing)
        // Another queue may then have its own copies of what is in the table.
        defer { state.withLock { $0.contexts }.close() }
        let (isWithoutThread, usesCells) = state.withLock { state in
            // The pipeline has this queue: let go of it.
            let usesCells = state.pipeline?.usesCells ?? false
            state.pipeline = nil
            return (state.isWithoutThread, usesCells)
        }
        var isComplete = true
        while !isWithoutThread && !hasEnded.load(ordering: .acquiring) {
            isComplete = !deadline.hasPassed
            if !isComplete { break }
            Platform.pause()
        }
        // Emitters that kept up need a moment to flush.
        let remaining = deadline.remaining
        let end = Deadline.after(remaining - remaining / 10)
        for outbox in outboxes where !outbox.stop(until: end) { isComplete = false }
        // The delivering thread is late, and would wait for ever for an outbox whose own thread has ended.
        if !isWithoutThread, !hasEnded.load(ordering: .acquiring) { for outbox in outboxes { outbox.cut() } }
        guard isComplete else { return false }
        if usesCells {
            NamespaceRegistry.shared.observe(nil)
            LogCategories.shared.observe(nil)
            ContextNames.shared.observe(nil)
        }
        return true
    }
}
