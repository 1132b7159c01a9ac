internal import CTxaio
internal import Synchronization

/// The flight recorder that is in force: makes tapes, and lends them memory.
internal final class Recorder: Sendable {
    internal let options: FlightRecorder
    /// Bytes that are lent.
    private let lent = Atomic<Int>(0)

    private init(_ options: FlightRecorder) { self.options = options }

    /// Lends memory to a tape, where there is some left.
    internal func lend(_ bytes: Int) -> Bool {
        guard lent.add(bytes, ordering: .relaxed).newValue <= options.total else {
            lent.subtract(bytes, ordering: .relaxed)
            return false
        }
        return true
    }

    /// Takes memory back.
    internal func takeBack(_ bytes: Int) {
        if bytes > 0 { lent.subtract(bytes, ordering: .relaxed) }
    }

    // ------------------------------------------------------------------------------------------------ in force

    private static let isUsed = Atomic<Bool>(false)
    private static let inForce = Lock<Recorder?>(nil)
    private static let next = Atomic<Int>(0)

    /// Puts another in force, or none; scopes that are open keep theirs.
    internal static func set(_ options: FlightRecorder?) {
        inForce.withLock { recorder in
            guard recorder?.options != options else { return }
            recorder = options.map(Recorder.init)
            isUsed.store(options != nil, ordering: .relaxed)
        }
    }

    /// What records a scope that is opened now; `nil` where nothing does.
    internal static func begin(fields: EncodedFields?) -> ScopeRecording? {
        guard isUsed.load(ordering: .relaxed), let recorder = inForce.withLock({ $0 }) else { return nil }
        let number = next.add(1, ordering: .relaxed).newValue
        return ScopeRecording(Tape(recorder, RecorderTotals.shelves[number & 15], fields: fields))
    }
}

/// What became of all events that were kept, whichever recorder was in force.
internal enum RecorderTotals {
    internal static let shelves = (0..<16).map { _ in TapeShelf([:]) }

    private static let written = Atomic<UInt64>(0)
    private static let lost = Atomic<UInt64>(0)
    private static let discarded = Atomic<UInt64>(0)

    internal static func write(_ count: Int) { written.add(UInt64(count), ordering: .relaxed) }
    internal static func lose(_ count: Int) { lost.add(UInt64(count), ordering: .relaxed) }
    internal static func discard(_ count: Int) { discarded.add(UInt64(count), ordering: .relaxed) }

    /// The counters, read downstream first.
    internal static var counts: RecorderCounts {
        var held: UInt64 = 0
        visitShelves { held += $0.withLock { $0.values.reduce(0) { $0 + UInt64($1.count) } } }
        let (written, lost) = (written.load(ordering: .relaxed), lost.load(ordering: .relaxed))
        let discarded = discarded.load(ordering: .relaxed)
        var kept: UInt64 = 0
        var next = txaio_thread_first()
        while let thread = next {
            kept += txaio_counter_load(&thread.pointee.recorded)
            next = thread.pointee.next
        }
        return RecorderCounts(kept: kept, written: written, lost: lost, discarded: discarded, held: held)
    }

    /// Used at the start too, for what Swift makes at the first use: see ``LoggingSession/runAfterFork()``.
    private static func visitShelves(_ body: (TapeShelf) -> Void) {
        for shelf in shelves { body(shelf) }
    }

    /// In a child process, which has kept nothing yet.
    internal static func beginAnew() {
        visitShelves { $0.withLock { $0 = [:] } }
        written.store(0, ordering: .relaxed)
        lost.store(0, ordering: .relaxed)
        discarded.store(0, ordering: .relaxed)
        SlowScopes.shared.beginAnew()
    }
}

/// Has what was kept of a scope written as soon as it takes too long.
internal final class SlowScopes: Sendable {
    internal static let shared = SlowScopes()

    private struct State {
        var hasThread = false
        /// When the thread wakes next.
        var wakesAt = Int64.max
    }

    private let state = Lock(State())
    private let bell = Bell()

    /// Sees to it that the scopes are looked at when one is due.
    internal func watch(until due: Int64) {
        let (starts, rings) = state.withLock { state in
            let starts = !state.hasThread
            let rings = due < state.wakesAt
            state.hasThread = true
            if rings { state.wakesAt = due }
            return (starts, rings)
        }
        if starts {
            Platform.startThread(named: "txaio-recorder") { [self] in run() }
        } else if rings {
            bell.ring()
        }
    }

    internal func beginAnew() { state.withLock { $0 = State() } }

    private func run() {
        while true {
            let heard = bell.count(after: 0)
            // Whoever comes between the look and the sleep rings.
            state.withLock { $0.wakesAt = .max }
            let now = Clocks.monotonic()
            var next = Int64.max
            for shelf in RecorderTotals.shelves {
                let due = shelf.withLock { tapes in
                    var due: [Tape] = []
                    for tape in tapes.values {
                        guard let time = tape.due else { continue }
                        if time <= now { due.append(tape) } else { next = min(next, time) }
                    }
                    return due
                }
                for tape in due { tape.write(since: .slow) }
            }
            state.withLock { $0.wakesAt = min($0.wakesAt, next) }
            let wait = next == .max ? 3_600_000_000_000 : max(next &- Clocks.monotonic(), 0)
            _ = bell.wait(after: heard, nanoseconds: wait)
        }
    }
}
