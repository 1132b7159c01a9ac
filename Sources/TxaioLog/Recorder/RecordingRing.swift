/// Copies of records in the order in which they came; where there is no room the oldest give way.
///
/// Memory is taken as it is needed, up to a limit. Pure but for that: not shared, and freed by whoever owns it.
internal struct RecordingRing: ~Copyable {
    private var memory: UnsafeMutableRawBufferPointer
    /// Where the oldest begins.
    private var head = 0
    /// Behind the latest.
    private var tail = 0
    /// Behind the last before the place where they go on at the beginning; 0 where they do not.
    private var turn = 0
    /// How many there are.
    internal private(set) var count = 0

    internal init() { memory = UnsafeMutableRawBufferPointer(start: nil, count: 0) }

    deinit { memory.deallocate() }

    /// How much memory it has.
    internal var capacity: Int { memory.count }

    /// Copies a record with all that it refers to; answers how many gave way, and whether it found room itself.
    ///
    /// - Parameters:
    ///   - limit: How much memory it may have.
    ///   - lend: Asked for more memory, so many bytes; `false` where there is none.
    internal mutating func push(_ record: UnsafeRawPointer, limit: Int, lend: (Int) -> Bool) -> (Int, Bool) {
        let need = Self.rounded(RecordExpansion.size(of: record))
        var gaveWay = 0
        if !hasRoom(need), !grow(need, limit: limit, lend: lend) {
            guard need <= memory.count else { return (0, false) }
            while !hasRoom(need) {
                dropOldest()
                gaveWay += 1
            }
        }
        if turn == 0, memory.count - tail < need {
            turn = tail
            tail = 0
        }
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[tail...])
        tail += Self.rounded(RecordExpansion.copy(record, to: place))
        count += 1
        return (gaveWay, true)
    }

    /// Visits them, the oldest first.
    internal func visit(_ body: (UnsafeMutableRawPointer) -> Void) {
        guard let base = memory.baseAddress else { return }
        var at = head
        for _ in 0..<count {
            if turn > 0, at == turn { at = 0 }
            body(base + at)
            at += Self.size(base + at)
        }
    }

    private func hasRoom(_ need: Int) -> Bool {
        if turn > 0 { return head - tail >= need }
        return memory.count - tail >= need || head >= need
    }

    private mutating func dropOldest() {
        guard let base = memory.baseAddress else { return }
        head += Self.size(base + head)
        count -= 1
        if head == turn {
            head = 0
            turn = 0
        }
        if count == 0 { (head, tail, turn) = (0, 0, 0) }
    }

    /// Takes twice the memory, or as much as the limit leaves.
    private mutating func grow(_ need: Int, limit: Int, lend: (Int) -> Bool) -> Bool {
        let used = turn > 0 ? turn - head + tail : tail - head
        let size = min(limit, max(2 * memory.count, Self.first, Self.rounded(used + need)))
        guard size >= used + need, size > memory.count, lend(size - memory.count) else { return false }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        var end = 0
        visit { record in
            let size = Self.size(record)
            UnsafeMutableRawBufferPointer(rebasing: larger[end...]).copyMemory(
                from: UnsafeRawBufferPointer(start: record, count: size)
            )
            end += size
        }
        memory.deallocate()
        (memory, head, tail, turn) = (larger, 0, end, 0)
        return true
    }

    private static let first = 4 << 10

    private static func size(_ record: UnsafeRawPointer) -> Int {
        rounded(Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self)))
    }

    /// Records are read with aligned loads at their beginning.
    private static func rounded(_ size: Int) -> Int { (size + 15) & ~15 }
}
