import Testing
import TxaioLog
import TxaioTesting

@testable import TxaioCore

@Suite struct BucketedTimerTests {
    @Test func callsOfABucketShareOneRealTimer() throws {
        let bench = BatchBench()
        let timer = try bench.timer(5)
        for (name, delay) in [("a", 5.1), ("b", 9.9), ("c", 10.1), ("d", 5.0)] {
            _ = timer.callLater(delay) { bench.note(name) }
        }
        #expect(bench.milliseconds == [5_000, 10_000])
        bench.clock.advance(by: .seconds(20))
        #expect(bench.ran == ["a@5000", "b@5000", "d@5000", "c@10000"])
        #expect(bench.milliseconds == [5_000, 10_000])
    }

    @Test func aCallWhoseBucketHasBegunRunsAtOnceButNotInsideTheCall() throws {
        let bench = BatchBench()
        let timer = try bench.timer(10)
        _ = timer.callLater(9.9) { bench.note("early") }
        #expect(bench.ran.isEmpty)
        #expect(bench.milliseconds == [0])
        bench.clock.advance()
        #expect(bench.ran == ["early@0"])
    }

    @Test func roundingUpNeverFiresEarly() throws {
        let bench = BatchBench(startingAt: .milliseconds(300))
        let timer = try bench.timer(1, .up)
        _ = timer.callLater(.milliseconds(650)) { bench.note("a") }
        _ = timer.callLater(.milliseconds(700)) { bench.note("b") }
        _ = timer.callLater(.milliseconds(701)) { bench.note("c") }
        #expect(bench.milliseconds == [700, 1_700])
        bench.clock.advance(by: .seconds(5))
        #expect(bench.ran == ["a@1000", "b@1000", "c@2000"])
    }

    @Test func bucketsMayBeMuchShorterThanASecond() throws {
        let bench = BatchBench()
        let timer = try bench.timer(0.002)
        for delay in [1, 2, 3, 4, 5] { _ = timer.callLater(.milliseconds(delay)) { bench.note("\(delay)") } }
        bench.clock.advance(by: .seconds(1))
        #expect(bench.ran == ["1@0", "2@2", "3@2", "4@4", "5@4"])
    }

    @Test(arguments: [
        (3, 2, 1.0, ["0@0", "1@0", "2@500"]),
        (7, 2, 1.0, ["0@0", "1@0", "2@250", "3@250", "4@500", "5@500", "6@750"]),
        (4, 2, 1.0, ["0@0", "1@0", "2@500", "3@500"]),
        (2, 2, 1.0, ["0@0", "1@0"]),
        (3, 1, 0.3, ["0@0", "1@100", "2@200"]),
        (1, Int.max, 1.0, ["0@0"]),
    ])
    func chunksAreSpreadOverTheBucket(calls: Int, size: Int, bucket: Double, expected: [String]) throws {
        let bench = BatchBench()
        let timer = try bench.timer(bucket, chunks: size)
        for call in 0..<calls { _ = timer.callLater(0.0) { bench.note("\(call)") } }
        bench.clock.advance(by: .seconds(5))
        #expect(bench.ran == expected)
        // One real timer for the bucket, and one for each further chunk.
        #expect(bench.milliseconds.count == 1 + (calls - 1) / size)
        #expect(bench.realTimers == 0)
    }

    @Test func manyCallsRunOnceEachInOrder() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1, chunks: 33)
        for call in 0..<1_000 { _ = timer.callLater(1.0) { bench.note("\(call)") } }
        bench.clock.advance(by: .seconds(3))
        #expect(bench.ran.map { $0.prefix { $0 != "@" } } == (0..<1_000).map { "\($0)" })
        #expect(bench.milliseconds.count == 1 + 999 / 33)
    }

    @Test func cancellingRemovesThatCallAloneAndReleasesItsBodyAtOnce() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1)
        final class Held: Sendable {}
        weak var held: Held?
        _ = timer.callLater(1.0) { bench.note("a") }
        let call = {
            let object = Held()
            held = object
            return timer.callLater(1.0) { withExtendedLifetime(object) { bench.note("b") } }
        }()
        _ = timer.callLater(1.0) { bench.note("c") }
        #expect(held != nil)
        #expect(call.cancel())
        #expect(held == nil)
        #expect(!call.cancel())
        bench.clock.advance(by: .seconds(3))
        #expect(bench.ran == ["a@1000", "c@1000"])
        #expect(!call.cancel())
    }

    @Test(arguments: [1, 3, 4, 5, 100, 1_000])
    func cancellingTheLastCallOfABucketCancelsItsRealTimer(calls: Int) throws {
        let bench = BatchBench()
        let timer = try bench.timer(1)
        let first = (0..<calls).map { _ in timer.callLater(1.5) {} }
        let other = timer.callLater(2.5) { bench.note("other") }
        #expect(bench.realTimers == 2)
        for call in first.dropLast() { #expect(call.cancel()) }
        #expect(bench.realTimers == 2)
        #expect(first.last?.cancel() == true)
        #expect(bench.realTimers == 1)
        #expect(bench.milliseconds == [1_000, 2_000])
        // A call for the same time makes a new bucket.
        _ = timer.callLater(1.5) { bench.note("new") }
        #expect(bench.milliseconds == [1_000, 2_000, 1_000])
        bench.clock.advance(by: .seconds(5))
        #expect(bench.ran == ["new@1000", "other@2000"])
        #expect(!other.cancel())
    }

    @Test func aCallAddedAfterItsBucketFiredMakesANewOne() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1)
        let old = timer.callLater(1.0) {
            bench.note("old")
            _ = timer.callLater(0.2) { bench.note("inner") }
        }
        bench.clock.advance(by: .seconds(1))
        #expect(bench.ran == ["old@1000", "inner@1000"])
        let new = timer.callLater(0.2) { bench.note("new") }
        #expect(!old.cancel())
        #expect(bench.milliseconds == [1_000, 0, 0])
        bench.clock.advance()
        #expect(bench.ran.last == "new@1000")
        #expect(!new.cancel())
    }

    @Test func cancelIsEffectiveUntilTheVeryCall() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1, chunks: 2)
        let handles = Lock<[any DelayedCall]>([])
        let answers = Lock<[Bool]>([])
        let calls = (0..<6).map { call in
            timer.callLater(1.0) {
                bench.note("\(call)")
                guard call == 0 else { return }
                let others = handles.withLock { [$0[0], $0[1], $0[3]] }
                answers.withLock { $0 = others.map { $0.cancel() } }
            }
        }
        handles.withLock { $0 = calls }
        bench.clock.advance(by: .milliseconds(1_400))
        #expect(answers.withLock { $0 } == [false, true, true])
        #expect(bench.ran == ["0@1000", "2@1333"])
        #expect(calls[4].cancel())
        bench.clock.advance(by: .seconds(3))
        // Others keep their chunks.
        #expect(bench.ran == ["0@1000", "2@1333", "5@1666"])
        handles.withLock { $0 = [] }
    }

    @Test func callsThatWaitRunWhenTheTimerAndTheHandlesAreGone() throws {
        let bench = BatchBench()
        weak var gone: BucketedTimer?
        do {
            let timer = try bench.timer(1)
            gone = timer
            for call in 0..<50 { _ = timer.callLater(1.0) { bench.note("\(call)") } }
        }
        #expect(gone != nil)
        bench.clock.advance(by: .seconds(1))
        #expect(bench.ran.count == 50)
        #expect(gone == nil)
    }

    @Test func handlesMayOutliveTheTimer() throws {
        let bench = BatchBench()
        var handles: [any DelayedCall] = []
        weak var gone: BucketedTimer?
        do {
            let timer = try bench.timer(1)
            gone = timer
            for call in 0..<50 { handles.append(timer.callLater(Double(call % 3)) { bench.note("\(call)") }) }
        }
        for handle in handles.dropFirst(25) { #expect(handle.cancel()) }
        bench.clock.advance(by: .seconds(10))
        #expect(bench.ran.count == 25)
        for handle in handles { #expect(!handle.cancel()) }
        handles.removeAll()
        #expect(gone == nil)
    }

    @Test func whatATimeSourceForgetsIsCancelledAndReleased() throws {
        /// Keeps nothing.
        final class Forgetful: TimeSource {
            final class Call: DelayedCall { func cancel() -> Bool { false } }
            let kept = Lock<[@Sendable () -> Void]>([])
            var nanoseconds: Int64 { 0 }
            func callLater(nanoseconds: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
                kept.withLock { $0.append(body) }
                return Call()
            }
        }
        final class Held: Sendable {}
        let source = Forgetful()
        weak var held: Held?
        let timer = try BucketedTimer(
            secondsPerBucket: 1,
            chunkSize: 2,
            rounding: .down,
            source: { source },
            perform: { $0() }
        )
        let handles = {
            let object = Held()
            held = object
            return (0..<10).map { _ in timer.callLater(1.0) { withExtendedLifetime(object) {} } }
        }()
        #expect(held != nil)
        // Its first chunk runs; the real timer of the next is dropped.
        let bodies = source.kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
        for body in bodies { body() }
        #expect(held != nil)
        source.kept.withLock { $0 = [] }
        #expect(held == nil)
        for handle in handles { #expect(!handle.cancel()) }
        // Another bucket, dropped before its time.
        let late = timer.callLater(1.0) {}
        source.kept.withLock { $0 = [] }
        #expect(!late.cancel())
    }

    @Test func errorsOfCallsAreReportedOnceWithAllTexts() throws {
        let capture = CapturingEmitter()
        try withLogging(to: capture, level: .info) {
            let bench = BatchBench()
            let timer = try bench.timer(1, chunks: 2)
            for call in 0..<5 {
                _ = timer.callLater(1.0) {
                    bench.note("\(call)")
                    if call % 2 == 0 { throw Failure("call {\(call)} failed") }
                }
            }
            _ = timer.callLater(2.0) { bench.note("fine") }
            bench.clock.advance(by: .milliseconds(1_500))
            #expect(capture.events.isEmpty)
            bench.clock.advance(by: .seconds(3))
            #expect(bench.ran.count == 6)
        }
        let events = capture.events
        #expect(events.count == 1)
        #expect(events.first?.level == .error)
        #expect(events.first?.namespace == "TxaioCore.BatchedTimer")
        let texts = ["call {0} failed", "call {2} failed", "call {4} failed"]
        #expect(
            events.first?.message == "Error(s) processing call_later bucket:\n" + texts.joined(separator: "\n") + "\n"
        )
    }

    @Test func aBucketThatIsMuchTooLateIsLogged() throws {
        /// Its time is set by hand, its one timer rung by hand.
        final class Stuck: TimeSource {
            final class Call: DelayedCall { func cancel() -> Bool { false } }
            let now = Lock<Int64>(0)
            let body = Lock<(@Sendable () -> Void)?>(nil)
            var nanoseconds: Int64 { now.withLock { $0 } }
            func callLater(nanoseconds: Int64, _ body: @escaping @Sendable () -> Void) -> any DelayedCall {
                self.body.withLock { $0 = body }
                return Call()
            }
        }
        let capture = CapturingEmitter()
        try withLogging(to: capture, level: .info) {
            let source = Stuck()
            let timer = try BucketedTimer(
                secondsPerBucket: 1,
                chunkSize: 2,
                rounding: .up,
                source: { source },
                perform: { $0() }
            )
            for halves in [3, 4, 6] as [Int64] {
                _ = timer.callLater(1.0) {}
                source.now.withLock { $0 += halves * 500_000_000 }
                source.body.withLock { $0.take() }?()
            }
        }
        #expect(capture.messages == ["A bucket of delayed calls is 1500 ms late"])
        #expect(capture.events.first?.level == .warn)
    }

    @Test func chunkSizesBelowOneAreRefused() {
        let bench = BatchBench()
        for size in [0, -1, Int.min] {
            #expect(throws: TxaioError.invalidChunkSize(size)) { try bench.timer(1, chunks: size) }
        }
        #expect(throws: TxaioError.invalidBucket(0)) { try bench.timer(0, chunks: 0) }
    }

    @Test(
        arguments: [
            .nan, -.nan, .signalingNaN, -1, -0.0, 0, -.infinity, -1e300, .leastNonzeroMagnitude,
        ] as [Double],
        [BatchRounding.down, .up]
    )
    func delaysThatAreNoneRunInTheNextTurn(delay: Double, rounding: BatchRounding) throws {
        let bench = BatchBench(startingAt: .seconds(10))
        let timer = try bench.timer(1, rounding)
        _ = timer.callLater(delay) { bench.note("a") }
        #expect(bench.ran.isEmpty)
        bench.clock.advance()
        #expect(bench.ran == ["a@10000"])
    }

    @Test(arguments: [1e-9, 1, 1e9, 1e300], [BatchRounding.down, .up])
    func delaysWithoutEndNeverRunAndCanBeCancelled(bucket: Double, rounding: BatchRounding) throws {
        let bench = BatchBench(startingAt: .seconds(10))
        let timer = try bench.timer(bucket, rounding)
        final class Held: Sendable {}
        weak var held: Held?
        let calls = {
            let object = Held()
            held = object
            let body: @Sendable () -> Void = { withExtendedLifetime(object) { bench.note("never") } }
            return [
                timer.callLater(.infinity as Double, body), timer.callLater(1e300, body),
                timer.callLater(Duration(attoseconds: .max), body), timer.callLater(.nanoseconds(Int64.max), body),
            ]
        }()
        #expect(bench.realTimers == 0)
        bench.clock.advance(by: .seconds(1_000_000_000))
        #expect(bench.ran.isEmpty)
        for call in calls {
            #expect(call.cancel())
            #expect(!call.cancel())
        }
        #expect(held == nil)
    }

    @Test func whatIsCancelledTakesNoMoreThanABlockForEachCallThatWaits() throws {
        let bench = BatchBench()
        let timer = try bench.timer(1)
        let bucket = Bucket(number: 0)
        let waiting = Lock<[Int]>([])
        var survivors = 0
        for call in 0..<100_000 {
            let place = bucket.add({ waiting.withLock { $0.append(call) } }, of: timer)
            if call % 1_000 == 7 { survivors += 1 } else { #expect(place.cancel()) }
            place.release()
            #expect(bucket.blockCount <= survivors + 1)
            #expect(bucket.positionCount <= 2 * survivors + 3)
        }
        let taken = BucketStore.Taken(number: 0, blocks: bucket.takeBlocks(), count: survivors, alarm: nil)
        for block in taken.blocks { _ = block?.pointee.begin() }
        #expect(!BatchRun(taken, chunkSize: .max, bucketLength: 1).runChunk())
        #expect(waiting.withLock { $0 } == (0..<100).map { $0 * 1_000 + 7 })
    }

    @Test func callsRunInTheOrderOfAddingWhateverWasCancelledBetweenThem() throws {
        for seed: UInt64 in 1...20 {
            var random = SeededGenerator(seed: seed)
            let bench = BatchBench()
            let timer = try bench.timer(1)
            var calls: [(name: Int, call: any DelayedCall)] = []
            for name in 0..<2_000 {
                calls.append((name, timer.callLater(1.0) { bench.note("\(name)") }))
                // Whole blocks in the middle too, so that gaps are closed.
                if Int.random(in: 0..<60, using: &random) == 0 {
                    let start = Int.random(in: 0..<calls.count, using: &random)
                    let end = min(calls.count, start + 80)
                    for call in calls[start..<end] { #expect(call.call.cancel()) }
                    calls.removeSubrange(start..<end)
                }
            }
            bench.clock.advance(by: .seconds(50))
            #expect(bench.ran.map { $0.prefix { $0 != "@" } } == calls.map { "\($0.name)" })
        }
    }

    @Test(arguments: [0.000_2, 0.001, 0.003])
    func onARealLoopRoundingUpNeverFiresEarly(bucket: Double) async throws {
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let timer = try runtime.makeBatchedTimer(secondsPerBucket: bucket, chunkSize: .max, rounding: .up)
        let early = Lock(0)
        let left = Lock(20_000)
        await withCheckedContinuation { continuation in
            runtime.execute {
                for call in 0..<20_000 {
                    let delay = Int64(call * 7_919 % 60_000_000)
                    let due = Clocks.monotonic() + delay
                    _ = timer.callLater(.nanoseconds(delay)) {
                        if Clocks.monotonic() < due { early.withLock { $0 += 1 } }
                        let isLast = left.withLock { left in
                            left -= 1
                            return left == 0
                        }
                        if isLast { continuation.resume() }
                    }
                }
            }
        }
        #expect(early.withLock { $0 } == 0)
    }

    #if !canImport(ObjectiveC)
    @Test func aCallTakesAtMost64Bytes() {
        // A class's metadata: kind, superclass, 4 bytes of flags, 4 of address point, then the size of instances.
        let metadata = unsafeBitCast(BatchedCall.self as AnyClass, to: UnsafeRawPointer.self)
        let size = metadata.load(fromByteOffset: 24, as: UInt32.self)
        // Beside the handle, a call has an entry of two words in its block, and a share of that block's beginning.
        let block = MemoryLayout<BatchBlock>.stride + BatchBlock.mostCalls * MemoryLayout<BatchBlock.Entry>.stride
        #expect((40...64).contains(Int(size) + block / BatchBlock.mostCalls))
        // The caller's own share, in an array of handles.
        #expect(MemoryLayout<any DelayedCall>.size == 16)
    }
    #endif
}
