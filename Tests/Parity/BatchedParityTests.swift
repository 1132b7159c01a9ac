import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_batched.py`, for either of its frameworks, and what else is to be said of batched timers.
@Suite struct BatchedParityTests {
    /// A bench whose real timers are seen.
    private struct Batches {
        let time: ManualTime
        let real: RecordingTime
        let runtime: TxaioRuntime
        let seen = Seen()

        init(_ framework: Framework, at start: Double = 0) {
            time = ManualTime(framework)
            if start > 0 { time.advance(start) }
            real = RecordingTime(time.loop)
            runtime = TxaioRuntime(loop: time.loop, timeSource: real)
        }

        func timer(_ bucket: Double, _ chunk: Int = 100) throws -> any BatchedTimer {
            try runtime.makeBatchedTimer(secondsPerBucket: bucket, chunkSize: chunk)
        }

        /// A body that tells its name and the time, in milliseconds.
        func note(_ name: String) -> @Sendable () throws -> Void {
            { [seen, real] in seen.add("\(name)@\(real.nanoseconds / 1_000_000)") }
        }
    }

    @Test(arguments: Framework.all)
    func q4CallsFireInTheirBuckets(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(5)
        for (name, delay) in [("a", 5.1), ("b", 9.9), ("c", 10.1)] { _ = timer.callLater(delay, bench.note(name)) }
        bench.time.advance(4.9)
        #expect(bench.seen.count == 0)
        bench.time.advance(0.2)
        #expect(bench.seen.lines == ["a@5000", "b@5000"])
        bench.time.advance(5)
        #expect(bench.seen.lines == ["a@5000", "b@5000", "c@10000"])
    }

    @Test(arguments: Framework.all)
    func q5ItRunsOnTheLoopOfTheRuntimeThatMadeIt(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let call = timer.callLater(.seconds(1), bench.note("fired"))
        #expect(bench.seen.count == 0)
        bench.time.advance(2)
        #expect(bench.seen.lines == ["fired@1000"])
        #expect(!call.cancel())
    }

    @Test(arguments: Framework.all)
    func q6ACancelledCallNeverFires(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let call = timer.callLater(2.0, bench.note("fired"))
        bench.time.advance(1.2)
        #expect(call.cancel())
        bench.time.advance(5)
        #expect(bench.seen.count == 0)
    }

    @Test(arguments: Framework.all)
    func q7CancellingTooLateIsNoErrorAndNoSecondCall(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let call = timer.callLater(2.0, bench.note("fired"))
        bench.time.advance(2.1)
        #expect(bench.seen.lines == ["fired@2000"])
        #expect(!call.cancel())
        bench.time.advance(5)
        #expect(bench.seen.count == 1)
    }

    @Test(arguments: Framework.all)
    func q8ChunksHaveOneRealTimerEach(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1, 2)
        for name in ["a", "b", "c"] { _ = timer.callLater(2.0, bench.note(name)) }
        #expect(bench.real.milliseconds == [2_000])
        bench.time.advance(2)
        #expect(bench.seen.lines == ["a@2000", "b@2000"])
        #expect(bench.real.milliseconds == [2_000, 500])
        bench.time.advance(1)
        #expect(bench.seen.lines == ["a@2000", "b@2000", "c@2500"])
        #expect(bench.real.milliseconds == [2_000, 500])
    }

    @Test(arguments: Framework.all)
    func q9AnErrorInALaterChunkIsReportedAfterTheLast(_ framework: Framework) throws {
        let bench = Batches(framework)
        let events = try logged {
            let timer = try bench.timer(1, 2)
            for name in ["a", "b", "c"] { _ = timer.callLater(2.0, bench.note(name)) }
            _ = timer.callLater(2.0) { throw Boom("sadness") }
            bench.time.advance(2)
            bench.time.advance(1)
        }
        #expect(bench.seen.lines == ["a@2000", "b@2000", "c@2500"])
        #expect(events.map(\.level) == [.error])
        #expect(events.first?.message == "Error(s) processing call_later bucket:\nsadness\n")
    }

    @Test(arguments: Framework.all)
    func q10TheRealDelayIsNeverNegative(_ framework: Framework) throws {
        let bench = Batches(framework, at: 0.5)
        let timer = try bench.timer(1)
        _ = timer.callLater(0.1, bench.note("fired"))
        #expect(bench.real.milliseconds == [0])
        #expect(bench.seen.count == 0)
        bench.time.advance()
        #expect(bench.seen.lines == ["fired@500"])
    }

    @Test(arguments: Framework.all)
    func j1ChunksHaveAHundredCallsIfNothingIsSaid(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.runtime.makeBatchedTimer(secondsPerBucket: 1)
        for number in 0..<101 { _ = timer.callLater(1.0, bench.note("\(number)")) }
        bench.time.advance(1)
        #expect(bench.seen.count == 100)
        bench.time.advance(0.5)
        #expect(bench.seen.count == 101)
    }

    @Test(arguments: Framework.all, [0, -0.0, -1, .nan, .infinity, -.infinity] as [Double])
    func j2ABucketOfNothingOrLessIsRefused(_ framework: Framework, _ bucket: Double) {
        let bench = Batches(framework)
        do {
            _ = try bench.timer(bucket)
            Issue.record("a bucket of \(bucket) is accepted")
        } catch {
            #expect("\(error)" == "secondsPerBucket must be > 0.0 and finite, is \(bucket)")
        }
        #expect(bench.real.milliseconds.isEmpty)
    }

    /// A time, a bucket, a delay in seconds; the key in milliseconds, as O6 has it: the sum is not cut to whole seconds.
    static let keys: [(Double, Double, Double, Int64)] = [
        (0, 1, 2, 2_000), (0, 5, 5.1, 5_000), (0, 5, 9.9, 5_000), (0, 5, 10.1, 10_000), (0.5, 1, 0.1, 0),
        (0.5, 1, 0.6, 1_000), (0, 0.5, 1.7, 1_500), (0, 2.5, 4, 2_500), (0, 0.3, 1, 900), (100.7, 5, 3, 100_000),
        (0, 7, 13, 7_000), (0, 1.5, 2, 1_500), (0, 10, 9.9, 0), (3.9, 2, 1.9, 4_000), (0, 0.2, 0.9, 800),
    ]

    @Test(arguments: Framework.all)
    func j3j4TheKeyIsTheBeginningOfTheBucketThatTheTimeIsIn(_ framework: Framework) throws {
        for (now, bucket, delay, key) in Self.keys {
            let bench = Batches(framework, at: now)
            let timer = try bench.timer(bucket)
            _ = timer.callLater(delay, bench.note("fired"))
            let real = max(0, key - Int64((now * 1_000).rounded()))
            #expect(bench.real.milliseconds == [real], "\(now)/\(bucket)/\(delay)")
            bench.time.advance(Double(real) / 1_000)
            #expect(bench.seen.lines == ["fired@\(max(key, Int64((now * 1_000).rounded())))"])
        }
    }

    @Test(arguments: Framework.all)
    func j5OneKeyHasOneRealTimer(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(5)
        for number in 0..<500 { _ = timer.callLater(5.0 + Double(number) / 100, bench.note("\(number)")) }
        #expect(bench.real.milliseconds == [5_000])
        _ = timer.callLater(10.0, bench.note("other"))
        #expect(bench.real.milliseconds == [5_000, 10_000])
    }

    @Test(arguments: Framework.all)
    func j6ACallIsEarlyByUpToABucketAndNeverLate(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(10)
        _ = timer.callLater(9.9, bench.note("early"))
        _ = timer.callLater(10.0, bench.note("exact"))
        bench.time.advance()
        #expect(bench.seen.lines == ["early@0"])
        bench.time.advance(10)
        #expect(bench.seen.lines == ["early@0", "exact@10000"])
    }

    @Test(arguments: Framework.all)
    func j7CallsRunInTheOrderOfAddingAndTheBucketIsRemovedFirst(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1, 3)
        for number in 0..<3 { _ = timer.callLater(1.0 + Double(3 - number) / 10, bench.note("\(number)")) }
        _ = timer.callLater(2.0) { [note = bench.note("inner")] in _ = timer.callLater(.zero, note) }
        bench.time.advance(1)
        #expect(bench.seen.lines == ["0@1000", "1@1000", "2@1000"])
        bench.time.advance(1)
        #expect(bench.seen.lines.last == "inner@2000")
        #expect(bench.real.milliseconds == [1_000, 2_000, 0])
    }

    @Test(arguments: Framework.all)
    func j8ChunksFollowEachOtherEvenlyOverTheBucket(_ framework: Framework) throws {
        for (count, times) in [(3, [0, 0, 500]), (7, [0, 0, 250, 250, 500, 500, 750])] {
            let bench = Batches(framework)
            let timer = try bench.timer(1, 2)
            for number in 0..<count { _ = timer.callLater(0.0, bench.note("\(number)")) }
            bench.time.advance(5)
            #expect(bench.seen.lines == times.enumerated().map { "\($0.offset)@\($0.element)" })
            #expect(bench.real.milliseconds.count == (count + 1) / 2)
        }
    }

    @Test(arguments: Framework.all)
    func j9ErrorsStopNothingAndAreReportedOnceInOrder(_ framework: Framework) throws {
        let bench = Batches(framework)
        let events = try logged {
            let timer = try bench.timer(1, 2)
            for number in 0..<6 {
                let note = bench.note("\(number)")
                _ = timer.callLater(1.0) {
                    try note()
                    if number % 2 == 0 { throw Boom("error \(number)") }
                }
            }
            bench.time.advance(5)
            _ = timer.callLater(1.0) {}
            bench.time.advance(5)
        }
        #expect(bench.seen.count == 6)
        #expect(events.map(\.message) == ["Error(s) processing call_later bucket:\nerror 0\nerror 2\nerror 4\n"])
        #expect(events.map(\.namespace) == ["TxaioCore.BatchedTimer"])
    }

    @Test(arguments: Framework.all)
    func j10CancellingRemovesThatCallAlone(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let calls = (0..<3).map { timer.callLater(2.0, bench.note("\($0)")) }
        #expect(calls[1].cancel())
        bench.time.advance(3)
        #expect(bench.seen.lines == ["0@2000", "2@2000"])
        #expect(bench.real.cancelledCount == 0)
    }

    @Test(arguments: Framework.all)
    func j11CancellingTheLastCallOfABucketCancelsItsRealTimer(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let calls = (0..<2).map { timer.callLater(2.0, bench.note("\($0)")) }
        calls[0].cancel()
        #expect(bench.real.cancelledCount == 0)
        calls[1].cancel()
        #expect(bench.real.cancelledCount == 1)
        bench.time.advance(3)
        #expect(bench.seen.count == 0)
    }

    @Test(arguments: Framework.all)
    func j12j13CancellingAgainOrTooLateNeverRaises(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        let cancelled = timer.callLater(2.0, bench.note("cancelled"))
        let ran = timer.callLater(2.0, bench.note("ran"))
        #expect(cancelled.cancel())
        #expect(!cancelled.cancel())
        bench.time.advance(3)
        for call in [cancelled, ran, cancelled, ran] { #expect(!call.cancel()) }
        #expect(bench.seen.lines == ["ran@2000"])
    }

    @Test(arguments: Framework.all)
    func j14ACallOfALaterChunkCanBeCancelledUntilItRuns(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1, 1)
        let calls = (0..<3).map { timer.callLater(1.0, bench.note("\($0)")) }
        bench.time.advance(1)
        #expect(bench.seen.lines == ["0@1000"])
        #expect(calls[1].cancel())
        #expect(!calls[0].cancel())
        bench.time.advance(1)
        #expect(bench.seen.lines == ["0@1000", "2@1666"])
    }

    @Test(arguments: Framework.all)
    func j15ACallAfterItsBucketFiredMakesANewBucketOfTheSameKey(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(10)
        let old = timer.callLater(1.0, bench.note("old"))
        bench.time.advance(1)
        let new = timer.callLater(1.0, bench.note("new"))
        #expect(bench.real.milliseconds == [0, 0])
        #expect(!old.cancel())
        bench.time.advance(1)
        #expect(bench.seen.lines == ["old@0", "new@1000"])
        #expect(!new.cancel())
    }

    @Test(arguments: Framework.all, [0, -1, Int.min])
    func j16AChunkSizeBelowOneIsRefusedAtOnce(_ framework: Framework, _ size: Int) {
        let bench = Batches(framework)
        #expect(throws: TxaioError.invalidChunkSize(size)) { try bench.timer(1, size) }
        #expect("\(TxaioError.invalidChunkSize(size))" == "chunkSize must be at least 1, is \(size)")
    }

    @Test(arguments: Framework.all)
    func j17TheTimeIsThatOfTheLoopAtEachCall(_ framework: Framework) throws {
        let bench = Batches(framework)
        let timer = try bench.timer(1)
        _ = timer.callLater(1.0, bench.note("a"))
        bench.time.advance(7.25)
        _ = timer.callLater(1.0, bench.note("b"))
        #expect(bench.real.milliseconds == [1_000, 750])
        bench.time.advance(1)
        #expect(bench.seen.lines == ["a@1000", "b@8000"])
    }

    private static func checkProcessTimer(_ framework: Framework) async throws {
        try framework.select()
        let timer = try Txaio.makeBatchedTimer(secondsPerBucket: 0.001, rounding: .up)
        let seen = Seen()
        for _ in 0..<2 {
            try replaceLoop(VirtualClock()) { clock in
                _ = timer.callLater(.seconds(5)) { seen.add("virtual") }
                clock.advance(by: .seconds(4.9))
                seen.add("4.9 s")
                clock.advance(by: .seconds(0.2))
            }
            await withCheckedContinuation { continuation in
                _ = timer.callLater(.milliseconds(5)) {
                    seen.add("real")
                    continuation.resume()
                }
            }
        }
        #expect(seen.lines == ["4.9 s", "virtual", "real", "4.9 s", "virtual", "real"])
    }

    @Test func j17ATimerOfTheProcessGoesByTheLoopThatIsSetAtEachCall() async {
        await #expect(processExitsWith: .success) { try await Self.checkProcessTimer(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try await Self.checkProcessTimer(.nio) }
        #endif
    }
}
