#if NIO
public import NIOCore
internal import NIOEmbedded
public import TxaioCore
internal import TxaioNIO

/// SwiftNIO's `NIOAsyncTestingEventLoop` as a loop whose time a test moves: for tests that await.
///
/// What is due runs on NIO's own thread, in the order of time, and of scheduling within one moment.
public final class AsyncEmbeddedLoop: TxaioLoop {
    private let testing = NIOAsyncTestingEventLoop()
    private let loop: NIOLoop
    private let calls = ManualCalls()

    /// Makes a loop whose time is 0.
    public init() { loop = NIOLoop(testing) }

    /// NIO's own.
    public var eventLoop: any EventLoop { testing }

    /// The time on it.
    public var nanoseconds: Int64 { loop.nanoseconds }

    /// Whether the caller is called by it.
    public var isCurrent: Bool { loop.isCurrent }

    /// SwiftNIO.
    public var framework: EventFramework { .nio }

    /// The delays of the calls that wait, the earliest first.
    public var waiting: [Duration] { calls.waiting(at: nanoseconds) }

    /// Runs `body` soon, without time being moved.
    ///
    /// Any thread.
    public func execute(_ body: @escaping @Sendable () -> Void) { loop.execute(body) }

    /// Has `body` run once time has been moved so far.
    ///
    /// Any thread.
    public func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        let call = calls.add(body, due: Delay.deadline(from: nanoseconds, after: delay))
        if call.due != Delay.never { _ = loop.callLater(nanoseconds: delay) { call.run() } }
        return call
    }

    /// Moves time by `duration` and runs what is due on the way, each call at its own time.
    public func advance(by duration: Duration = .zero) async {
        let end = min(Delay.deadline(from: nanoseconds, after: Delay.nanoseconds(duration)), Delay.never - 1)
        await testing.advanceTime(to: .uptimeNanoseconds(UInt64(clamping: end)))
    }
}
#endif
