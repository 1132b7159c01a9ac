internal import CTxaio

/// The rings of a queue by the times of the records that wait at their fronts.
internal struct RingHeads {
    private var rings = UnsafeBufferPointer<UnsafeMutablePointer<txaio_ring>>(start: nil, count: 0)
    private var times: [Int64] = []
    private var isTouched: [Bool] = []
    private var end = Int64.max
    /// A record of this much later than now was made before the clock was set back, and waits for nothing.
    private static var mostAhead: Int64 { 1_000_000 }

    /// Looks at all rings anew; records made from `end` on are left for later.
    ///
    /// Rings are looked at one after the other: without an end, which is the time before the first, a record may be taken and
    /// one that was in the ring of another thread before it be not.
    internal mutating func look(at rings: UnsafeBufferPointer<UnsafeMutablePointer<txaio_ring>>, end: Int64) {
        self.rings = rings
        self.end = end
        while isTouched.count < rings.count { isTouched.append(false) }
        times.removeAll(keepingCapacity: true)
        for ring in rings { times.append(time(of: ring)) }
    }

    private func time(of ring: UnsafeMutablePointer<txaio_ring>) -> Int64 {
        var time: Int64 = 0
        guard txaio_ring_peek_time(ring, &time) else { return .max }
        return time >= end && time < Clocks.ofEvents() &+ Self.mostAhead ? .max : time
    }

    /// Takes the oldest records into a batch until that has as many as it may, or none are left.
    internal mutating func fill(_ shipment: Shipment, limit: Int) {
        fill(shipment.batch, limit)
        for index in isTouched.indices where isTouched[index] {
            shipment.mark(rings[index])
            isTouched[index] = false
        }
    }

    private mutating func fill(_ batch: EventBatch, _ limit: Int) {
        while batch.entries.count < limit, let (index, next) = oldest() {
            guard take(from: index, into: batch, limit, until: next) else { return }
        }
    }

    /// Takes a ring's records up to a time, and one at least; false where the batch has no room for the next.
    private mutating func take(from index: Int, into batch: EventBatch, _ limit: Int, until end: Int64) -> Bool {
        let ring = rings[index]
        var time: Int64
        repeat {
            let room = batch.room
            // A room without bytes has an address all the same.
            guard let free = room.baseAddress else { return false }
            let size = Int(txaio_ring_take(ring, free.assumingMemoryBound(to: UInt8.self), UInt64(room.count)))
            if size > room.count {
                // A large record waits for a batch of its own, which gets memory of its size.
                guard batch.isEmpty else { return false }
                batch.grow(to: size)
                return true
            }
            if size > 0 {
                batch.append(size: size, threadNumber: ring.pointee.thread_number, threadID: ring.pointee.tid)
                isTouched[index] = true
            }
            time = self.time(of: ring)
        } while time < end && batch.entries.count < limit
        times[index] = time
        return true
    }

    /// The ring with the oldest record, and the time of the oldest in others.
    private func oldest() -> (index: Int, next: Int64)? {
        var best: Int?
        var time = Int64.max
        var next = Int64.max
        for index in times.indices {
            if times[index] < time {
                next = time
                time = times[index]
                best = index
            } else if times[index] < next {
                next = times[index]
            }
        }
        return best.map { ($0, next) }
    }
}
