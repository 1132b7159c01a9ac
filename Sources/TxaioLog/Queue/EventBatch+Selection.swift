extension EventBatch {
    /// Which records of a batch are meant: their numbers, in order.
    internal struct Selection: Sendable, Sequence {
        /// A bit for each.
        private var words = SIMD4<UInt64>()
        internal private(set) var count = 0
        /// Whether one of them is an error or worse.
        internal private(set) var hasErrors = false

        /// None.
        internal init() {}

        /// All of a batch's records.
        internal init(allOf batch: EventBatch) { self.init(of: batch) { _, _ in true } }

        /// Those that `isMeant` says of; it is asked for each, in order.
        @inline(__always)
        internal init(of batch: EventBatch, where isMeant: (_ number: Int, _ level: LogLevel) -> Bool) {
            let entries = batch.entries
            // A word at a time: to change one within a vector by its number goes through memory.
            var word: UInt64 = 0
            for number in entries.indices {
                let level = batch.level(entries[number])
                if isMeant(number, level) {
                    word |= 1 << UInt64(number & 63)
                    count += 1
                    if level <= .error { hasErrors = true }
                }
                if number & 63 == 63 {
                    words[number >> 6] = word
                    word = 0
                }
            }
            if entries.count & 63 != 0 { words[entries.count >> 6] = word }
        }

        internal func contains(_ number: Int) -> Bool { words[number >> 6] & (1 << UInt64(number & 63)) != 0 }

        internal func makeIterator() -> Iterator { Iterator(words) }

        internal struct Iterator: IteratorProtocol {
            private let words: SIMD4<UInt64>
            private var left: UInt64
            private var base = 0

            fileprivate init(_ words: SIMD4<UInt64>) {
                self.words = words
                left = words[0]
            }

            @inline(__always)
            internal mutating func next() -> Int? {
                while left == 0 {
                    guard base < EventBatch.limit - 64 else { return nil }
                    base += 64
                    left = words[base >> 6]
                }
                defer { left &= left - 1 }
                return base + left.trailingZeroBitCount
            }
        }
    }
}
