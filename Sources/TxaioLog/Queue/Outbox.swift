internal import CTxaio
internal import Synchronization

/// What one emitter has yet to get, and the thread that hands it over: an emitter that is slow or stuck holds up no other.
///
/// Batches are shared with the delivering thread while the emitter keeps up; else it holds copies, up to its bytes.
internal final class Outbox: Sendable {
    private typealias Parcel = OutboxState.Parcel

    private static let threadName: StaticString = "txaio-emitter"
    /// How often it looks at a loan.
    private static let patience = Duration.milliseconds(10)

    private let emitter: any LogEmitter
    private let ledger: EmitterLedger
    private let takesBatches: Bool
    /// The emitter's address.
    internal let identity: UInt
    private let limit: Int
    private let state = Lock(OutboxState())
    /// Rung when there is work, and when there is none any more.
    private let work = Bell()
    private let done: Bell
    /// Up to which event of its parcel the thread has come.
    private let cursor = Atomic<Int>(0)
    /// Events that are here.
    private let pending = Atomic<Int>(0)
    private let overflowCount = Atomic<UInt64>(0)
    private let hasEnded = Atomic<Bool>(false)
    /// For the messages of whoever calls the emitter.
    internal nonisolated(unsafe) let cache = MessageCache()

    internal init(_ slot: Pipeline.Slot, limit: Int, done: Bell) {
        emitter = slot.emitter
        ledger = slot.ledger
        takesBatches = slot.takesBatches
        identity = slot.identity
        self.limit = limit
        self.done = done
    }

    internal var name: String { ledger.name }

    /// How many parcels there are places for.
    internal var placeCount: Int { state.withLock { $0.placeCount } }

    /// Events that found no room here.
    internal var overflowed: UInt64 { overflowCount.load(ordering: .relaxed) }

    /// What became of the emitter's events until now; those that overflowed are not among them.
    internal var fates: (handedOver: UInt64, dropped: UInt64) {
        let fates = ledger.fates
        return (fates.handedOver, fates.dropped &- overflowed)
    }

    /// The threads that may be held up within the emitter: its own, and the delivering one.
    internal var threads: [UInt] { state.withLock { $0.threads } }

    // ------------------------------------------------------------------------------------------------ in

    /// Takes records of a batch as it is: for an emitter that keeps up.
    ///
    /// Answers what ``doneCount`` is once the emitter has them.
    internal func share(_ batch: EventBatch, _ selection: EventBatch.Selection) -> UInt64 {
        put(Parcel(batch: batch, selection: selection, bytes: 0))
    }

    /// Takes copies of records as far as there is room; an eighth of it is for errors alone.
    ///
    /// Once it overflowed, only errors get in until the emitter is through with a parcel: nothing is weighed in vain.
    internal func copy(_ batch: EventBatch, _ selection: EventBatch.Selection) {
        let (taken, doneNow, wasFull) = state.withLock { ($0.bytes, $0.doneCount, $0.isFull) }
        if wasFull, !selection.hasErrors { return refuse(selection.count) }
        var room = limit - taken
        var isFull = wasFull
        var bytes = 0
        let chosen = EventBatch.Selection(of: batch) { number, level in
            let isError = level <= .error
            guard selection.contains(number), isError || !isFull else { return false }
            // With what it takes to keep it.
            let size = batch.expandedSize(batch.entries[number]) + 128
            let reserve = isError ? 0 : limit / 8
            guard size <= room - reserve else {
                // What would not fit if it were empty says nothing of the others.
                if size <= limit - reserve { isFull = true }
                return false
            }
            room -= size
            bytes += size
            return true
        }
        if isFull, !wasFull { state.withLock { $0.overflowed(at: doneNow) } }
        if chosen.count < selection.count { refuse(selection.count - chosen.count) }
        guard chosen.count > 0 else { return }
        let copy = batch.copy(chosen)
        put(Parcel(batch: copy, selection: EventBatch.Selection(allOf: copy), bytes: bytes))
    }

    private func refuse(_ count: Int) {
        overflowCount.wrappingAdd(UInt64(count), ordering: .relaxed)
        ledger.accepted(count)
        ledger.dropped(count, .overflow)
    }

    /// Takes a copy of one event.
    internal func copy(_ event: borrowing LogEvent) {
        let batch = EventBatch(bytes: EventBatch.rounded(RecordExpansion.size(of: event.record)), limit: 1)
        let size = RecordExpansion.copy(event.record, to: batch.room)
        batch.append(size: size, threadNumber: event.threadNumber, threadID: event.threadID)
        copy(batch, EventBatch.Selection(allOf: batch))
    }

    @discardableResult
    private func put(_ parcel: Parcel) -> UInt64 {
        let count = parcel.selection.count
        // Before the thread can report any of them.
        ledger.accepted(count)
        pending.wrappingAdd(count, ordering: .relaxed)
        let number = state.withLock { $0.put(parcel) }
        if number > 0 { work.ring() } else { drop(count) }
        return number
    }

    private func drop(_ count: Int) {
        ledger.dropped(count, .deadline)
        pending.wrappingSubtract(count, ordering: .relaxed)
    }

    // ------------------------------------------------------------------------------------------------ out

    internal func start() {
        Platform.startThread(named: Self.threadName) { [self] in Self.work(at: self) }
    }

    /// Has the calling thread hand over what comes to an outbox, and do what it is to do from then on, until that ends.
    internal static func work(at outbox: Outbox?) {
        var own = outbox
        while let outbox = own { own = outbox.serve()?.deliver() }
    }

    /// Hands over what comes until the end; or until this thread is to take the delivering one's part, which it answers.
    private func serve() -> QueueDeliverer? {
        let thread = txaio_thread_current()
        Platform.nameThread(Self.threadName)
        state.withLock { $0.begin(on: UInt(bitPattern: thread)) }
        var seen: UInt64 = 0
        var loans: UInt64 = 0
        while true {
            let heard = work.count(after: seen)
            var before = fates
            while let bytes = handOne(thread) {
                finish(bytes)
                before = rest(after: before)
            }
            switch state.withLock({ $0.rest(after: loans) }) {
            case .end:
                hasEnded.store(true, ordering: .releasing)
                return nil
            case .sleep:
                work.wait(after: heard)
            case .watch(let number):
                loans = number
                _ = work.wait(after: heard, until: .after(Self.patience))
                if let deliverer = relieve(number) { return deliverer }
            }
            seen = heard
        }
    }

    /// Hands the next parcel over; returns its bytes, or `nil` where there is none.
    private func handOne(_ thread: UnsafeMutablePointer<txaio_thread>) -> Int? {
        let next = state.withLock { state in
            let parcel = state.next()
            if parcel != nil { cursor.store(0, ordering: .relaxed) }
            return parcel
        }
        guard let next else { return nil }
        let own = UInt(bitPattern: ObjectIdentifier(emitter))
        var isWhole = true
        for index in next.selection {
            // Once it is cut off, what is left has been counted.
            isWhole = cursor.wrappingAdd(1, ordering: .relaxed).oldValue < next.selection.count
            guard isWhole else { break }
            txaio_thread_enter(thread)
            cache.message.reset()
            cache.message.isBatched = takesBatches
            thread.pointee.busy_emitter = own
            let acceptance = emitter.emit(next.batch.event(next.batch.entries[index], cache: cache))
            thread.pointee.busy_emitter = 0
            txaio_thread_leave(thread)
            switch acceptance {
            case .handedOver: ledger.handedOver()
            case .dropped(let reason): ledger.dropped(1, reason)
            case .accepted: break
            }
            pending.wrappingSubtract(1, ordering: .relaxed)
        }
        if takesBatches, isWhole, !state.withLock({ $0.isCut }) {
            txaio_thread_enter(thread)
            thread.pointee.busy_emitter = own
            emitter.endBatch()
            thread.pointee.busy_emitter = 0
            txaio_thread_leave(thread)
        }
        return next.bytes
    }

    /// Sleeps for a moment after a parcel of which nothing got through: to lose events fast takes a core from others.
    private func rest(after before: (handedOver: UInt64, dropped: UInt64)) -> (handedOver: UInt64, dropped: UInt64) {
        let now = fates
        if now.handedOver == before.handedOver, now.dropped != before.dropped, !state.withLock({ $0.isEndingOrCut }) {
            Platform.sleep(microseconds: 10_000)
        }
        return now
    }

    private func finish(_ bytes: Int) {
        state.withLock { $0.finish(bytes) }
        done.ring()
    }

    // ------------------------------------------------------------------------------------------------ loans

    /// Lends the emitter to the delivering thread, which is to call it itself; `false` where the emitter has yet to get what
    /// came before.
    ///
    /// While it has it, the outbox's own thread looks whether that holds up others.
    internal func lend(_ loan: OutboxState.Loan) -> Bool {
        let (isLent, isNews) = state.withLock { $0.lend(loan) }
        if isNews { work.ring() }
        return isLent
    }

    /// The emitter is back from the delivering thread; `false` where that has been relieved, and is to work here.
    internal func giveBack() -> Bool {
        let (isStill, isNews) = state.withLock { $0.giveBack() }
        if isNews { work.ring() }
        if !isStill { done.ring() }
        return isStill
    }

    /// Takes the part of the delivering thread, where the emitter has not returned in time since that got it on loan for the
    /// so many'th time, while another emitter could go on.
    private func relieve(_ number: UInt64) -> QueueDeliverer? {
        guard let loan = state.withLock({ $0.loan }), loan.limit.hasPassed,
            loan.others.contains(where: { $0.isDrained })
        else { return nil }
        let isMine = state.withLock { state in
            guard state.relieve(number) else { return false }
            // Before the other can say that it no longer delivers.
            txaio_fatal_delivery_begins()
            return true
        }
        guard isMine else { return nil }
        loan.deliverer.goOn(besides: self)
        return loan.deliverer
    }

    // ------------------------------------------------------------------------------------------------ waiting

    /// Whether all that came is with the emitter.
    internal var isDrained: Bool { state.withLock { $0.isDrained } }

    internal var isHalfFull: Bool { state.withLock { $0.bytes > limit / 2 } }

    /// How many parcels were handed over.
    internal var doneCount: UInt64 { state.withLock { $0.doneCount } }

    /// Whether it was given up at the end.
    internal var isCut: Bool { state.withLock { $0.isCut } }

    /// Waits until the emitter has what came before the call.
    internal func flush(until deadline: Deadline) -> Bool {
        let target = state.withLock { $0.putCount }
        while state.withLock({ $0.doneCount }) < target {
            if deadline.hasPassed { return false }
            Platform.pause()
        }
        return true
    }

    /// Hands over what is left and ends the thread; what the time does not suffice for is counted as dropped.
    ///
    /// Answers whether the thread has ended. An emitter that does not return keeps it, and no event
    /// follows that was not taken out before.
    internal func stop(until deadline: Deadline) -> Bool {
        state.withLock { $0.end() }
        work.ring()
        while !hasEnded.load(ordering: .acquiring) {
            if deadline.hasPassed {
                cut()
                return false
            }
            Platform.pause()
        }
        return true
    }

    /// Counts what is left as dropped, and whatever comes.
    internal func cut() {
        let left = state.withLock { state in
            state.isCut ? 0 : state.cut(reached: cursor.exchange(.max / 2, ordering: .relaxed))
        }
        if left > 0 { drop(left) }
    }

    /// In a child process: what is here is the parent's.
    internal func abandon() { ledger.dropped(pending.load(ordering: .relaxed), .forkChild) }
}
