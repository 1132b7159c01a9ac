import NIOCore
import TxaioCore
import TxaioLog

/// Closes connections on which nothing has come in for a while.
///
/// Each connection has a timer of its own, which is made and cancelled with each request. A batched timer is made for that: both
/// take constant time, and however many connections there are, the loop has one timer for each second.
struct IdleConnections: Sendable {
    static let log = makeLogger()

    private let timer: any BatchedTimer
    private let limit: Double

    /// Closes them after so many seconds, and up to a tenth more.
    init(_ runtime: TxaioRuntime, limit: Double) throws(TxaioError) {
        timer = try runtime.makeBatchedTimer(secondsPerBucket: min(1, limit / 10), rounding: .up)
        self.limit = limit
    }

    /// A connection is idle from now on; it is closed unless what this returns is cancelled.
    func begins(_ channel: any Channel) -> any DelayedCall {
        timer.callLater(limit) { [limit] in
            Self.log.info("A connection was idle for {seconds} s: closed.", seconds: limit, peer: channel.peer)
            channel.close(promise: nil)
        }
    }
}

extension Channel {
    /// The other side's address.
    fileprivate var peer: String { remoteAddress.map { "\($0)" } ?? "?" }
}
