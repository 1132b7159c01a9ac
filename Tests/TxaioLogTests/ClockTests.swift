import CTxaio
import Testing
import TxaioLog
import TxaioTesting

/// Three clocks that stand still until they are told to go on.
private final class Clocks {
    var wall: Int64 = 1_700_000_000_000_000_000
    var monotonic: Int64 = 5_000_000_000
    var cycles: UInt64 = 77_000_000_000
    var cyclesPerNanosecond = 3.0
    /// How much faster the wall clock goes, as when it is being corrected.
    var drift = 0.0
    private let clock = UnsafeMutablePointer<txaio_clock>.allocate(capacity: 1)

    init(counts: Bool = true) {
        let source = txaio_clock_source(
            wall: { Clocks.of($0).wall },
            monotonic: { Clocks.of($0).monotonic },
            cycles: { Clocks.of($0).cycles },
            context: Unmanaged.passUnretained(self).toOpaque()
        )
        txaio_clock_begin(clock, source, counts)
    }

    deinit { clock.deallocate() }

    private static func of(_ context: UnsafeMutableRawPointer?) -> Clocks {
        Unmanaged<Clocks>.fromOpaque(context!).takeUnretainedValue()
    }

    func pass(_ nanoseconds: Int64) {
        wall += nanoseconds + Int64(Double(nanoseconds) * drift)
        monotonic += nanoseconds
        cycles &+= UInt64(Double(nanoseconds) * cyclesPerNanosecond)
    }

    var time: Int64 { txaio_clock_time(clock, cycles) }
    var error: Int64 { abs(time - wall) }
    var isByCounter: Bool { txaio_clock_line_now(clock).factor != 0 && clock.pointee.span != 0 }
    var isOff: Bool { clock.pointee.is_off != 0 }

    /// Reads often enough that a line is there.
    func settle() { for _ in 0..<40 { read(after: 1_000_000) } }

    @discardableResult
    func read(after nanoseconds: Int64) -> Int64 {
        pass(nanoseconds)
        return time
    }
}

@Suite("The clock of events") struct ClockTests {
    @Test func theFirstReadingsAreTheWallClocksAndLaterOnesTheCounters() {
        let clocks = Clocks()
        #expect(clocks.time == clocks.wall && !clocks.isByCounter)
        clocks.pass(5_000_000)
        #expect(clocks.time == clocks.wall && !clocks.isByCounter)
        clocks.settle()
        #expect(clocks.isByCounter && clocks.error < 10)
        // Without a look at the wall clock.
        clocks.wall += 500
        clocks.pass(1_000)
        #expect((490...510).contains(clocks.error))
    }

    @Test(arguments: [0.024, 1, 3, 5.7])
    func anyFrequencyIsHeldAgainstTheWallClock(cyclesPerNanosecond: Double) {
        let clocks = Clocks()
        clocks.cyclesPerNanosecond = cyclesPerNanosecond
        clocks.drift = 0.0004
        clocks.settle()
        var last: Int64 = 0
        var worst: Int64 = 0
        for step in 0..<20_000 {
            let time = clocks.read(after: Int64(100 + step % 977 * 211))
            #expect(time >= last)
            last = time
            worst = max(worst, clocks.error)
        }
        #expect(clocks.isByCounter && worst < 100_000, "\(worst)")
    }

    @Test func aSmallErrorIsWorkedOffWithoutGoingBack() {
        let clocks = Clocks()
        clocks.settle()
        for offset: Int64 in [-900_000, 900_000] {
            clocks.wall += offset
            var last = clocks.time
            for _ in 0..<1_000 {
                let time = clocks.read(after: 1_000_000)
                #expect(time > last)
                last = time
            }
            #expect(clocks.error < 1_000, "\(clocks.error)")
        }
    }

    @Test(arguments: [3_600_000_000_000, -3_600_000_000_000, 2_000_000, -2_000_000] as [Int64])
    func aClockThatWasSetIsFollowedAtOnce(offset: Int64) {
        let clocks = Clocks()
        clocks.settle()
        clocks.wall += offset
        clocks.pass(110_000_000)
        #expect(clocks.error < 10 && clocks.isByCounter)
        clocks.settle()
        #expect(clocks.error < 10 && !clocks.isOff)
    }

    @Test func aLongPauseIsNoError() {
        let clocks = Clocks()
        clocks.settle()
        for pause: Int64 in [1_000_000_000, 60_000_000_000, 86_400_000_000_000] {
            let last = clocks.time
            #expect(clocks.read(after: pause) > last && clocks.error < 100_000)
        }
        #expect(clocks.isByCounter)
    }

    @Test func aCounterThatCannotBeTrustedIsGivenUp() {
        let clocks = Clocks()
        clocks.settle()
        for round in 0..<200 where !clocks.isOff {
            clocks.cycles = round % 2 == 0 ? 5 : clocks.cycles &* 3
            clocks.read(after: 120_000_000)
            #expect(clocks.error < 1_000_000)
            clocks.settle()
        }
        #expect(clocks.isOff)
        #expect(clocks.read(after: 1_000_000_000) == clocks.wall)
        let without = Clocks(counts: false)
        without.settle()
        #expect(!without.isByCounter && without.time == without.wall)
    }

    @Test func aCounterThatWasSetOnceIsTakenUpAgain() {
        let clocks = Clocks()
        clocks.settle()
        clocks.cycles = 3
        clocks.read(after: 200_000_000)
        #expect(clocks.error < 10)
        clocks.settle()
        #expect(clocks.isByCounter && clocks.error < 10 && !clocks.isOff)
    }

    @Test func theProcesssClockIsNeverFarFromTheSystems() {
        let thread = txaio_thread_current()
        let end = txaio_monotonic_clock() + 1_000_000_000
        var worst: Int64 = 0
        while txaio_monotonic_clock() < end {
            let before = txaio_wall_clock()
            let time = txaio_clock_next(thread)
            let after = txaio_wall_clock()
            worst = max(worst, before - time, time - after)
        }
        #expect(worst < 100_000, "\(worst) ns")
    }

    @Test func aThreadsTimesNeverGoBack() {
        let thread = txaio_thread_current()
        var last = txaio_clock_next(thread)
        var backwards = 0
        for _ in 0..<1_000_000 {
            let time = txaio_clock_next(thread)
            if time < last { backwards += 1 }
            last = time
        }
        #expect(backwards == 0)
    }

    @Test func eventsBearTheTimeOfTheirCalls() {
        let sink = CapturingEmitter()
        let log = makeLogger("clock")
        let before = txaio_wall_clock()
        withLogging(to: sink) { for number in 0..<1_000 { log.info("{number}", number: number) } }
        let after = txaio_wall_clock()
        let times = sink.events.map(\.time)
        #expect(times.count == 1_000 && times == times.sorted())
        #expect(times.allSatisfy { $0 >= before - 100_000 && $0 <= after + 100_000 })
    }
}
