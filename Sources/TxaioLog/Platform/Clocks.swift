internal import CTxaio

package enum Clocks {
    /// Nanoseconds since 1970.
    package static func wall() -> Int64 { txaio_wall_clock() }
    /// Nanoseconds on a clock that never goes back.
    package static func monotonic() -> Int64 { txaio_monotonic_clock() }
    /// Nanoseconds since 1970, as queued events get their time: from the cycle counter.
    internal static func ofEvents() -> Int64 { txaio_clock_time(txaio_clock_current(), txaio_clock_cycles()) }
    /// Calibrates the clock of events where that is half due, so that no caller need do it.
    internal static func refresh() { txaio_clock_refresh(txaio_clock_current(), Int64(TXAIO_CLOCK_SPAN) / 2) }
}

extension Duration {
    /// Whole nanoseconds; beyond 292 years as many as there are.
    internal var inNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}
