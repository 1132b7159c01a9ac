package import TxaioLog

/// Decides when a sink's trouble is told: once for each kind of fault, and after a recovery again, at most once a minute.
///
/// A plain state machine: who shares it holds a lock.
package struct FaultTeller {
    private struct Trouble {
        let reason: DropReason
        var toldAt: Int64
        var isOver = false
        /// Events lost since it was told last.
        var untold = 0
    }

    private static let pause: Int64 = 60_000_000_000
    private var troubles: [Trouble] = []

    package init() {}

    /// Notes a lost event.
    ///
    /// Returns how many are to be told now, this one among them, or `nil` for silence.
    package mutating func lost(_ reason: DropReason, at now: Int64) -> Int? {
        guard let index = troubles.firstIndex(where: { $0.reason == reason }) else {
            troubles.append(Trouble(reason: reason, toldAt: now))
            return 1
        }
        troubles[index].untold += 1
        guard troubles[index].isOver, now - troubles[index].toldAt >= Self.pause else { return nil }
        let untold = troubles[index].untold
        troubles[index] = Trouble(reason: reason, toldAt: now)
        return untold
    }

    /// Whether there never was any trouble.
    @inline(__always)
    internal var isUnused: Bool { troubles.isEmpty }

    /// Notes that an event went through: all troubles are over.
    package mutating func recovered() {
        for index in troubles.indices { troubles[index].isOver = true }
    }
}

/// Tells of trouble on standard error, without ever waiting for it or dying of it.
internal enum StandardError {
    internal static func tell(_ text: String) {
        guard SystemCall.waitWritable(2, milliseconds: 0) else { return }
        var signals = HeldSignals()
        Platform.complain(text)
        signals.consume(Errno.brokenPipe)
        signals.consume(Errno.fileTooBig)
        signals.release()
    }
}
