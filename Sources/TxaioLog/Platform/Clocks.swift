internal import CTxaio

package enum Clocks {
    /// Nanoseconds since 1970.
    package static func wall() -> Int64 { txaio_wall_clock() }
    /// Nanoseconds on a clock that never goes back.
    package static func monotonic() -> Int64 { txaio_monotonic_clock() }
}
