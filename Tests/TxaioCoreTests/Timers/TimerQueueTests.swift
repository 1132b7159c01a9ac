import Testing
import TxaioCore
import TxaioTesting

@Suite struct TimerQueueTests {
    /// What the queue should do, in the plainest way.
    private struct Model {
        struct Entry {
            let deadline: Int64
            let order: UInt64
            let call: TimerCall
        }
        var entries: [Entry] = []
        var added: UInt64 = 0

        var first: Int? {
            entries.indices.filter { entries[$0].call.isPending }.min {
                (entries[$0].deadline, entries[$0].order) < (entries[$1].deadline, entries[$1].order)
            }
        }

        mutating func takeDue(at now: Int64, before order: UInt64) -> Entry? {
            guard let first, entries[first].deadline <= now, entries[first].order < order else { return nil }
            return entries.remove(at: first)
        }
    }

    @Test(arguments: UInt64(1)...20)
    func aQueueDoesWhatItsModelDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var queue = TimerQueue()
        var model = Model()
        var now: Int64 = 0
        var handles: [TimerCall] = []
        let cancels = Int.random(in: 0...4, using: &random)
        for step in 0..<2_000 {
            switch Int.random(in: 0...7, using: &random) {
            case 0...3:
                let call = ClosureCall {}
                let deadline = now + Int64.random(in: 0...300, using: &random)
                let first = model.first.map { model.entries[$0].deadline }
                let isFirst = queue.add(call, deadline: deadline)
                // A cancelled call may still be the first: then the loop wakes early once.
                if isFirst { #expect(first.map { deadline < $0 } ?? true, "step \(step)") }
                model.entries.append(.init(deadline: deadline, order: model.added, call: call))
                model.added += 1
                handles.append(call)
            case 4...5:
                for _ in 0..<cancels where !handles.isEmpty {
                    handles.swapAt(Int.random(in: handles.indices, using: &random), handles.count - 1)
                    handles.removeLast().cancel()
                }
            case 6:
                now += Int64.random(in: 0...40, using: &random)
                let order = Bool.random(using: &random) ? queue.added : queue.added &- min(queue.added, 3)
                while true {
                    // The model first: what the queue gives out waits no more.
                    let expected = model.takeDue(at: now, before: order)
                    let taken = queue.takeFirst(at: now, before: order)
                    #expect(taken?.call === expected?.call, "step \(step)")
                    #expect(taken?.deadline == expected?.deadline)
                    guard let taken else { break }
                    taken.call.perform(due: taken.deadline)
                }
            default:
                var next = queue.next()
                // A few cancelled ones are taken out each time.
                for _ in 0..<queue.count / 32 { next = queue.next() }
                #expect(next == model.first.map { model.entries[$0].deadline }, "step \(step)")
            }
        }
        for entry in queue.takeAll() { _ = entry.cancel() }
        #expect(queue.count == 0)
    }

    @Test func whatIsCancelledIsSweptWhileOthersWait() {
        var queue = TimerQueue()
        let living = (0..<500).map { _ in ClosureCall {} }
        for (index, call) in living.enumerated() { _ = queue.add(call, deadline: Int64(index * 20)) }
        weak var swept: TimerCall?
        var most = 0
        for deadline in Int64(0)..<100_000 {
            let call = ClosureCall {}
            if deadline == 50_000 { swept = call }
            _ = queue.add(call, deadline: deadline % 20_000)
            call.cancel()
            most = max(most, queue.count)
        }
        #expect(most < 3 * 500 + 64)
        #expect(swept == nil)
        var order: [Int] = []
        while let call = queue.takeFirst(at: .max - 1, before: .max)?.call {
            order.append(living.firstIndex { $0 === call } ?? -1)
        }
        #expect(order == Array(0..<500))
    }

    @Test func whatNeverComesIsNeverDueAndNeverNext() {
        var queue = TimerQueue()
        _ = queue.add(ClosureCall {}, deadline: Delay.never)
        #expect(queue.next() == nil)
        #expect(queue.takeFirst(at: .max, before: .max) == nil)
        #expect(queue.count == 1)
        for entry in queue.takeAll() { _ = entry.cancel() }
    }

    @Test func cancelledCallsAtTheFrontAreTakenOutAFewAtATime() {
        // Each time the lock is held, so that a hundred thousand at once would stop all who schedule.
        var queue = TimerQueue()
        let living = ClosureCall {}
        _ = queue.add(living, deadline: 30_000)
        let calls = (0..<20_000).map { _ in ClosureCall {} }
        for (index, call) in calls.enumerated() { _ = queue.add(call, deadline: Int64(index + 1)) }
        for call in calls { call.cancel() }

        let before = queue.count
        let next = queue.next()
        let once = before - queue.count
        // That of a cancelled one: the loop comes too early, and goes to sleep again.
        #expect(next == Int64(once + 1))
        #expect((1...100).contains(once))
        guard case .cancelled = queue.takeDue(at: .max - 1, before: .max) else {
            Issue.record("cancelled calls were at the front")
            return
        }
        #expect(before - queue.count == 2 * once)
        guard case .nothing = queue.takeDue(at: 0, before: .max) else {
            Issue.record("nothing was due")
            return
        }
        #expect(before - queue.count == 2 * once)

        #expect(queue.takeFirst(at: .max - 1, before: .max)?.call === living)
        #expect(queue.next() == nil)
        #expect(queue.count == 0)
        for entry in queue.takeAll() { _ = entry.cancel() }
    }
}

extension TimerQueue {
    /// Takes the first call out that is due, however many cancelled ones come before it.
    fileprivate mutating func takeFirst(at now: Int64, before order: UInt64) -> (call: TimerCall, deadline: Int64)? {
        while true {
            switch takeDue(at: now, before: order) {
            case .call(let call, let deadline): return (call, deadline)
            case .cancelled: continue
            case .nothing: return nil
            }
        }
    }
}
