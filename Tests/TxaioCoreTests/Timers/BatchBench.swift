import TxaioCore
import TxaioLog
import TxaioTesting

/// A batched timer on a virtual clock that is told apart from others, and what happened.
final class BatchBench: TimeSource {
    let clock: VirtualClock
    let log = Lock<[String]>([])
    /// The delay of each real timer that was made, in nanoseconds.
    let delays = Lock<[Int64]>([])

    init(startingAt start: Duration = .zero) { clock = VirtualClock(startingAt: start) }

    var nanoseconds: Int64 { clock.nanoseconds }

    func callLater(nanoseconds delay: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
        delays.withLock { $0.append(delay) }
        return clock.callLater(nanoseconds: delay, body)
    }

    func timer(
        _ bucket: Double,
        chunks: Int = 100,
        _ rounding: BatchRounding = .down
    ) throws(TxaioError) -> BucketedTimer {
        try BucketedTimer(
            secondsPerBucket: bucket,
            chunkSize: chunks,
            rounding: rounding,
            source: { self },
            perform: { $0() }
        )
    }

    /// Notes that a call ran, and when.
    func note(_ name: String) {
        let now = clock.nanoseconds
        log.withLock { $0.append("\(name)@\(now / 1_000_000)") }
    }

    /// What ran, as `NAME@MILLISECONDS`.
    var ran: [String] { log.withLock { $0 } }
    /// The delays of the real timers, in milliseconds.
    var milliseconds: [Int64] { delays.withLock { $0.map { $0 / 1_000_000 } } }
    var realTimers: Int { clock.waiting.count }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
