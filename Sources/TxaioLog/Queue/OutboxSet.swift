internal import CTxaio

/// The outboxes of a queue's emitters, as the delivering thread sees them.
///
/// It waits for emitters that keep up until they have a batch, so that a batch leaves the rings only when they have it. One
/// that holds up another falls behind: it is no longer waited for, and gets copies.
internal final class OutboxSet: @unchecked Sendable {
    // Unchecked: only the delivering thread touches it after it was made.
    /// For so long one emitter may hold up another.
    private static let patience = Duration.milliseconds(10)
    /// For so long an emitter that fell behind gets copies at least.
    private static let penance = Duration.milliseconds(100)

    private struct Lane {
        let outbox: Outbox
        var isBehind = false
        var isWaitedFor = false
        var behindUntil = Deadline(nanoseconds: 0)
        var selection = EventBatch.Selection()
        /// How many parcels it had handed over when it last got copies.
        var doneBefore: UInt64 = 0
        /// Drops that the stream tells of.
        var told: UInt64 = 0
        var isTold = false
    }

    private let pipeline: Pipeline
    private let done: Bell
    private var lanes: [Lane]

    internal init(_ outboxes: [Outbox], _ pipeline: Pipeline, done: Bell) {
        lanes = outboxes.map { Lane(outbox: $0) }
        self.pipeline = pipeline
        self.done = done
    }

    /// Gives a batch to the outboxes, and waits for those that keep up.
    ///
    /// Answers whether nobody reads it any more.
    internal func deliver(_ batch: EventBatch, cache: MessageCache) -> Bool {
        for lane in lanes.indices { lanes[lane].selection = EventBatch.Selection() }
        for (index, entry) in batch.entries.enumerated() {
            let event = batch.event(entry, cache: cache)
            for lane in lanes.indices where pipeline.passes(event, slot: lane) { lanes[lane].selection.insert(index) }
        }
        for lane in lanes.indices {
            lanes[lane].isWaitedFor = false
            let selection = lanes[lane].selection
            guard selection.count > 0 else { continue }
            if lanes[lane].isBehind {
                giveRoom(&lanes[lane])
                lanes[lane].outbox.copy(batch, selection)
            } else {
                lanes[lane].outbox.share(batch, selection)
                lanes[lane].isWaitedFor = true
            }
        }
        return waitForTaking()
    }

    /// Waits until those that keep up have the batch, or one of them has held up another for too long.
    private func waitForTaking() -> Bool {
        var limit: Deadline?
        while true {
            let heard = done.count(after: 0)
            let isLate = lanes.indices.map { lanes[$0].isWaitedFor && !lanes[$0].outbox.isDrained }
            guard isLate.contains(true) else { return true }
            // While nobody else could go on, nobody is held up.
            if limit == nil, lanes.contains(where: { $0.outbox.isDrained }) { limit = .after(Self.patience) }
            let isCut = lanes.contains { $0.isWaitedFor && $0.outbox.isCut }
            if limit?.hasPassed ?? false || isCut {
                for lane in lanes.indices where isLate[lane] {
                    lanes[lane].isBehind = true
                    lanes[lane].behindUntil = .after(Self.penance)
                }
                return false
            }
            _ = done.wait(after: heard, until: .after(Self.patience))
        }
    }

    /// Where an emitter that fell behind moves on, it gets a moment before its outbox overflows.
    private func giveRoom(_ lane: inout Lane) {
        let doneNow = lane.outbox.doneCount
        if doneNow != lane.doneBefore, lane.outbox.isHalfFull {
            let deadline = Deadline.after(Self.patience)
            while lane.outbox.isHalfFull, !deadline.hasPassed { Platform.pause() }
        }
        lane.doneBefore = doneNow
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
