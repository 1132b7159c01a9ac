import Synchronization
import TxaioCore
import TxaioLog
import TxaioTesting

/// A runtime whose time the test moves, and what was seen there.
struct Bench {
    let time: ManualTime
    let runtime: TxaioRuntime
    let seen = Seen()

    init(_ framework: Framework) {
        time = ManualTime(framework)
        runtime = TxaioRuntime(loop: time.loop)
    }
}

/// What was seen, in order.
final class Seen: Sendable {
    private let state = Mutex<[String]>([])

    var lines: [String] { state.withLock { $0 } }
    var count: Int { lines.count }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}

/// The values that came somewhere, in order.
final class Kept<Value: Sendable>: Sendable {
    private let state = Mutex<[Value]>([])

    var all: [Value] { state.withLock { $0 } }
    func add(_ value: Value) { state.withLock { $0.append(value) } }
}

/// An error with an identity and a text.
final class Boom: Error, CustomStringConvertible {
    let description: String
    init(_ text: String = "it failed") { description = text }
}

/// Whether two errors are one object.
func isSame(_ one: (any Error)?, _ other: Boom) -> Bool { one as? Boom === other }

/// Keeps time as a loop does, and keeps what was asked of it: each real timer is seen here.
final class RecordingTime: TimeSource {
    private let loop: any TxaioLoop
    private let asked = Mutex<[Int64]>([])
    private let cancelled = Mutex(0)

    init(_ loop: any TxaioLoop) { self.loop = loop }

    var nanoseconds: Int64 { loop.nanoseconds }

    /// The delays of the real timers, in the order of making, in milliseconds.
    var milliseconds: [Int64] { asked.withLock { $0.map { $0 / 1_000_000 } } }
    /// How many real timers were cancelled before they fired.
    var cancelledCount: Int { cancelled.withLock { $0 } }

    func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        asked.withLock { $0.append(delay) }
        return RecordedCall(loop.callLater(nanoseconds: delay, body), of: self)
    }

    private final class RecordedCall: DelayedCall {
        private let call: any DelayedCall
        private let time: RecordingTime

        init(_ call: any DelayedCall, of time: RecordingTime) {
            self.call = call
            self.time = time
        }

        func cancel() -> Bool {
            let isCancelled = call.cancel()
            if isCancelled { time.cancelled.withLock { $0 += 1 } }
            return isCancelled
        }
    }
}

/// Runs `body` and returns what was logged meanwhile.
func logged(level: LogLevel = .info, _ body: () throws -> Void) rethrows -> [CapturedEvent] {
    let emitter = CapturingEmitter()
    try withLogging(to: emitter, level: level) { try body() }
    return emitter.events
}
