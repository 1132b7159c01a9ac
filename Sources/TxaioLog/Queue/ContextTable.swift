internal import CTxaio
internal import Synchronization

/// Copies of what loggers and scopes add, to which a queue's records refer: each is written once, in the queue's storage.
///
/// A copy is freed once no record can refer to it: the fields that it is of are gone, so no later record does, and all
/// records of before were handed over. Where there is no room a record carries the fields itself.
internal final class ContextTable: @unchecked Sendable {
    // Unchecked: all but the atomics is under `lock`.

    /// Of all tables: which table has a copy of a block is decided under it.
    private static let lock = Lock(())
    private static let lastID = Atomic<UInt64>(0)
    private static let carriedCount = Atomic<UInt64>(0)

    private static let chunkBytes = 64 << 10
    /// Copies take 64 bytes, or 128, and so on up to 16,384.
    private static let classes = 9

    /// How many fields' records carried them because there was no room in a table; for tests.
    package static var carried: UInt64 { carriedCount.load(ordering: .relaxed) }

    internal let id: UInt64
    private let pool: RingPool
    private let limit: Int
    /// A bit for each size of which there is no room until one is freed.
    private let fullClasses = Atomic<UInt32>(0)
    /// Whether there may be something to free.
    private let hasRetired = Atomic<Bool>(false)

    /// A chunk that was taken and could not be added.
    private let spareChunk = Atomic<UInt>(0)

    private var isClosed = false
    private var bytes = 0
    private var bump: UnsafeMutableRawPointer?
    private var bumpEnd: UnsafeMutableRawPointer?
    private var free = [[UnsafeMutableRawPointer]](repeating: [], count: ContextTable.classes)
    /// Numbers the copies in the order of their making.
    private var ordinal: UInt64 = 0
    private var retired = RetiredCopies()

    /// The delivering thread's alone: up to where rings may refer to retired copies.
    private var ends: [(ring: UnsafeMutablePointer<txaio_ring>, written: UInt64)] = []

    internal init(pool: RingPool, totalBytes: Int) {
        Self.listening
        self.pool = pool
        limit = max(Self.chunkBytes, totalBytes / 16)
        id = Self.lastID.wrappingAdd(1, ordering: .relaxed).newValue
    }

    // ------------------------------------------------------------------------------------------------ callers

    /// Has a record refer to this table; `false` where there is no room for what it refers to.
    @inline(__always)
    internal static func place(
        _ record: UnsafeMutableRawPointer,
        in id: UInt64,
        _ table: () -> ContextTable
    ) -> Bool {
        let bound = record.load(fromByteOffset: RecordLayout.bound, as: UInt64.self)
        let scope = record.load(fromByteOffset: RecordLayout.scope, as: UInt64.self)
        if bound | scope == 0 { return true }
        if bound != 0 {
            guard let place = ContextBlock.place(bound, in: id) ?? table().place(bound) else { return false }
            record.storeBytes(of: place, toByteOffset: RecordLayout.bound, as: UInt64.self)
        }
        if scope != 0 {
            guard let place = ContextBlock.place(scope, in: id) ?? table().place(scope) else {
                record.storeBytes(of: bound, toByteOffset: RecordLayout.bound, as: UInt64.self)
                return false
            }
            record.storeBytes(of: place, toByteOffset: RecordLayout.scope, as: UInt64.self)
        }
        return true
    }

    /// Has a record refer to the copies that the table of that number has; `false` where it has not both.
    @inline(__always)
    internal static func replace(_ record: UnsafeMutableRawPointer, in id: UInt64) -> Bool {
        replace(record, RecordLayout.bound, in: id) && replace(record, RecordLayout.scope, in: id)
    }

    @inline(__always)
    private static func replace(_ record: UnsafeMutableRawPointer, _ offset: Int, in id: UInt64) -> Bool {
        let reference = record.load(fromByteOffset: offset, as: UInt64.self)
        if reference == 0 { return true }
        guard let place = ContextBlock.place(reference, in: id) else { return false }
        record.storeBytes(of: place, toByteOffset: offset, as: UInt64.self)
        return true
    }

    /// Copies a block here, where it is not yet; `nil` where there is no room.
    @inline(never)
    private func place(_ reference: UInt64) -> UInt64? {
        guard let block = UnsafeMutableRawPointer(bitPattern: UInt(reference)) else { return nil }
        let size = ContextBlock.header + ContextBlock.fields(at: reference).count
        let number = Self.sizeClass(size)
        guard number < Self.classes, fullClasses.load(ordering: .relaxed) & (1 << UInt32(number)) == 0 else {
            Self.carriedCount.wrappingAdd(1, ordering: .relaxed)
            return nil
        }
        // The last reference to an earlier table is not given up under the lock: that takes others.
        var earlier: ContextTable?
        defer { withExtendedLifetime(earlier) {} }
        while true {
            // Not at any price: this may be a signal's handler.
            let (place, isDone) =
                Self.lock.withLockSoon { _ in tryPlace(block, size, number, &earlier) } ?? (nil, true)
            if isDone {
                if place == nil { Self.carriedCount.wrappingAdd(1, ordering: .relaxed) }
                return place
            }
            let chunk = takeChunk()
            guard Self.lock.withLockSoon({ _ in add(chunk, for: number) }) != nil else {
                // For the next that needs one.
                spareChunk.store(UInt(bitPattern: chunk), ordering: .relaxed)
                Self.carriedCount.wrappingAdd(1, ordering: .relaxed)
                return nil
            }
        }
    }

    private func takeChunk() -> UnsafeMutableRawPointer? {
        let spare = spareChunk.exchange(0, ordering: .relaxed)
        return UnsafeMutableRawPointer(bitPattern: spare) ?? pool.takeChunk(byteCount: Self.chunkBytes)
    }

    private static func sizeClass(_ size: Int) -> Int { max(0, Int.bitWidth - (size - 1).leadingZeroBitCount - 6) }

    /// Under the lock; not done where it takes another chunk.
    private func tryPlace(
        _ block: UnsafeMutableRawPointer,
        _ size: Int,
        _ number: Int,
        _ earlier: inout ContextTable?
    ) -> (place: UInt64?, isDone: Bool) {
        if let place = ContextBlock.place(UInt64(UInt(bitPattern: block)), in: id) { return (place, true) }
        // Another queue's that is at work: its copy must be freed, so that is the one which is remembered.
        let known = txaio_fields_table(block)
        let other = known.pointee.map { Unmanaged<ContextTable>.fromOpaque($0) }
        if isClosed || other.map({ !$0.takeUnretainedValue().isClosed }) ?? false { return (nil, true) }
        guard let room = room(number) else {
            let isFull = fullClasses.load(ordering: .relaxed) & (1 << UInt32(number)) != 0
            return (nil, isFull)
        }
        ordinal += 1
        room.copyMemory(from: block, byteCount: size)
        room.storeBytes(of: ordinal, toByteOffset: ContextBlock.owner, as: UInt64.self)
        room.storeBytes(of: 0, toByteOffset: ContextBlock.place, as: UInt64.self)
        earlier = other?.takeRetainedValue()
        known.pointee = Unmanaged.passRetained(self).toOpaque()
        let place = UInt64(UInt(bitPattern: room))
        ContextBlock.setPlace(block, place, in: id)
        return (place, true)
    }

    private func room(_ number: Int) -> UnsafeMutableRawPointer? {
        if let room = free[number].popLast() { return room }
        let size = 64 << number
        if let bump, let bumpEnd, bump.distance(to: bumpEnd) >= size {
            self.bump = bump + size
            return bump
        }
        if bytes + Self.chunkBytes > limit { fullClasses.bitwiseOr(1 << UInt32(number), ordering: .relaxed) }
        return nil
    }

    private func add(_ chunk: UnsafeMutableRawPointer?, for number: Int) {
        guard let chunk, bytes + Self.chunkBytes <= limit else {
            // Lost where two threads took the last at once, which is once.
            fullClasses.bitwiseOr(1 << UInt32(number), ordering: .relaxed)
            return
        }
        bytes += Self.chunkBytes
        bump = chunk + MemoryLayout<txaio_context_chunk>.size
        bumpEnd = chunk + Self.chunkBytes
    }

    // ------------------------------------------------------------------------------------------------ freeing

    /// Has tables learn of fields that end of which they have a copy; what they are told holds a reference to the table.
    private static let listening: Void = txaio_fields_at_end { block, table in
        Unmanaged<ContextTable>.fromOpaque(table).takeRetainedValue().retire(block)
    }

    /// The fields are gone that a block belongs to.
    private func retire(_ block: UnsafeMutableRawPointer) {
        Self.lock.withLock { _ in
            let place = block.load(fromByteOffset: ContextBlock.place, as: UInt64.self)
            guard !isClosed, let copy = UnsafeMutableRawPointer(bitPattern: UInt(place)) else { return }
            let ordinal = copy.load(fromByteOffset: ContextBlock.owner, as: UInt64.self)
            retired.retire(RetiredCopies.Copy(place: copy, ordinal: ordinal))
            hasRetired.store(true, ordering: .relaxed)
        }
    }

    /// Frees what no record refers to any more; for the delivering thread, after it has handed over a batch.
    @inline(__always)
    internal func reclaim() {
        if hasRetired.load(ordering: .relaxed) { reclaimRetired() }
    }

    @inline(never)
    private func reclaimRetired() {
        for (ring, written) in ends where txaio_ring_done(ring) < written { return }
        let isLeft = Self.lock.withLock { _ in
            var isFreed = false
            let isLeft = retired.reclaim { copy in
                let size = ContextBlock.fields(at: UInt64(UInt(bitPattern: copy.place))).count + ContextBlock.header
                free[Self.sizeClass(size)].append(copy.place)
                isFreed = true
            }
            if isFreed { fullClasses.store(0, ordering: .relaxed) }
            hasRetired.store(retired.isWaiting, ordering: .relaxed)
            return isLeft
        }
        // After the lock: whatever refers to what was retired is in one of these rings, before these ends.
        ends = isLeft ? pool.rings.map { ($0, txaio_ring_written($0)) } : []
    }

    /// Keeps what there is for a batch whose records leave the rings before all have read them.
    internal func pin() -> ContextPin {
        let newest = Self.lock.withLock { _ in
            retired.pin(ordinal)
            return ordinal
        }
        return ContextPin(self, newest)
    }

    fileprivate func unpin(_ ordinal: UInt64) {
        Self.lock.withLock { _ in
            retired.unpin(ordinal)
            if retired.isWaiting { hasRetired.store(true, ordering: .relaxed) }
        }
    }

    /// The queue has ended, or it is another process's: nothing is placed here any more.
    internal func close() { Self.lock.withLock { _ in isClosed = true } }
}

/// Holds what a batch refers to, as long as it lives.
internal final class ContextPin: Sendable {
    private let table: ContextTable
    private let ordinal: UInt64

    fileprivate init(_ table: ContextTable, _ ordinal: UInt64) {
        self.table = table
        self.ordinal = ordinal
    }

    deinit { table.unpin(ordinal) }
}
