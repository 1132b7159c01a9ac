import Testing
import TxaioCore

@Suite struct DelayTests {
    @Test(
        arguments: [
            (Duration.zero, 0), (.nanoseconds(1), 1), (.milliseconds(1500), 1_500_000_000),
            (.seconds(-1), 0), (.nanoseconds(-1), 0), (Duration(attoseconds: 1), 0),
            (Duration(attoseconds: 999_999_999), 0),
            (Duration(attoseconds: 1_999_999_999), 1), (.seconds(9_444), 9_444_000_000_000),
            (.seconds(9_445), 9_445_000_000_000),
            (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.max) - .nanoseconds(1), .max - 1),
            (.seconds(9_223_372_037), .max), (Duration(attoseconds: .max), .max), (Duration(attoseconds: .min), 0),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), 0),
        ] as [(Duration, Int64)]
    )
    func durationsAreCutToNanosecondsAndClamped(duration: Duration, expected: Int64) {
        #expect(Delay.nanoseconds(duration) == expected)
    }

    @Test(
        arguments: [
            (0.0, 0), (-0.0, 0), (1e-9, 1), (4e-10, 0), (5.1, 5_100_000_000), (1.7, 1_700_000_000), (-1, 0),
            (.nan, 0), (.signalingNaN, 0), (-.nan, 0), (.infinity, .max), (-.infinity, 0), (1e300, .max), (-1e300, 0),
            (.greatestFiniteMagnitude, .max), (.leastNonzeroMagnitude, 0), (9_223_372_036.0, 9_223_372_036_000_000_000),
            (9_223_372_037.0, .max), (9_223_372_036.854775807, .max), (0x1p63 / 1e9, .max),
        ] as [(Double, Int64)]
    )
    func secondsAreRoundedToNanosecondsAndClamped(seconds: Double, expected: Int64) {
        #expect(Delay.nanoseconds(seconds: seconds) == expected)
    }

    @Test(
        arguments: [
            (0, 0, 0), (5, 7, 12), (-5, 7, 2), (.max, 1, .max), (1, .max, .max), (.max, .max, .max),
            (.min, .max, .max), (-1, .max, .max), (.min, 0, .min), (.min, .max - 1, -2),
        ] as [(Int64, Int64, Int64)]
    )
    func deadlinesEndWhereIntegersDo(now: Int64, delay: Int64, expected: Int64) {
        #expect(Delay.deadline(from: now, after: delay) == expected)
    }
}
