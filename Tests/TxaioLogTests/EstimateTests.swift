import CTxaio
import Testing
import TxaioTesting

/// A monotonic clock that is slewed, and a counter that is not, whose readings take time.
private final class SlewedClock {
    private var random: SeededGenerator
    private var time = 5_000_000_000.0
    private var count = 77_000_000_000.0
    private let cyclesPerNanosecond: Double
    /// How much faster the clock goes, at most 500 ppm.
    private var slew = 0.0
    /// A reading is interrupted once in so many times.
    var interruptions = 200
    let estimate = UnsafeMutablePointer<txaio_estimate>.allocate(capacity: 1)

    init(seed: UInt64, cyclesPerNanosecond: Double, counts: Bool = true) {
        random = SeededGenerator(seed: seed)
        self.cyclesPerNanosecond = cyclesPerNanosecond
        let source = txaio_clock_source(
            wall: { _ in 0 },
            monotonic: { SlewedClock.of($0).readTime() },
            cycles: { SlewedClock.of($0).readCycles() },
            context: Unmanaged.passUnretained(self).toOpaque()
        )
        txaio_estimate_begin(estimate, source, counts)
    }

    deinit { estimate.deallocate() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> SlewedClock {
        Unmanaged<SlewedClock>.fromOpaque(context!).takeUnretainedValue()
    }

    func pass(_ nanoseconds: Double) {
        time += nanoseconds * (1 + slew)
        count += nanoseconds * cyclesPerNanosecond
    }

    /// The machine sleeps, and the clock with it; the counter does not.
    func sleep(_ nanoseconds: Double) { count += nanoseconds * cyclesPerNanosecond }

    func setCounter(_ cycles: Double) { count = cycles }

    func slewAnew() { slew = Double.random(in: -0.0005...0.0005, using: &random) }

    private func readTime() -> Int64 {
        takeTime()
        return exact
    }

    private func readCycles() -> UInt64 {
        takeTime()
        return UInt64(count)
    }

    private func takeTime() {
        let isInterrupted = Int.random(in: 0..<interruptions, using: &random) == 0
        pass(isInterrupted ? .random(in: 1_000...3_000_000, using: &random) : .random(in: 5...60, using: &random))
    }

    var exact: Int64 { Int64(time) }

    /// What a reading of the counter gives at this very moment; nil where the clock has to be asked, which is done then.
    func read() -> Int64? {
        let time = txaio_estimate_time(estimate, UInt64(count))
        if time != .min { return time }
        let before = exact
        let asked = txaio_estimate_exact(estimate)
        #expect(asked >= before && asked <= exact)
        return nil
    }
}

@Suite("The estimated clock") struct EstimateTests {
    @Test(arguments: [0.024, 1, 2.6, 5.7], UInt64(1)...5)
    func itsErrorIsWithinItsBoundHoweverTheClockIsSlewed(cyclesPerNanosecond: Double, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 31)
        let clock = SlewedClock(seed: seed, cyclesPerNanosecond: cyclesPerNanosecond)
        var worst: Int64 = 0
        var estimates = 0
        for step in 0..<50_000 {
            if step % 500 == 0 { clock.slewAnew() }
            // Mostly busy, now and then idle for longer than a line is good.
            let isIdle = Int.random(in: 0..<100, using: &random) == 0
            clock.pass(.random(in: 0...(isIdle ? 40_000_000 : 300_000), using: &random))
            guard let time = clock.read() else { continue }
            estimates += 1
            worst = max(worst, abs(time - clock.exact))
        }
        #expect(worst < Int64(TXAIO_ESTIMATE_ERROR))
        #expect(estimates > 25_000)
    }

    @Test func aMachineThatSleptAndACounterThatWasSetGiveNoEstimate() {
        for seed: UInt64 in 1...20 {
            var random = SeededGenerator(seed: seed)
            let clock = SlewedClock(seed: seed, cyclesPerNanosecond: 2.6)
            for step in 0..<5_000 {
                clock.pass(.random(in: 0...1_000_000, using: &random))
                switch step % 400 {
                // For longer than a line is good: what is shorter no counter shows.
                case 100: clock.sleep(.random(in: 25_000_000...3_600e9, using: &random))
                case 300: clock.setCounter(.random(in: 0...1e6, using: &random))
                default: break
                }
                if let time = clock.read() { #expect(abs(time - clock.exact) < Int64(TXAIO_ESTIMATE_ERROR)) }
            }
        }
    }

    @Test func thereIsNoneWithoutACounterNorForWhoSeldomAsks() {
        let dead = SlewedClock(seed: 1, cyclesPerNanosecond: 2.6, counts: false)
        for _ in 0..<1_000 {
            dead.pass(1_000_000)
            #expect(dead.read() == nil)
        }
        let seldom = SlewedClock(seed: 1, cyclesPerNanosecond: 2.6)
        for _ in 0..<1_000 {
            seldom.pass(1_100_000_000)
            #expect(seldom.read() == nil)
        }
        let slow = SlewedClock(seed: 1, cyclesPerNanosecond: 2.6)
        slow.interruptions = 1
        for _ in 0..<1_000 {
            slow.pass(1_000_000)
            if let time = slow.read() { #expect(abs(time - slow.exact) < Int64(TXAIO_ESTIMATE_ERROR)) }
        }
    }

    @Test func whoReadsWhileALineIsWrittenAsksTheClock() {
        let clock = SlewedClock(seed: 3, cyclesPerNanosecond: 1)
        for _ in 0..<100 {
            clock.pass(1_000_000)
            _ = clock.read()
        }
        #expect(clock.read() != nil)
        clock.estimate.pointee.sequence += 1
        #expect(clock.read() == nil)
    }
}
