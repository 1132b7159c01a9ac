/// Calls by deadline, those of one deadline in the order in which they were added: a heap of fours, without lock or effects.
///
/// Of a call that is cancelled 16 bytes stay in it until they are due, or near the front, or swept. Once the queue has doubled since
/// the last sweep, each `add` looks at a few places and takes what was cancelled there out, so that no call pays for all of
/// them: the queue holds less than three times what waits, and some.
///
/// Invariant: no entry comes before its parent, which is at `(index - 1) / 4`.
package struct TimerQueue {
    package struct Entry {
        internal let deadline: Int64
        /// With a share in its block.
        internal let place: TimerPlace

        @inline(__always)
        fileprivate func comes(before other: Entry) -> Bool {
            deadline < other.deadline || (deadline == other.deadline && place.order < other.place.order)
        }

        /// Cancels the call of an entry that was taken out; whether it still waited.
        package func cancel() -> Bool {
            defer { place.release() }
            guard let call = place.take() else { return false }
            call.drop()
            return true
        }
    }

    private var entries: ContiguousArray<Entry> = []
    /// The block that is being filled.
    private var block: TimerBlock.Pointer?
    /// Blocks to be filled anew.
    ///
    /// What is kept is not cut into small pieces, among which timers would be scattered.
    private var spare: ContiguousArray<TimerBlock.Pointer> = []
    private static let mostSpare = 8_192
    /// Blocks ever made.
    private var blocks: UInt64 = 0
    /// Places below this are still to be looked at; 0 between two sweeps.
    private var unswept = 0
    /// The next sweep begins when there are as many entries.
    private var sweepsAt = Self.leastSwept

    private static let leastSwept = 64
    /// More than two for each call that is added, so that a sweep comes to its end.
    private static let sweptAtOnce = 8
    /// So many cancelled ones are taken from the front under one hold of the lock: some 20 us.
    private static let clearedAtOnce = 64
    /// Two calls ahead.
    private static let lookedAhead = 16

    package init() {}

    /// Entries, cancelled ones that were not swept yet included.
    package var count: Int { entries.count }

    /// How many calls were ever added: the order of the next.
    package var added: UInt64 { block?.added ?? 0 }

    /// Adds a call; true where it comes before all others.
    package mutating func add(_ call: TimerCall, deadline: Int64) -> Bool {
        if unswept > 0 {
            sweepSome()
        } else if entries.count >= sweepsAt {
            unswept = entries.count
        }
        let place = openBlock().add(call)
        call.place = place
        let entry = Entry(deadline: deadline, place: place)
        entries.append(entry)
        return rise(entry, from: entries.count - 1) == 0
    }

    @inline(__always)
    private mutating func openBlock() -> TimerBlock.Pointer {
        if let block, !block.isFull { return block }
        return nextBlock()
    }

    @inline(never)
    private mutating func nextBlock() -> TimerBlock.Pointer {
        block?.finish()
        let made = spare.popLast().map { TimerBlock.make(number: blocks, of: $0) } ?? TimerBlock.make(number: blocks)
        blocks += 1
        block = made
        return made
    }

    /// What was found at the front.
    package enum Taken {
        case call(TimerCall, deadline: Int64)
        /// So many cancelled ones that others should have their turn: ask again.
        case cancelled
        case nothing
    }

    /// Takes the first call out that waits, is due, and was added before the one numbered `order`.
    package mutating func takeDue(at now: Int64, before order: UInt64) -> Taken {
        for _ in 0..<Self.clearedAtOnce {
            guard let first = entries.first, first.deadline <= now, first.deadline != Delay.never else {
                return .nothing
            }
            if first.place.isWaiting, first.place.order >= order { return .nothing }
            let call = first.place.take()
            removeFirst()
            if let call { return .call(call, deadline: first.deadline) }
        }
        return .cancelled
    }

    /// The deadline of the first call that waits; nil where none ever comes.
    ///
    /// That of a cancelled one where very many come first: who goes on taking them out leaves nobody else his turn at the lock.
    package mutating func next() -> Int64? {
        for _ in 0..<Self.clearedAtOnce {
            guard let first = entries.first, !first.place.isWaiting else { break }
            removeFirst()
        }
        return entries.first.flatMap { $0.deadline == Delay.never ? nil : $0.deadline }
    }

    /// Takes all entries out, in no order, each to be cancelled by the caller; no more calls may be added.
    package mutating func takeAll() -> ContiguousArray<Entry> {
        var taken: ContiguousArray<Entry> = []
        swap(&taken, &entries)
        block?.finish()
        block = nil
        for block in spare { block.free() }
        spare = []
        unswept = 0
        return taken
    }

    private mutating func removeFirst() {
        guard let first = entries.first else { return }
        remove(at: 0)
        keep(first.place.releaseEntry())
    }

    @inline(__always)
    private mutating func keep(_ block: TimerBlock.Pointer?) {
        guard let block else { return }
        if spare.count < Self.mostSpare { spare.append(block) } else { block.free() }
    }

    // ---------------------------------------------------------------------------------------------------- sweeping

    private mutating func sweepSome() {
        var left = Self.sweptAtOnce
        var shares = EntryShares()
        unswept = min(unswept, entries.count)
        // From the end, where leaves are: what fills the place of one comes from beyond, and was looked at.
        while unswept > 0, left > 0 {
            left -= 1
            unswept -= 1
            if unswept >= Self.lookedAhead { entries[unswept - Self.lookedAhead].place.prefetch() }
            let place = entries[unswept].place
            if place.isWaiting { continue }
            remove(at: unswept)
            keep(shares.add(place))
        }
        keep(shares.giveUp())
        if unswept == 0 { endSweep() }
    }

    private mutating func endSweep() {
        sweepsAt = max(Self.leastSwept, entries.count * 2)
        guard entries.capacity > 4 * sweepsAt else { return }
        var smaller: ContiguousArray<Entry> = []
        smaller.reserveCapacity(sweepsAt)
        smaller.append(contentsOf: entries)
        entries = smaller
    }

    // ---------------------------------------------------------------------------------------------------- the heap

    private mutating func remove(at index: Int) {
        guard let last = entries.popLast(), index < entries.count else { return }
        if rise(last, from: index) == index { sink(last, from: index) }
    }

    /// Puts an entry where it belongs between `index` and the front, and answers where that is.
    @inline(__always)
    private mutating func rise(_ entry: Entry, from index: Int) -> Int {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = index
            while index > 0 {
                let parent = (index - 1) >> 2
                guard entry.comes(before: entries[parent]) else { break }
                entries[index] = entries[parent]
                index = parent
            }
            entries[index] = entry
            return index
        }
    }

    /// Puts an entry where it belongs between `index` and the end.
    private mutating func sink(_ entry: Entry, from index: Int) {
        entries.withUnsafeMutableBufferPointer { entries in
            var index = index
            while true {
                var child = (index << 2) + 1
                guard child < entries.count else { break }
                for other in (child + 1)..<max(child + 1, min(child + 4, entries.count))
                where entries[other].comes(before: entries[child]) {
                    child = other
                }
                guard entries[child].comes(before: entry) else { break }
                entries[index] = entries[child]
                index = child
            }
            entries[index] = entry
        }
    }
}
