internal import CTxaio

/// The outboxes of a queue's emitters, as the delivering thread sees them.
///
/// It waits for emitters that keep up until they have a batch, so that a batch leaves the rings only when they have it; they
/// are at work on one while the next is taken out. One that holds up another falls behind: it is no longer waited for, and
/// gets copies.
internal final class OutboxSet: @unchecked Sendable {
    // Unchecked: only the delivering thread touches it after it was made; who takes its part does so under an outbox's lock.
    /// For so long one emitter may hold up another.
    private static let patience = Duration.milliseconds(10)
    /// For so long an emitter that fell behind gets copies at least.
    private static let penance = Duration.milliseconds(100)

    private struct Lane {
        let outbox: Outbox
        var isBehind = false
        var behindUntil = Deadline(nanoseconds: 0)
        /// Until then the delivering thread does not call the emitter itself.
        var apartUntil = Deadline(nanoseconds: 0)
        var selection = EventBatch.Selection()
        /// How many parcels it was through with when it last got copies, and what had become of its events.
        var doneBefore: UInt64 = 0
        var fatesBefore: (handedOver: UInt64, dropped: UInt64) = (0, 0)
        /// Drops that the stream tells of.
        var told: UInt64 = 0
        var isTold = false
    }

    /// What the call of an emitter came to.
    internal enum Call {
        /// It gets its part in its outbox.
        case shared
        case returned
        /// Another thread delivers now, and this one is to work at that outbox.
        case relieved(Outbox)
    }

    private let pipeline: Pipeline
    private let done: Bell
    private var lanes: [Lane]
    /// For each emitter, the outboxes of the others.
    private let others: [[Outbox]]

    /// Makes the set; what is known of outboxes that another set had stays known.
    internal init(_ outboxes: [Outbox], _ pipeline: Pipeline, done: Bell, inPlaceOf other: OutboxSet? = nil) {
        lanes = outboxes.map { outbox in other?.lanes.first { $0.outbox === outbox } ?? Lane(outbox: outbox) }
        others = outboxes.map { outbox in outboxes.filter { $0 !== outbox } }
        self.pipeline = pipeline
        self.done = done
    }

    /// Gives a batch to the outboxes; answers which emitter this thread may call itself with its part, if any.
    internal func put(_ shipment: Shipment, cache: MessageCache) -> Int? {
        let batch = shipment.batch
        let admitted = pipeline.admitted(from: batch, cache: cache)
        for lane in lanes.indices {
            lanes[lane].selection = pipeline.select(from: batch, admitted: admitted, slot: lane)
        }
        // First to those that fell behind: nobody else holds them up.
        for lane in lanes.indices where lanes[lane].isBehind && lanes[lane].selection.count > 0 {
            giveRoom(&lanes[lane])
            lanes[lane].outbox.copy(batch, lanes[lane].selection)
        }
        let sole = soleLane
        shipment.targets.removeAll(keepingCapacity: true)
        for lane in lanes.indices {
            let selection = lanes[lane].selection
            var target: UInt64 = 0
            if selection.count > 0, !lanes[lane].isBehind, lane != sole {
                target = lanes[lane].outbox.share(batch, selection)
            }
            shipment.targets.append(target)
        }
        return sole.flatMap { lanes[$0].selection.count > 0 ? $0 : nil }
    }

    /// Whether one emitter at most keeps up.
    internal var isOneLeft: Bool {
        var count = 0
        for lane in lanes.indices where !lanes[lane].isBehind { count += 1 }
        return count <= 1
    }

    /// The only emitter that keeps up, once it has all that came before: it needs no thread beside this one.
    private var soleLane: Int? {
        var sole: Int?
        for lane in lanes.indices where !lanes[lane].isBehind {
            if sole != nil { return nil }
            sole = lane
        }
        guard let sole, lanes[sole].apartUntil.hasPassed, lanes[sole].outbox.isDrained else { return nil }
        return sole
    }

    /// Hands an emitter its part of the batch that was put last, on this thread.
    ///
    /// One that takes its time gets the next ones in its outbox again. Where one takes so long that it holds up others its
    /// outbox's thread goes on in place of this one: then nothing here is this thread's any more.
    ///
    /// - Parameter hasReturned: Called once the emitter has its part, before anybody can tell.
    internal func call(
        _ lane: Int,
        _ shipment: Shipment,
        by deliverer: QueueDeliverer,
        _ hasReturned: () -> Void
    ) -> Call {
        let (batch, selection, outbox) = (shipment.batch, lanes[lane].selection, lanes[lane].outbox)
        let thread = txaio_thread_current()
        let loan = OutboxState.Loan(
            thread: UInt(bitPattern: thread),
            deliverer: deliverer,
            others: others[lane],
            limit: .after(Self.patience)
        )
        guard outbox.lend(loan) else {
            shipment.targets[lane] = outbox.share(batch, selection)
            return .shared
        }
        pipeline.deliver(batch, selection, to: lane, cache: outbox.cache, on: thread)
        hasReturned()
        guard outbox.giveBack() else { return .relieved(outbox) }
        if loan.limit.hasPassed { lanes[lane].apartUntil = .after(Self.penance) }
        return .returned
    }

    /// Waits no longer for an emitter.
    internal func leaveBehind(_ outbox: Outbox) {
        for lane in lanes.indices where lanes[lane].outbox === outbox { leaveBehind(lane) }
    }

    private func leaveBehind(_ lane: Int) {
        lanes[lane].isBehind = true
        lanes[lane].behindUntil = .after(Self.penance)
    }

    /// Waits until those that keep up have a batch, or one of them has held up another for too long: then it falls behind,
    /// and keeps what it shares of this batch and of the next.
    internal func wait(for shipment: Shipment, next: Shipment) {
        var limit: Deadline?
        while true {
            let heard = done.count(after: 0)
            guard lanes.indices.contains(where: { isLate($0, shipment) }) else { return }
            // While nobody else could go on, nobody is held up.
            if limit == nil, lanes.contains(where: { $0.outbox.isDrained }) { limit = .after(Self.patience) }
            let isCut = lanes.indices.contains { shipment.targets[$0] != 0 && lanes[$0].outbox.isCut }
            if limit?.hasPassed ?? false || isCut {
                for lane in lanes.indices where isLate(lane, shipment) {
                    leaveBehind(lane)
                    shipment.isKept = true
                    if next.count > 0, next.targets[lane] != 0 {
                        next.targets[lane] = 0
                        next.isKept = true
                    }
                }
                return
            }
            _ = done.wait(after: heard, until: .after(Self.patience))
        }
    }

    private func isLate(_ lane: Int, _ shipment: Shipment) -> Bool {
        shipment.targets[lane] > lanes[lane].outbox.doneCount
    }

    /// Where an emitter that fell behind moves on, it gets a moment before its outbox overflows; one that only loses what
    /// it takes has not moved.
    private func giveRoom(_ lane: inout Lane) {
        let doneNow = lane.outbox.doneCount
        let fates = lane.outbox.fates
        let onlyLoses = fates.handedOver == lane.fatesBefore.handedOver && fates.dropped != lane.fatesBefore.dropped
        if doneNow != lane.doneBefore, !onlyLoses, lane.outbox.isHalfFull {
            let deadline = Deadline.after(Self.patience)
            while lane.outbox.isHalfFull, !deadline.hasPassed { Platform.pause() }
        }
        lane.doneBefore = doneNow
        lane.fatesBefore = lane.outbox.fates
    }

    /// Sees who has caught up, and calls `say` with what there is to tell in the stream.
    internal func review(isLast: Bool, _ say: (_ emitter: String, _ dropped: UInt64?) -> Void) {
        for index in lanes.indices {
            if lanes[index].isBehind, lanes[index].behindUntil.hasPassed, lanes[index].outbox.isDrained,
                !lanes[index].outbox.isCut
            {
                lanes[index].isBehind = false
            }
            let dropped = lanes[index].outbox.overflowed
            guard dropped > lanes[index].told else { continue }
            let name = lanes[index].outbox.name
            // Once when it begins, and once when it is over: the telling may be dropped there itself.
            if !lanes[index].isTold {
                lanes[index].isTold = true
                say(name, nil)
            }
            if !lanes[index].isBehind || isLast {
                say(name, dropped - lanes[index].told)
                lanes[index].told = dropped
                lanes[index].isTold = false
            }
        }
    }
}
