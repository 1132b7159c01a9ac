internal import CTxaio

/// Something that one thread sleeps on until another has news for it.
package final class Bell: Sendable {
    private nonisolated(unsafe) let bell = txaio_bell_make()

    package init() {}

    deinit { txaio_bell_free(bell) }

    package func ring() { txaio_bell_ring(bell) }

    /// How often it was rung, without waiting.
    package func count(after seen: UInt64) -> UInt64 { wait(after: seen, nanoseconds: 0) }

    /// Waits until it was rung again.
    internal func wait(after seen: UInt64) { _ = wait(after: seen, nanoseconds: -1) }

    /// Waits until it was rung again, at most until the deadline; returns how often it was rung.
    internal func wait(after seen: UInt64, until deadline: Deadline) -> UInt64 {
        wait(after: seen, nanoseconds: min(3_600_000_000_000, deadline.remaining.inNanoseconds))
    }

    /// Waits until it was rung again, at most so many nanoseconds, without end where they are negative; returns how often it
    /// was rung.
    package func wait(after seen: UInt64, nanoseconds: Int64) -> UInt64 { txaio_bell_wait(bell, seen, nanoseconds) }
}
