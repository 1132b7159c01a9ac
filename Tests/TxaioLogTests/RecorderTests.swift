import Dispatch
import Foundation
import Testing
import TxaioTesting

@testable import TxaioLog

/// The recorder is the process's, so each test of delivery has a process of its own.
@Suite("The flight recorder") struct RecorderTests {
    private static func setup(
        _ emitters: [EmitterSetup],
        isQueued: Bool = false,
        bytes: Int = 64 << 10,
        total: Int = 16 << 20,
        slower: Duration? = nil
    ) throws -> LoggingSetup {
        LoggingSetup(
            emitters: emitters,
            delivery: isQueued ? .queued(QueueOptions()) : .direct,
            recorder: try FlightRecorder(
                [LevelRule(pattern: "Recorded", level: .trace)],
                bytes: bytes,
                total: total,
                slower: slower
            )
        )
    }

    @Test(arguments: [false, true])
    func whatAScopeKeptIsWrittenBeforeItsErrorAndOnlyThen(_ isQueued: Bool) async {
        await #expect(processExitsWith: .success) { [isQueued] in
            let (all, capped) = (CapturingEmitter(), CapturingEmitter(name: "capped"))
            let session = try startLogging(
                Self.setup([EmitterSetup(all), EmitterSetup(capped, level: .info)], isQueued: isQueued)
            )
            let (log, other) = (makeLogger("Recorded.Type").bind(bound: 1), makeLogger("Other"))
            func serve(_ id: Int, fails: Bool) {
                withLogContext(["id": id]) {
                    log.trace("trace {n}", ("n", id))
                    log.info("info {n}", ("n", id))
                    withLogContext(["inner": true]) { log.debug("debug {n}", ("n", id)) }
                    log.emit(.debug, "run-time {n}", ["n": id])
                    other.debug("of another namespace")
                    if fails { log.error("error {n}", ("n", id)) }
                    log.debug("after {n}", ("n", id))
                }
            }
            log.debug("in no scope")
            serve(1, fails: false)
            serve(2, fails: true)
            serve(3, fails: false)
            #expect(session.shutdown(within: .seconds(60)))
            let announcement = "3 events recorded in this scope follow: it logged an error; 0 more were lost."
            #expect(
                all.messages == [
                    "info 1", "info 2", announcement, "trace 2", "debug 2", "run-time 2", "error 2", "after 2",
                    "info 3",
                ],
                "\(all.messages)"
            )
            #expect(capped.messages == ["info 1", "info 2", announcement, "error 2", "info 3"])
            #expect(all.events.map(\.sequence) == (1...UInt64(9)).map { $0 })
            #expect(all.events[2].fields.map(\.name).contains("id"))
            #expect(all.events[4].fields.map(\.name) == ["n", "bound", "inner", "id"], "\(all.events[4].fields)")
            // Each has its own time, so what came between is told in its place.
            #expect(all.events[3].time < all.events[1].time)
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.offered == 9 && ledger.refused == 0, "\(ledger)")
            let counts = ledger.recorded
            #expect(counts == RecorderCounts(kept: 11, written: 3, lost: 0, discarded: 8, held: 0), "\(counts)")
        }
    }

    @Test func aScopeThatTakesTooLongIsToldWhileItIsStillOpen() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(all)], slower: .seconds(3_600)))
            let log = makeLogger("Recorded")
            withLogContext(["id": "quick"]) { log.debug("quick") }
            try session.change(to: Self.setup([EmitterSetup(all)], slower: .milliseconds(30)))
            withLogContext(["id": "hangs"]) {
                log.debug("before")
                let end = Clocks.monotonic() + 20_000_000_000
                while all.messages.count < 2, Clocks.monotonic() < end { usleep(1_000) }
                #expect(
                    all.messages == [
                        "1 events recorded in this scope follow: it takes too long; 0 more were lost.", "before",
                    ],
                    "\(all.messages)"
                )
                log.debug("as it comes")
                #expect(all.messages.last == "as it comes")
            }
            #expect(session.shutdown())
            #expect(session.ledger.isBalanced && session.ledger.recorded.written == 1, "\(session.ledger)")
            #expect(!all.messages.contains("quick"))
        }
    }

    @Test func theOldestGiveWayAndThatIsTold() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(all)], bytes: 4 << 10))
            let log = makeLogger("Recorded")
            withLogContext(["id": 1]) {
                for number in 0..<1_000 { log.debug("n {n}", ("n", number)) }
                log.debug("too large for it: {text}", ("text", String(repeating: "x", count: 5_000)))
                log.debug("last")
                log.critical("end")
            }
            #expect(session.shutdown())
            let numbers = all.messages.compactMap { $0.hasPrefix("n ") ? Int($0.dropFirst(2)) : nil }
            let counts = session.ledger.recorded
            #expect(all.messages.suffix(2) == ["last", "end"])
            #expect(counts.kept == 1_002 && counts.lost > 900 && counts.isBalanced, "\(counts)")
            #expect(numbers == Array((1_000 - numbers.count)..<1_000).suffix(numbers.count), "\(numbers)")
            let told =
                "\(counts.written) events recorded in this scope follow: it logged an error; \(counts.lost) more were lost."
            #expect(all.messages.first == told)
        }
    }

    @Test func allScopesTogetherTakeNoMoreThanTheTotal() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(all)], total: 8 << 10))
            let log = makeLogger("Recorded")
            @Sendable func nest(_ depth: Int) {
                // Scopes of tasks of their own are open at the same time.
                let done = DispatchSemaphore(value: 0)
                Thread.detachNewThread {
                    withLogContext(["depth": depth]) {
                        log.debug("kept {n}", ("n", depth))
                        if depth < 3 { nest(depth + 1) }
                        log.error("failed {n}", ("n", depth))
                    }
                    done.signal()
                }
                done.wait()
            }
            nest(0)
            #expect(session.shutdown())
            let counts = session.ledger.recorded
            #expect(counts == RecorderCounts(kept: 4, written: 2, lost: 2, discarded: 0, held: 0), "\(counts)")
            #expect(all.messages.filter { $0.hasPrefix("kept") } == ["kept 1", "kept 0"], "\(all.messages)")
        }
    }

    @Test func itFollowsTasksAndWhatIsKeptIsDiscardedOnceNothingHoldsTheScope() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(all)]))
            let log = makeLogger("Recorded")
            let task = await withLogContext(["id": 1]) {
                log.debug("in the scope")
                return Task {
                    log.debug("in a task that outlives it")
                    log.error("failed")
                }
            }
            await task.value
            await withLogContext(["id": 2]) {
                await Task.detached { log.debug("of nobody") }.value
                async let child: Void = log.debug("of a child")
                await child
            }
            #expect(session.shutdown())
            #expect(all.messages.suffix(3) == ["in the scope", "in a task that outlives it", "failed"])
            let counts = session.ledger.recorded
            #expect(counts == RecorderCounts(kept: 3, written: 2, lost: 0, discarded: 1, held: 0), "\(counts)")
        }
    }

    @Test func whatEmittersLogIsNotTheirCallers() async {
        await #expect(processExitsWith: .success) {
            final class Talker: LogEmitter {
                let name = "talker"
                func emit(_ event: borrowing LogEvent) -> Acceptance {
                    let log = makeLogger("Recorded.Talker")
                    log.debug("never kept")
                    if event.level == .info { log.error("fails nobody") }
                    return .handedOver
                }
            }
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(Talker()), EmitterSetup(all)]))
            let log = makeLogger("Recorded")
            withLogContext(["id": 1]) {
                log.debug("kept")
                log.info("info")
            }
            #expect(session.shutdown())
            #expect(all.messages == ["fails nobody", "info"], "\(all.messages)")
            #expect(session.ledger.recorded.kept == 1 && session.ledger.isBalanced)
        }
    }

    @Test func scopesThatEndJustAsTheyAreTooSlowAreWrittenOnceOrNotAtAll() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let session = try startLogging(Self.setup([EmitterSetup(all)], slower: .milliseconds(1)))
            let log = makeLogger("Recorded")
            let group = DispatchGroup()
            for thread in 0..<4 {
                group.enter()
                Thread.detachNewThread {
                    for number in 0..<200 {
                        withLogContext(["id": number]) {
                            log.debug("kept {t} {n}", ("t", thread), ("n", number))
                            usleep(UInt32(700 + number * 3))
                        }
                    }
                    group.leave()
                }
            }
            group.wait()
            #expect(session.shutdown())
            let kept = all.messages.filter { $0.hasPrefix("kept") }
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.recorded.kept == 800 && ledger.recorded.held == 0, "\(ledger)")
            #expect(Set(kept).count == kept.count && kept.count == Int(ledger.recorded.written))
        }
    }

    @Test func aChangeTurnsItOnAndOffAndThreadsLoseNothing() async {
        await #expect(processExitsWith: .success) {
            let all = CapturingEmitter()
            let with = try Self.setup([EmitterSetup(all)])
            var without = with
            without.recorder = nil
            let session = try startLogging(without)
            let log = makeLogger("Recorded")
            #expect(log.level == .info)
            let group = DispatchGroup()
            for thread in 0..<4 {
                group.enter()
                Thread.detachNewThread {
                    for number in 0..<500 {
                        withLogContext(["id": number]) {
                            log.debug("kept")
                            if number % 10 == 0 { log.error("error {t} {n}", ("t", thread), ("n", number)) }
                        }
                    }
                    group.leave()
                }
            }
            for turn in 0..<50 { try session.change(to: turn % 2 == 0 ? with : without) }
            group.wait()
            #expect(session.shutdown())
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.recorded.held == 0, "\(ledger)")
            #expect(all.messages.count { $0.hasPrefix("error") } == 200)
            #expect(all.messages.count { $0 == "kept" } == Int(ledger.recorded.written))
        }
    }

    @Test func aChildProcessHasNothingToDoWithWhatItsParentKept() async throws {
        let run = try await LogProbeRun("recorder-fork")
        #expect(run["child"] == "0")
        #expect(run["parent"] == "the parent's, error")
        #expect(run["recorded"] == "2 1 1")
    }

    // ------------------------------------------------------------------------------------------------ the ring

    @Test(arguments: 0..<20)
    func theRingHoldsTheLatestInOrderWhateverTheirSizes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ring = RecordingRing()
        var model: [UInt64] = []
        let limit = 4_096 * Int.random(in: 1...8, using: &random)
        for number in 0..<2_000 as Range<UInt64> {
            let size = Int.random(in: (RecordLayout.header + 1)...(seed % 2 == 0 ? 300 : 6_000), using: &random)
            let record = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
            defer { record.deallocate() }
            record.initializeMemory(as: UInt8.self, repeating: UInt8(truncatingIfNeeded: number), count: size)
            record.storeBytes(of: UInt32(size), toByteOffset: RecordLayout.size, as: UInt32.self)
            record.storeBytes(of: number, toByteOffset: RecordLayout.sequence, as: UInt64.self)
            for place in [RecordLayout.bound, RecordLayout.scope] {
                record.storeBytes(of: 0, toByteOffset: place, as: UInt64.self)
            }
            let before = ring.capacity
            let (gaveWay, isKept) = ring.push(record, limit: limit) { _ in number % 3 != 0 }
            if isKept { model.append(number) }
            #expect(isKept || gaveWay == 0 && size > before, "what fits into the ring finds room")
            model.removeFirst(gaveWay)
            var found: [UInt64] = []
            ring.visit { record in
                let sequence = record.load(fromByteOffset: RecordLayout.sequence, as: UInt64.self)
                let last = Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self)) - 1
                #expect(record.load(fromByteOffset: last, as: UInt8.self) == UInt8(truncatingIfNeeded: sequence))
                found.append(sequence)
            }
            #expect(found == model)
            #expect(ring.count == model.count && ring.capacity <= limit)
            if found != model { break }
        }
    }
}
