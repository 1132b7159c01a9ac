/// The buckets that wait, by their number: open addressing over one array, without lock or effects.
///
/// Finding, adding and removing take constant time on average, whatever the distances between the numbers.
package struct BucketTable {
    private struct Entry {
        var number: Int64
        /// Retained by the table; nil in a free place.
        var bucket: Unmanaged<Bucket>?
    }

    private var entries: ContiguousArray<Entry> = []
    private var shift: UInt64 = 64
    package private(set) var count = 0

    private static let least = 16
    /// So much room is kept once it was needed, 16 KiB: not to make it over and over where timers come and go.
    private static let leastKept = 1_024

    package init() { makeRoom(Self.least) }

    /// Where a number belongs: its product with the golden ratio spreads neighbours and multiples alike.
    @inline(__always)
    private func place(of number: Int64) -> Int {
        Int(truncatingIfNeeded: (UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    @inline(__always)
    package func find(_ number: Int64) -> Unmanaged<Bucket>? {
        entries.withUnsafeBufferPointer { entries in
            var place = place(of: number)
            while let bucket = entries[place].bucket {
                if entries[place].number == number { return bucket }
                place = (place + 1) & (entries.count - 1)
            }
            return nil
        }
    }

    /// Adds a bucket whose number is not there.
    package mutating func add(_ bucket: Bucket) {
        if count * 2 >= entries.count { makeRoom(entries.count * 2) }
        put(Entry(number: bucket.number, bucket: .passRetained(bucket)))
        count += 1
    }

    /// Takes a bucket out, if it is that very one which is there.
    package mutating func remove(_ bucket: Bucket) {
        let mask = entries.count - 1
        var hole = place(of: bucket.number)
        while true {
            guard let found = entries[hole].bucket else { return }
            if found.toOpaque() == Unmanaged.passUnretained(bucket).toOpaque() { break }
            hole = (hole + 1) & mask
        }
        // What follows moves up where it may, so that no search ends too early.
        var next = (hole + 1) & mask
        while entries[next].bucket != nil {
            if ((next - place(of: entries[next].number)) & mask) >= ((next - hole) & mask) {
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        entries[hole] = Entry(number: 0, bucket: nil)
        count -= 1
        Unmanaged.passUnretained(bucket).release()
        if entries.count > Self.leastKept, count * 16 < entries.count { makeRoom(entries.count / 4) }
    }

    private mutating func put(_ entry: Entry) {
        var place = place(of: entry.number)
        while entries[place].bucket != nil { place = (place + 1) & (entries.count - 1) }
        entries[place] = entry
    }

    private mutating func makeRoom(_ size: Int) {
        let before = entries
        let size = max(size, Self.least)
        entries = ContiguousArray(repeating: Entry(number: 0, bucket: nil), count: size)
        shift = UInt64(64 - size.trailingZeroBitCount)
        for entry in before where entry.bucket != nil { put(entry) }
    }
}
