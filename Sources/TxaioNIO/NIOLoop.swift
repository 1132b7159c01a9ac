#if NIO
public import NIOCore
internal import Synchronization
public import TxaioCore
internal import TxaioLog

/// One of SwiftNIO's event loops, as futures and timers use it.
///
/// However many timers wait, NIO has a handful of scheduled callbacks for them, one of them for the earliest: scheduling and
/// cancelling cost the same whatever else waits, which NIO's own scheduled tasks do not manage.
///
/// When the event loop shuts down, the timers that wait are cancelled, and how many is logged at warn. What is scheduled later
/// is cancelled at once, and what is to be executed later is dropped; of each the first is logged at warn.
public final class NIOLoop: TimerLoop {
    /// NIO's own.
    public let eventLoop: any EventLoop
    private let alarm: Alarm
    package let timers: TimerService
    package let isMonotonic: Bool

    internal static let log: StaticLogger = makeLogger("TxaioCore.Timer")
    private let hasToldOfClosure = Atomic(false)

    /// Wraps an event loop that runs.
    ///
    /// From a thread that is not its own it wakes it once.
    public convenience init(_ eventLoop: any EventLoop) { self.init(eventLoop, watching: true) }

    /// Wraps an event loop, and hears of its end if `watching`.
    ///
    /// The watch ends on whatever thread releases this last, which an event loop that knows one thread only does not bear.
    package init(_ eventLoop: any EventLoop, watching: Bool) {
        self.eventLoop = eventLoop
        let alarm = Alarm(eventLoop)
        self.alarm = alarm
        isMonotonic = Self.isMonotonic(eventLoop)
        timers = TimerService(
            now: { Self.nanoseconds(eventLoop) },
            wake: { alarm.set($0) },
            refuse: { alarm.tellOfRefusal() }
        )
        alarm.begin(timers, watching: watching)
    }

    deinit {
        alarm.stop()
        SharedLoops.forget(ObjectIdentifier(eventLoop))
    }

    /// The one that all runtimes on an event loop share.
    public static func shared(_ eventLoop: any EventLoop) -> NIOLoop { SharedLoops.loop(of: eventLoop) }

    /// Nanoseconds of the event loop's clock.
    public var nanoseconds: Int64 { Self.nanoseconds(eventLoop) }

    private static func nanoseconds(_ eventLoop: any EventLoop) -> Int64 {
        Int64(clamping: eventLoop.now.uptimeNanoseconds)
    }

    /// Whether it goes by the system's monotonic clock: true for NIO's own event loops, which are known by their name; others
    /// may have a clock that is set by hand.
    private static func isMonotonic(_ eventLoop: any EventLoop) -> Bool {
        guard _typeName(type(of: eventLoop)) == "NIOPosix.SelectableEventLoop" else { return false }
        let before = Clocks.monotonic()
        let time = nanoseconds(eventLoop)
        return before <= time && time <= Clocks.monotonic()
    }

    /// Whether the caller is called by this event loop.
    public var isCurrent: Bool { eventLoop.inEventLoop }

    /// SwiftNIO.
    public var framework: EventFramework { .nio }

    /// Runs `body` soon, after what was given before.
    ///
    /// Any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        // While the event loop shuts down, what it runs itself may still be given to it.
        if alarm.isOver, !eventLoop.inEventLoop {
            if !hasToldOfClosure.exchange(true, ordering: .relaxed) {
                Self.log.warn("Nothing runs on an event loop that has shut down")
            }
            return
        }
        eventLoop.execute(body)
    }

    /// Calls `body` once, as soon as `delay` nanoseconds have passed.
    ///
    /// Any thread.
    public func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        timers.schedule(after: delay, body: body)
    }

    /// How many delayed calls waited when the event loop shut down, and were cancelled by that.
    public var cancelledByShutdown: Int { alarm.cancelled }

    internal var promises: OpenPromises { alarm.promises }
}
#endif
