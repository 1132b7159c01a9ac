internal import CTxaio

/// The emitters that events go to, each with its ledger.
///
/// Never changes: a new one takes its place whole.
package final class Pipeline: Sendable {
    package final class Slot: Sendable {
        package let emitter: any LogEmitter
        package let ledger: EmitterLedger
        package let minimum: LogLevel
        /// Whether the emitter is told of batches.
        internal let takesBatches: Bool
        /// The emitter's address.
        internal let identity: UInt

        fileprivate init(_ setup: EmitterSetup, earlier: [Slot]) {
            emitter = setup.emitter
            minimum = setup.level
            identity = UInt(bitPattern: ObjectIdentifier(setup.emitter))
            if let earlier = earlier.first(where: { $0.emitter === setup.emitter }) {
                ledger = earlier.ledger
                takesBatches = earlier.takesBatches
            } else {
                ledger = EmitterLedger(name: setup.emitter.name)
                takesBatches = setup.emitter.takesBatches
                setup.emitter.attach(to: ledger)
            }
        }
    }

    package let slots: [Slot]
    /// The same, reached without counting references: this object holds them.
    private let uncountedSlots: UncountedSlots
    /// Whether the namespaces' cells hold what each emitter lets pass; a test's own pipeline has only its minimum levels.
    internal let usesCells: Bool
    /// Where in the cells the levels of its emitters stand.
    private let firstSlot: Int

    /// What holds back noise, where there are rules.
    internal let noise: NoiseFilter?

    /// Whether emitters get an event as soon as it is made, and whatever it says.
    internal let isPlain: Bool

    /// What stands between the threads that log and the emitters, in queued delivery.
    internal let queue: EventQueue?
    /// The same, reached without counting a reference.
    private let uncountedQueue: Unmanaged<EventQueue>?

    package convenience init(
        _ emitters: [EmitterSetup],
        usesCells: Bool,
        delivery: LogDelivery = .direct,
        noise: [NoiseRule] = []
    ) {
        let slots = emitters.map { Slot($0, earlier: []) }
        self.init(slots, delivery.makeQueue(), usesCells: usesCells, firstSlot: 0, NoiseFilter(noise))
    }

    /// Makes one that is to take another's place, with the same queue; emitters that both have keep their ledgers, and call
    /// sites what is known of them where their rule is the same.
    internal convenience init(_ emitters: [EmitterSetup], noise: [NoiseRule], inPlaceOf other: Pipeline) {
        self.init(
            emitters.map { Slot($0, earlier: other.slots) },
            other.queue,
            usesCells: other.usesCells,
            firstSlot: other.firstSlot == 0 ? Int(TXAIO_EMITTER_SLOTS) : 0,
            other.noise?.rules == noise ? other.noise : NoiseFilter(noise, inPlaceOf: other.noise)
        )
    }

    private init(_ slots: [Slot], _ queue: EventQueue?, usesCells: Bool, firstSlot: Int, _ noise: NoiseFilter?) {
        self.slots = slots
        self.noise = noise
        isPlain = queue == nil && noise == nil
        uncountedSlots = UncountedSlots(slots)
        self.queue = queue
        uncountedQueue = queue.map(Unmanaged.passUnretained)
        self.usesCells = usesCells
        self.firstSlot = firstSlot
        Delivery.watchThreads()
    }

    /// What the namespaces' cells are to hold for it.
    internal var gates: EmitterGates {
        EmitterGates(slots.map { EmitterGate(name: $0.ledger.name, minimum: $0.minimum) }, firstSlot: firstSlot)
    }

    deinit { uncountedSlots.deallocate() }

    /// Whether an emitter is to get an event; counts it where not.
    @inline(__always)
    internal func passes(_ event: borrowing LogEvent, slot index: Int) -> Bool {
        uncountedSlots[index]._withUnsafeGuaranteedRef { slot in
            let allowed = usesCells ? event.emitterLevel(slot: firstSlot &+ index) : slot.minimum
            if event.level <= allowed || event.isScoped && event.level <= slot.minimum { return true }
            slot.ledger.filtered()
            return false
        }
    }

    /// Which events of a batch an emitter is to get; counts the others.
    ///
    /// - Parameter admitted: Those that are no noise; `nil` for all.
    internal func select(
        from batch: EventBatch,
        admitted: EventBatch.Selection?,
        slot index: Int
    ) -> EventBatch.Selection {
        uncountedSlots[index]._withUnsafeGuaranteedRef { slot in
            var allowed = slot.minimum
            var last: UnsafePointer<txaio_cell>?
            let entries = batch.entries
            return EventBatch.Selection(of: batch) { number, level in
                let entry = entries[number]
                // Most come from the namespace of the one before.
                if usesCells, case let cell = batch.cell(entry), cell != last {
                    last = cell
                    let byte = txaio_cell_emitter_level(cell, UInt32(truncatingIfNeeded: firstSlot &+ index))
                    allowed = LogLevel(rawValue: byte) ?? .off
                }
                let passes = level <= allowed || level <= slot.minimum && batch.isScoped(entry)
                if passes, admitted?.contains(number) ?? true { return true }
                slot.ledger.filtered()
                return false
            }
        }
    }

    /// Which events of a batch are no noise; `nil` where there are no rules.
    internal func admitted(from batch: EventBatch, cache: MessageCache) -> EventBatch.Selection? {
        guard let noise else { return nil }
        return EventBatch.Selection(of: batch) { number, _ in
            cache.message.reset()
            return noise.admits(batch.event(batch.entries[number], cache: cache))
        }
    }

    /// Offers an event to each emitter but the one within whose `emit` it was made, if any.
    ///
    /// Emitters with an outbox get it there, unless `atOnce`.
    internal func deliver(
        _ event: borrowing LogEvent,
        on thread: UnsafeMutablePointer<txaio_thread>,
        atOnce: Bool = false
    ) {
        if let noise, !noise.admits(event) {
            for slot in slots { slot.ledger.filtered() }
            return
        }
        if let queue, !atOnce { return deliver(event, through: queue.outboxes, on: thread) }
        deliverPlainly(event, on: thread)
    }

    /// The same where there is neither a queue nor noise.
    @inline(__always)
    internal func deliverPlainly(_ event: borrowing LogEvent, on thread: UnsafeMutablePointer<txaio_thread>) {
        let outer = thread.pointee.busy_emitter
        for index in 0..<uncountedSlots.count where passes(event, slot: index) {
            uncountedSlots[index]._withUnsafeGuaranteedRef { emit(event, $0, thread, within: outer) }
        }
    }

    @inline(never)
    private func deliver(
        _ event: borrowing LogEvent,
        through outboxes: [Outbox],
        on thread: UnsafeMutablePointer<txaio_thread>
    ) {
        let outer = thread.pointee.busy_emitter
        for index in 0..<uncountedSlots.count where passes(event, slot: index) {
            uncountedSlots[index]._withUnsafeGuaranteedRef { slot in
                if outer != slot.identity, let outbox = outboxes.first(where: { $0.identity == slot.identity }) {
                    outbox.copy(event)
                } else {
                    emit(event, slot, thread, within: outer)
                }
            }
        }
    }

    /// Hands an event to one emitter, unless it was made within its `emit`.
    @inline(__always)
    private func emit(
        _ event: borrowing LogEvent,
        _ slot: Slot,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        within outer: UInt
    ) {
        if outer == slot.identity { return slot.ledger.refused() }
        thread.pointee.busy_emitter = slot.identity
        event.setBatched(event.isInBatch && slot.takesBatches)
        slot.ledger.record(slot.emitter.emit(event))
        thread.pointee.busy_emitter = outer
    }

    /// Hands some records of a batch to one emitter.
    internal func deliver(
        _ batch: EventBatch,
        _ selection: EventBatch.Selection,
        to index: Int,
        cache: MessageCache,
        on thread: UnsafeMutablePointer<txaio_thread>
    ) {
        uncountedSlots[index]._withUnsafeGuaranteedRef { slot in
            for entry in selection {
                txaio_thread_enter(thread)
                cache.message.reset()
                let event = batch.event(batch.entries[entry], cache: cache)
                thread.pointee.busy_emitter = slot.identity
                event.setBatched(slot.takesBatches)
                slot.ledger.record(slot.emitter.emit(event))
                thread.pointee.busy_emitter = 0
                txaio_thread_leave(thread)
            }
            guard slot.takesBatches else { return }
            txaio_thread_enter(thread)
            thread.pointee.busy_emitter = slot.identity
            slot.emitter.endBatch()
            thread.pointee.busy_emitter = 0
            txaio_thread_leave(thread)
        }
    }

    /// Tells each emitter that a batch has ended.
    internal func endBatch(on thread: UnsafeMutablePointer<txaio_thread>) {
        txaio_thread_enter(thread)
        defer { txaio_thread_leave(thread) }
        for slot in slots where slot.takesBatches {
            thread.pointee.busy_emitter = UInt(bitPattern: ObjectIdentifier(slot.emitter))
            slot.emitter.endBatch()
        }
        thread.pointee.busy_emitter = 0
    }

    /// Commits a record to the queue; `false` where there is none.
    @inline(__always)
    internal func enqueue(_ record: UnsafeMutableRawPointer, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        guard let uncountedQueue else { return false }
        let size = Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        uncountedQueue._withUnsafeGuaranteedRef { $0.push(record, size: size, thread) }
        return true
    }

    /// Has a record refer to the copies that the queue in force has of its fields; `false` where it has not all of them,
    /// and the references may be either.
    ///
    /// Called inside the pipeline.
    @inline(__always)
    internal static func refersToTable(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        guard let pipeline = txaio_pipeline_load() else { return false }
        return Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { pipeline in
            guard let queue = pipeline.uncountedQueue else { return false }
            // The ring may be that of a queue which has ended since the call began.
            return queue._withUnsafeGuaranteedRef { $0.id == thread.pointee.ring_owner && $0.refersToTable(record) }
        }
    }

    /// Makes ready for what logs in queued delivery; nothing is delivered yet.
    internal func prepare() { queue?.prepare(self) }

    /// Starts what delivers queued events.
    internal func start() { queue?.start() }

    /// Flushes the queue and every emitter; answers whether nothing is left with any of them.
    package func flush(until deadline: Deadline) -> Bool {
        var isComplete = queue?.flush(until: deadline) ?? true
        if let noise {
            noise.tell(all: true)
            // What was told may have been queued.
            if let queue, !queue.flush(until: deadline) { isComplete = false }
        }
        for slot in slots where !slot.emitter.flush(until: deadline) { isComplete = false }
        return isComplete
    }

    package func close(until deadline: Deadline) {
        for slot in slots { slot.emitter.close(until: deadline) }
    }
}

/// Slots in memory of their own.
private struct UncountedSlots: @unchecked Sendable {
    // Unchecked: written in the initialiser only.
    let count: Int
    private let memory: UnsafeMutablePointer<Unmanaged<Pipeline.Slot>>

    init(_ slots: [Pipeline.Slot]) {
        count = slots.count
        memory = .allocate(capacity: max(1, slots.count))
        for (index, slot) in slots.enumerated() { (memory + index).initialize(to: .passUnretained(slot)) }
    }

    func deallocate() { memory.deallocate() }

    @inline(__always)
    subscript(_ index: Int) -> Unmanaged<Pipeline.Slot> { memory[index] }
}

/// An emitter and what it is to get.
public struct EmitterSetup: Sendable {
    /// Where the events go.
    public var emitter: any LogEmitter
    /// Nothing more verbose reaches it, whatever rules and loggers say.
    public var level: LogLevel

    /// Takes an emitter, by default for all that passes the rules.
    public init(_ emitter: any LogEmitter, level: LogLevel = .trace) {
        self.emitter = emitter
        self.level = level
    }
}
