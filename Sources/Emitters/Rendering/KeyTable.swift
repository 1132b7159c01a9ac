internal import TxaioLog

/// The keys that one JSON object has so far: tells in constant time whether one is taken.
///
/// A key is a name behind any number of `data_`. It keeps pointers into the event, so it serves one event at a time.
internal struct KeyTable: ~Copyable {
    private struct Entry {
        var start: UnsafeRawPointer
        var count: Int
        var prefixes: Int
        var generation: UInt64
    }

    private var entries: UnsafeMutablePointer<Entry>
    private var capacity = 64
    private var used = 0
    /// Entries of other generations are empty, so clearing costs nothing.
    private var generation: UInt64 = 1
    private let seed = UInt64.random(in: .min ... .max)

    internal init() {
        entries = Self.allocate(64)
    }

    deinit { entries.deallocate() }

    private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Entry> {
        let memory = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
        let nowhere = UnsafeRawPointer(memory)
        memory.initialize(repeating: Entry(start: nowhere, count: 0, prefixes: 0, generation: 0), count: capacity)
        return memory
    }

    /// Forgets all keys.
    internal mutating func removeAll() {
        generation &+= 1
        used = 0
        if capacity > 4096 {
            entries.deallocate()
            capacity = 64
            entries = Self.allocate(capacity)
        }
    }

    /// Takes the key `data_` × `prefixes` + `name`; false where it is taken.
    internal mutating func insert(_ name: UnsafeRawBufferPointer, prefixes: Int) -> Bool {
        if used &* 2 >= capacity { grow() }
        // `data_x` with no prefix and `x` with one are the same key.
        var (bytes, count) = (name, prefixes)
        let prefix: StaticString = "data_"
        let prefixBytes = UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
        while bytes.count >= 5, sameBytes(UnsafeRawBufferPointer(rebasing: bytes[..<5]), prefixBytes) {
            bytes = UnsafeRawBufferPointer(rebasing: bytes[5...])
            count += 1
        }
        let entry = Entry(
            start: bytes.baseAddress ?? UnsafeRawPointer(entries),
            count: bytes.count,
            prefixes: count,
            generation: generation
        )
        guard let slot = freeSlot(for: entry) else { return false }
        entries[slot] = entry
        used += 1
        return true
    }

    /// Where the key belongs; `nil` where it is already.
    private func freeSlot(for entry: Entry) -> Int? {
        var slot = Int(truncatingIfNeeded: hash(entry)) & (capacity - 1)
        while entries[slot].generation == generation {
            let other = entries[slot]
            if other.prefixes == entry.prefixes,
                sameBytes(
                    UnsafeRawBufferPointer(start: other.start, count: other.count),
                    UnsafeRawBufferPointer(start: entry.start, count: entry.count)
                )
            {
                return nil
            }
            slot = (slot + 1) & (capacity - 1)
        }
        return slot
    }

    private func hash(_ entry: Entry) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: entry.prefixes &* 257 &+ entry.count)
        var at = 0
        while at < entry.count {
            var word: UInt64 = 0
            let length = min(8, entry.count - at)
            withUnsafeMutableBytes(of: &word) {
                $0.copyMemory(from: UnsafeRawBufferPointer(start: entry.start + at, count: length))
            }
            let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
            hash = product.high ^ product.low
            at += 8
        }
        return hash
    }

    private mutating func grow() {
        let old = entries
        let oldCapacity = capacity
        capacity *= 2
        entries = Self.allocate(capacity)
        for slot in 0..<oldCapacity where old[slot].generation == generation {
            if let place = freeSlot(for: old[slot]) { entries[place] = old[slot] }
        }
        old.deallocate()
    }
}
