#if NIO
internal import CTxaio
public import NIOCore
internal import NIOEmbedded
public import TxaioCore
internal import TxaioLog
internal import TxaioNIO
public import TxaioTesting

/// SwiftNIO's `EmbeddedEventLoop` as a loop whose time a test moves.
///
/// What is due runs on the thread that calls ``advance(by:)``, in the order of time, and of scheduling within one moment. That
/// has to be the thread that made the loop: NIO asks for it. For tests that await, and so change threads, there is
/// ``AsyncEmbeddedLoop``.
///
/// ```swift
/// try replaceLoop(EmbeddedLoop()) { loop in
///     try Txaio.callLater(.seconds(5)) { fired() }
///     loop.advance(by: .seconds(10))
/// }
/// ```
public final class EmbeddedLoop: ManualLoop {
    private let embedded: Confined
    private let loop: NIOLoop
    private let thread: UInt
    private let inbox = Lock<[@Sendable () -> Void]>([])
    private let calls = ManualCalls()

    /// NIO's event loop, which belongs to one thread.
    private struct Confined: @unchecked Sendable {
        let eventLoop: EmbeddedEventLoop
    }

    /// Makes a loop whose time is 0.
    public init() {
        let eventLoop = EmbeddedEventLoop()
        embedded = Confined(eventLoop: eventLoop)
        loop = NIOLoop(eventLoop, watching: false)
        thread = Self.thread
    }

    private static var thread: UInt { UInt(bitPattern: txaio_thread_current()) }

    /// NIO's own.
    public var eventLoop: any EventLoop { embedded.eventLoop }

    /// The time on it.
    public var nanoseconds: Int64 { loop.nanoseconds }

    /// Whether the caller's thread is the one that made it.
    public var isCurrent: Bool { Self.thread == thread }

    /// SwiftNIO.
    public var framework: EventFramework { .nio }

    /// The delays of the calls that wait, the earliest first.
    public var waiting: [Duration] { calls.waiting(at: nanoseconds) }

    /// Has `body` run at the next ``advance(by:)``.
    ///
    /// Any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        if isCurrent { return embedded.eventLoop.execute(body) }
        inbox.withLock { $0.append(body) }
    }

    /// Has `body` run once time has been moved so far.
    ///
    /// Any thread.
    public func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        let call = calls.add(body, due: Delay.deadline(from: nanoseconds, after: delay))
        if isCurrent {
            schedule(call)
        } else {
            inbox.withLock { $0.append { self.schedule(call) } }
        }
        return call
    }

    private func schedule(_ call: ManualCall) {
        if call.due == Delay.never { return }
        _ = loop.callLater(nanoseconds: max(0, call.due - nanoseconds)) { call.run() }
    }

    /// Moves time by `duration` and runs what is due on the way, each call at its own time.
    ///
    /// On another thread than that which made the loop nothing happens.
    public func advance(by duration: Duration) {
        guard isCurrent else { return }
        let before = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        for body in before { body() }
        // A moment that NIO can tell: beyond it there is nothing to run.
        let end = min(Delay.deadline(from: nanoseconds, after: Delay.nanoseconds(duration)), Delay.never - 1)
        embedded.eventLoop.advanceTime(to: .uptimeNanoseconds(UInt64(clamping: end)))
    }
}
#endif
