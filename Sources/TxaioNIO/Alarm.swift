#if NIO
internal import NIOCore
internal import Synchronization
internal import TxaioCore
internal import TxaioLog

/// Has an event loop call a timer service at its earliest deadline, and tells it when the event loop is over.
///
/// NIO's cancelling looks through all that is scheduled. So an earlier deadline gets a callback of its own, and the later one is
/// left to come: it finds nothing to do. A few may wait so; beyond that the earliest is cancelled for the new one.
internal final class Alarm: @unchecked Sendable {
    // Unchecked: `rings` and `turns` belong to the event loop, the other variables to whoever makes this, and lets it go.

    private let eventLoop: any EventLoop
    internal let promises = OpenPromises()
    private weak var timers: TimerService?
    /// Waits for ever: it is how the end of the event loop is heard of.
    private var watch: Ring?
    /// The earliest is the last.
    private var rings: [Ring] = []
    private let isTold = Atomic(false)
    private let isEnded = Atomic(false)
    private let hasToldOfRefusal = Atomic(false)
    private let lost = Atomic(0)

    private var turns = 0
    private var yields = false

    private static let limit = 8
    /// After so many turns that leave something due, NIO gets to look at its sockets: it does not while a callback is due.
    private static let turnLimit = 64
    private static let pause: Int64 = 20_000

    internal init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    internal func begin(_ timers: TimerService, watching: Bool) {
        self.timers = timers
        guard watching else { return }
        yields = true
        var ring = Ring(self, nil, at: Delay.never)
        ring.schedule(on: eventLoop)
        // Off its thread an event loop that has shut down takes nothing more, and says so to nobody.
        let isRefused = isKnownUniquelyReferenced(&ring)
        watch = ring
        if isRefused { end() }
    }

    /// Whether the event loop has shut down.
    internal var isOver: Bool { isEnded.load(ordering: .acquiring) }

    /// How many calls the end of the event loop cancelled.
    internal var cancelled: Int { lost.load(ordering: .acquiring) }

    /// A call was scheduled after that.
    internal func tellOfRefusal() {
        if hasToldOfRefusal.exchange(true, ordering: .relaxed) { return }
        NIOLoop.log.warn("A delayed call is cancelled: the event loop has shut down")
    }

    /// Nobody schedules any more.
    internal func stop() {
        watch?.cancel()
        watch = nil
    }

    /// Has the timers fire at `deadline`.
    ///
    /// Any thread: the event loop is told once, however many deadlines there are meanwhile.
    internal func set(_ deadline: Int64) {
        if eventLoop.inEventLoop { return ring(at: deadline) }
        if isOver || isTold.exchange(true, ordering: .acquiringAndReleasing) { return }
        guard let timers else { return }
        eventLoop.execute { [self] in
            _ = isTold.exchange(false, ordering: .acquiringAndReleasing)
            if let next = timers.next { ring(at: next) }
        }
    }

    private func ring(at deadline: Int64) {
        if let earliest = rings.last, earliest.deadline <= deadline { return }
        guard !isOver, let timers, deadline != Delay.never else { return }
        if rings.count == Self.limit { rings.removeLast().cancel() }
        let ring = Ring(self, timers, at: deadline)
        rings.append(ring)
        ring.schedule(on: eventLoop)
    }

    fileprivate func rang(_ ring: Ring) {
        rings.removeAll { $0 === ring }
        guard let timers else { return }
        guard let next = timers.fire(now: now) else {
            turns = 0
            return
        }
        let now = now
        turns = next <= now ? turns + 1 : 0
        if turns >= Self.turnLimit, yields {
            turns = 0
            self.ring(at: Delay.deadline(from: now, after: Self.pause))
        } else {
            self.ring(at: next)
        }
    }

    private var now: Int64 { Int64(clamping: eventLoop.now.uptimeNanoseconds) }

    /// The event loop shuts down.
    fileprivate func end() {
        if isEnded.exchange(true, ordering: .acquiringAndReleasing) { return }
        rings = []
        promises.end()
        guard let timers else { return }
        let count = timers.shutdown()
        lost.store(count, ordering: .releasing)
        if count > 0 {
            NIOLoop.log.warn("{count} delayed calls are cancelled: their event loop has shut down", ("count", count))
        }
    }
}

/// One callback that NIO was asked for.
private final class Ring: NIOScheduledCallbackHandler, @unchecked Sendable {
    // Unchecked: `callback` belongs to the event loop, or to whoever has the last of an alarm.

    let deadline: Int64
    private let isCancelled = Atomic(false)
    private weak var alarm: Alarm?
    /// What is to fire lives until then; that which waits for ever holds nothing.
    private let held: (Alarm, TimerService)?
    private var callback: NIOScheduledCallback?

    init(_ alarm: Alarm, _ timers: TimerService?, at deadline: Int64) {
        self.deadline = deadline
        self.alarm = alarm
        held = timers.map { (alarm, $0) }
    }

    func schedule(on eventLoop: any EventLoop) {
        // It fails where the event loop cannot be woken: then nothing of NIO works. One that has shut down drops it.
        callback = try? eventLoop.scheduleCallback(at: .uptimeNanoseconds(UInt64(clamping: deadline)), handler: self)
    }

    func cancel() {
        isCancelled.store(true, ordering: .relaxed)
        callback?.cancel()
        callback = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        callback = nil
        alarm?.rang(self)
    }

    // NIO may hold a lock here where `cancel` was called, none where the event loop shuts down.
    func didCancelScheduledCallback(eventLoop: some EventLoop) {
        if isCancelled.load(ordering: .relaxed) { return }
        alarm?.end()
    }
}
#endif
