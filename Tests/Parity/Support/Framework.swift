import Testing
import TxaioCore
import TxaioTesting

#if NIO
import NIOCore
import NIOEmbedded
import NIOPosix
import TxaioNIO
#endif

/// What every test here runs on, one after the other.
enum Framework: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case concurrency
    #if NIO
    case nio
    #endif

    static let all = allCases

    var testDescription: String { rawValue }

    /// What the runtimes of this framework call it.
    var kind: EventFramework {
        switch self {
        case .concurrency: .concurrency
        #if NIO
        case .nio: .nio
        #endif
        }
    }

    /// A runtime on a loop with a thread of its own, in real time or in that of `timeSource`.
    func makeRuntime(timeSource: (any TimeSource)? = nil) -> TxaioRuntime {
        switch self {
        case .concurrency: TxaioRuntime(loop: ConcurrencyLoop(), timeSource: timeSource)
        #if NIO
        case .nio:
            TxaioRuntime(loop: NIOLoop(MultiThreadedEventLoopGroup.singleton.next()), timeSource: timeSource)
        #endif
        }
    }

    /// Selects it for the process.
    func select() throws {
        switch self {
        case .concurrency: try Txaio.useConcurrency()
        #if NIO
        case .nio: try Txaio.useNIO(MultiThreadedEventLoopGroup.singleton)
        #endif
        }
    }
}

/// A loop of a framework whose time stands still until the test moves it.
///
/// The thread that makes it counts as being on the loop: tests that use it do not await.
struct ManualTime {
    let loop: any TxaioLoop
    private let move: (Duration) -> Void

    init(_ framework: Framework) {
        switch framework {
        case .concurrency:
            let clock = VirtualClock()
            loop = clock
            move = { clock.advance(by: $0) }
        #if NIO
        case .nio:
            let eventLoop = EmbeddedEventLoop()
            loop = NIOLoop(eventLoop)
            move = { eventLoop.advanceTime(by: .nanoseconds(Int64($0 / .nanoseconds(1)))) }
        #endif
        }
    }

    /// Moves time, and runs what is due on the way.
    func advance(by duration: Duration = .zero) { move(duration) }

    /// Moves time by so many seconds.
    func advance(_ seconds: Double) { move(.nanoseconds(Int64((seconds * 1e9).rounded()))) }
}
