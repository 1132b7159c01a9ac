internal import CTxaio

/// The rings of a queue by the times of the records that wait at their fronts.
internal struct RingHeads {
    private var rings = UnsafeBufferPointer<UnsafeMutablePointer<txaio_ring>>(start: nil, count: 0)
    private var times: [Int64] = []
    private var isTouched: [Bool] = []

    /// Looks at all rings anew.
    internal mutating func look(at rings: UnsafeBufferPointer<UnsafeMutablePointer<txaio_ring>>) {
        self.rings = rings
        while isTouched.count < rings.count { isTouched.append(false) }
        times.removeAll(keepingCapacity: true)
        for ring in rings { times.append(Self.time(of: ring)) }
    }

    private static func time(of ring: UnsafeMutablePointer<txaio_ring>) -> Int64 {
        var time: Int64 = 0
        return txaio_ring_peek_time(ring, &time) ? time : .max
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
        while batch.entries.count < limit, let index = oldest() {
            let ring = rings[index]
            let room = batch.room
            // A room without bytes has an address all the same.
            guard let free = room.baseAddress else { return }
            let size = Int(txaio_ring_take(ring, free.assumingMemoryBound(to: UInt8.self), UInt64(room.count)))
            if size > room.count {
                // A large record waits for a batch of its own, which gets memory of its size.
                if batch.isEmpty { batch.grow(to: size) } else { return }
                continue
            }
            if size > 0 {
                batch.append(size: size, threadNumber: ring.pointee.thread_number, threadID: ring.pointee.tid)
                isTouched[index] = true
            }
            times[index] = Self.time(of: ring)
        }
    }

    private func oldest() -> Int? {
        var best: Int?
        var time = Int64.max
        for index in times.indices where times[index] < time {
            time = times[index]
            best = index
        }
        return best
    }
}
