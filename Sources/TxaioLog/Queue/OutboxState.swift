/// What waits in an outbox, and who may call its emitter: the outbox's own thread, or for the time of a loan the delivering
/// one.
///
/// Pure; the outbox keeps it under its lock.
internal struct OutboxState {
    internal struct Parcel {
        let batch: EventBatch
        let selection: EventBatch.Selection
        /// What counts against the bound.
        let bytes: Int
    }

    /// The delivering thread calls the emitter itself.
    internal struct Loan {
        /// The delivering thread.
        let thread: UInt
        let deliverer: QueueDeliverer
        /// The outboxes of the other emitters.
        let others: [Outbox]
        /// For so long it may hold them up.
        let limit: Deadline
    }

    /// What the outbox's own thread does where nothing waits for it.
    internal enum Rest: Equatable {
        case end
        case sleep
        /// The delivering thread calls the emitter, for the so many'th time.
        case watch(UInt64)
    }

    private var parcels: [Parcel?] = []
    private var head = 0
    internal private(set) var bytes = 0
    /// How many events the parcel has that the thread is at.
    private var current = 0
    internal private(set) var putCount: UInt64 = 0
    internal private(set) var doneCount: UInt64 = 0
    /// What `doneCount` was when it last overflowed.
    private var fullAt = UInt64.max
    private var isEnding = false
    internal private(set) var isCut = false

    /// The outbox's own thread.
    private var worker: UInt = 0
    private var loanCount: UInt64 = 0
    internal private(set) var loan: Loan?
    /// Whether the thread that has the loan is to be this outbox's own, once the emitter lets it go.
    private var isRelieved = false
    /// Whether this outbox's own thread looks at loans by itself.
    private var isWatched = false

    /// How many parcels there are places for.
    internal var placeCount: Int { parcels.count }

    internal var isDrained: Bool { doneCount == putCount }

    /// Whether it overflowed, and the emitter has not come through a parcel since.
    internal var isFull: Bool { fullAt == doneCount }

    /// Notes that it overflowed, when so many parcels were done.
    internal mutating func overflowed(at doneCount: UInt64) { fullAt = doneCount }

    /// Takes a parcel; answers its number, 0 where it is too late.
    internal mutating func put(_ parcel: Parcel) -> UInt64 {
        guard !isCut else { return 0 }
        parcels.append(parcel)
        bytes += parcel.bytes
        putCount += 1
        return putCount
    }

    /// Gives the next parcel to the outbox's own thread.
    internal mutating func next() -> Parcel? {
        guard loan == nil, head < parcels.count, let parcel = parcels[head] else { return nil }
        parcels[head] = nil
        head += 1
        if head == parcels.count {
            parcels.removeAll(keepingCapacity: parcels.count < 1024)
            head = 0
        } else if head >= 64, head * 2 >= parcels.count {
            // Where there is always more, too.
            parcels.removeSubrange(..<head)
            head = 0
        }
        current = parcel.selection.count
        return parcel
    }

    /// The emitter has the parcel that was given last.
    internal mutating func finish(_ bytes: Int) {
        self.bytes -= bytes
        current = 0
        doneCount += 1
    }

    internal mutating func end() { isEnding = true }

    internal var isEndingOrCut: Bool { isEnding || isCut }

    /// Gives up what waits; answers how many events that are, of the parcel at hand those behind the first `reached`.
    internal mutating func cut(reached: Int) -> Int {
        isCut = true
        var left = 0
        for parcel in parcels[head...] { left += parcel?.selection.count ?? 0 }
        parcels.removeAll()
        head = 0
        return current > 0 ? left + max(0, current - reached) : left
    }

    // ------------------------------------------------------------------------------------------------ threads

    /// The calling thread is the outbox's own from now on.
    internal mutating func begin(on thread: UInt) { worker = thread }

    /// The threads that may be held up within the emitter: the outbox's own, and the delivering one.
    internal var threads: [UInt] { [worker] + (loan.map { [$0.thread] } ?? []) }

    /// What the outbox's own thread is to do, which last watched after so many loans.
    internal mutating func rest(after seen: UInt64) -> Rest {
        if isEnding, isCut || isDrained && loan == nil {
            worker = 0
            return .end
        }
        isWatched = loan != nil || loanCount != seen
        return isWatched ? .watch(loanCount) : .sleep
    }

    /// Lends the emitter to the delivering thread, where the emitter has all that came before.
    ///
    /// Answers whether the outbox's own thread has to be told.
    internal mutating func lend(_ loan: Loan) -> (isLent: Bool, isNews: Bool) {
        guard isDrained, !isCut, self.loan == nil else { return (false, false) }
        loanCount += 1
        self.loan = loan
        defer { isWatched = true }
        return (true, !isWatched)
    }

    /// The emitter has let the delivering thread go.
    ///
    /// Answers whether that still is the delivering one, and whether something has come meanwhile.
    internal mutating func giveBack() -> (isStill: Bool, isNews: Bool) {
        if isRelieved {
            isRelieved = false
            doneCount += 1
            return (false, false)
        }
        loan = nil
        return (true, !isDrained)
    }

    /// Has the outbox's own thread change parts with the delivering one, where the loan of that number has not ended.
    ///
    /// What was lent counts as a parcel from now on. Answers whether it came in time.
    internal mutating func relieve(_ number: UInt64) -> Bool {
        guard let loan, number == loanCount else { return false }
        self.loan = nil
        worker = loan.thread
        isRelieved = true
        putCount += 1
        return true
    }
}
