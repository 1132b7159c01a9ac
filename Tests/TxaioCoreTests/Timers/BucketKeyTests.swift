import Testing
import TxaioCore
import TxaioTesting

@Suite struct BucketKeyTests {
    /// J4's values by the formula of O6: `now`, bucket and delay in seconds, the key in milliseconds.
    @Test(
        arguments: [
            (0, 1, 2, 2_000), (0, 5, 5.1, 5_000), (0, 5, 9.9, 5_000), (0, 5, 10.1, 10_000), (0.5, 1, 0.1, 0),
            (0.5, 1, 0.6, 1_000), (0, 0.5, 1.7, 1_500), (0, 2.5, 4, 2_500), (0, 0.3, 1, 900), (100.7, 5, 3, 100_000),
            (0, 7, 13, 7_000), (0, 1.5, 2, 1_500), (0, 10, 9.9, 0), (3.9, 2, 1.9, 4_000), (0, 0.2, 0.9, 800),
        ] as [(Double, Double, Double, Int64)]
    )
    func callsGoToTheBucketThatTheirTimeIsIn(now: Double, bucket: Double, delay: Double, key: Int64) throws {
        let keys = try BucketKeys(secondsPerBucket: bucket, rounding: .down)
        let deadline = Delay.nanoseconds(seconds: now) + Delay.nanoseconds(seconds: delay)
        let number = try #require(keys.number(of: deadline))
        #expect(keys.time(of: number) == key * 1_000_000)
        let up = try BucketKeys(secondsPerBucket: bucket, rounding: .up)
        let later = up.time(of: try #require(up.number(of: deadline)))
        #expect(later >= deadline)
        #expect(later - deadline < keys.length)
    }

    @Test(arguments: [0, -0.0, -1, -.infinity, .infinity, .nan, -.nan, .signalingNaN, -1e300] as [Double])
    func aBucketThatIsNoLengthOfTimeIsRefused(seconds: Double) {
        #expect { try BucketKeys(secondsPerBucket: seconds, rounding: .down) } throws: { error in
            guard case .invalidBucket(let given)? = error as? TxaioError else { return false }
            return given.bitPattern == seconds.bitPattern || given.isNaN
        }
    }

    @Test(
        arguments: [
            (1e300, Int64.max), (9_223_372_037, .max), (1e-9, 1), (1e-300, 1), (.leastNonzeroMagnitude, 1),
            (0.001, 1_000_000),
        ] as [(Double, Int64)]
    )
    func bucketsAreAtLeastANanosecondAndAtMostForEver(seconds: Double, length: Int64) throws {
        #expect(try BucketKeys(secondsPerBucket: seconds, rounding: .down).length == length)
    }

    @Test(arguments: [1e-9, 1e-3, 1, 3, 1e9, 9.2e9, 1e300], [BatchRounding.down, .up])
    func keysAreTotalOverAllDeadlines(seconds: Double, rounding: BatchRounding) throws {
        let keys = try BucketKeys(secondsPerBucket: seconds, rounding: rounding)
        let deadlines: [Int64] = [.min, .min + 1, -1_000_000_001, -1, 0, 1, 999_999_999, .max / 2, .max - 1]
        for deadline in deadlines {
            guard let number = keys.number(of: deadline) else {
                #expect(rounding == .up)
                #expect(deadline > Int64.max - keys.length)
                continue
            }
            let time = keys.time(of: number)
            if rounding == .down { #expect(time <= deadline) } else { #expect(time >= deadline) }
        }
        #expect(keys.number(of: Delay.never) == nil)
    }

    @Test(arguments: [1e-9, 2e-9, 3e-7, 1e-4, 1e-3, 0.2, 1, 7, 1e5, 9e9, 1e300], [BatchRounding.down, .up])
    func whatIsSaidWithinAnErrorHoldsForAllDeadlinesWithinIt(seconds: Double, rounding: BatchRounding) throws {
        let keys = try BucketKeys(secondsPerBucket: seconds, rounding: rounding)
        var random = SeededGenerator(seed: UInt64(keys.length))
        let error: Int64 = 50_000
        var said = 0
        for step in 0..<20_000 {
            let near = Int64.random(in: 0...(Int64.max / keys.length), using: &random) &* keys.length
            let deadline =
                step % 2 == 0
                ? Int64.random(in: 0...Int64.max, using: &random)
                : near &+ .random(in: -60_000...60_000, using: &random)
            // The division itself, without an error.
            if let number = keys.number(of: deadline, within: 0) { #expect(number == keys.number(of: deadline)) }
            guard let number = keys.number(of: deadline, within: error) else { continue }
            said += 1
            for other in [deadline &- error, deadline, deadline &+ error] where other >= 0 {
                #expect(keys.number(of: other) == number, "\(deadline)")
            }
        }
        #expect(keys.length <= 2 * error || said > 5_000)
        for deadline in [Int64.min, -1, Delay.never] { #expect(keys.number(of: deadline, within: error) == nil) }
    }
}
