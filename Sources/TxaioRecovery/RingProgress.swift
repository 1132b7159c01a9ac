internal import CTxaio

/// Writes down in a dead process's file how far its events have been handed over.
///
/// Whoever dies in the middle, or whose emitters do, leaves the rest to the next start: nothing comes twice unmarked.
internal struct RingProgress {
    /// Events that are offered before the file is written to.
    internal static let batch = 256

    /// Where a record ends.
    internal struct Place {
        /// Of the ring in the file.
        let ring: Int
        let position: UInt64
        /// Up to where records of the ring were possibly handed over before.
        let claimed: UInt64
    }

    private let file: HeldFile
    private var claimed: [Int: UInt64] = [:]

    internal init(_ file: HeldFile) { self.file = file }

    /// Says that a batch may be handed over from now on; `false` where that cannot be written.
    internal mutating func begin(_ batch: [Place]) -> Bool {
        var ends: [Int: UInt64] = [:]
        for place in batch where place.position > claimed[place.ring] ?? place.claimed {
            claimed[place.ring] = place.position
            ends[place.ring] = place.position
        }
        for (ring, end) in ends where !write(end, of: ring, \.claimed) { return false }
        return true
    }

    /// Says that events were handed over, which are the first of each ring that were not.
    internal func finish(_ taken: [Place]) {
        var ends: [Int: UInt64] = [:]
        for place in taken { ends[place.ring] = place.position }
        // Where it fails they come again, marked.
        for (ring, end) in ends { _ = write(end, of: ring, \.done) }
    }

    private func write(_ end: UInt64, of ring: Int, _ word: KeyPath<txaio_ring, UInt64>) -> Bool {
        guard let offset = MemoryLayout<txaio_ring>.offset(of: word) else { return false }
        return file.write(end, at: ring + offset)
    }
}
