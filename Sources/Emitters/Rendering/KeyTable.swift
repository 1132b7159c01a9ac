internal import TxaioLog

/// The keys that one JSON object has so far: tells in constant time whether one is taken.
///
/// A key is a name behind any number of `data_`. It keeps pointers into the event, so it serves one event at a time.
internal struct KeyTable: ~Copyable {
    private struct Entry {
        var start: UnsafeRawPointer
        var count: Int
        var prefixes: Int
        var hash: UInt64
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
        let empty = Entry(start: nowhere, count: 0, prefixes: 0, hash: 0, generation: 0)
        memory.initialize(repeating: empty, count: capacity)
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
        while Self.hasPrefix(bytes) {
            bytes = UnsafeRawBufferPointer(rebasing: bytes[5...])
            count += 1
        }
        let start = bytes.baseAddress ?? UnsafeRawPointer(entries)
        let entry = Entry(
            start: start,
            count: bytes.count,
            prefixes: count,
            hash: hash(start, bytes.count, prefixes: count),
            generation: generation
        )
        guard let slot = freeSlot(for: entry) else { return false }
        entries[slot] = entry
        used += 1
        return true
    }

    /// Whether a name begins with `data_`.
    @inline(__always)
    private static func hasPrefix(_ name: UnsafeRawBufferPointer) -> Bool {
        guard name.count >= 5, let start = name.baseAddress else { return false }
        return start.loadUnaligned(as: UInt32.self) == 0x6174_6164.littleEndian
            && start.load(fromByteOffset: 4, as: UInt8.self) == 0x5F
    }

    /// Where the key belongs; `nil` where it is already.
    @inline(__always)
    private func freeSlot(for entry: Entry) -> Int? {
        let mask = capacity &- 1
        var slot = Int(truncatingIfNeeded: entry.hash) & mask
        while entries[slot].generation == generation {
            // Two names of one hash are rare: only these are compared byte by byte.
            if entries[slot].hash == entry.hash, isSame(entries[slot], entry) { return nil }
            slot = (slot &+ 1) & mask
        }
        return slot
    }

    @inline(never)
    private func isSame(_ one: Entry, _ other: Entry) -> Bool {
        one.prefixes == other.prefixes
            && sameBytes(
                UnsafeRawBufferPointer(start: one.start, count: one.count),
                UnsafeRawBufferPointer(start: other.start, count: other.count)
            )
    }

    /// A hash of all bytes, which nobody who does not know the seed can make collide.
    @inline(__always)
    private func hash(_ start: UnsafeRawPointer, _ count: Int, prefixes: Int) -> UInt64 {
        var hash = seed ^ UInt64(truncatingIfNeeded: prefixes &* 257 &+ count)
        var at = 0
        while at &+ 8 <= count {
            hash = Self.mix(hash, start.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at &+= 8
        }
        if at == count { return hash }
        // The last bytes, with some before them where there are any; the length, which is in the hash, says how many.
        let last: UInt64
        if count >= 8 {
            last = start.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
        } else if count >= 4 {
            let head = start.loadUnaligned(as: UInt32.self)
            last = UInt64(head) | UInt64(start.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)) << 32
        } else {
            let head = UInt64(start.load(as: UInt8.self))
            let middle = UInt64(start.load(fromByteOffset: count / 2, as: UInt8.self))
            last = head | middle << 8 | UInt64(start.load(fromByteOffset: count &- 1, as: UInt8.self)) << 16
        }
        return Self.mix(hash, last)
    }

    @inline(__always)
    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return product.high ^ product.low
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
