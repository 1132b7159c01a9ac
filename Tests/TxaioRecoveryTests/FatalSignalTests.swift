import Foundation
import Testing

/// A service that asked for it hands over what it has before it dies, and dies as it would have.
@Suite("Signals that end the process", .serialized, .timeLimit(.minutes(10))) struct FatalSignalTests {
    static let count = 1_000

    private static func crash(_ way: String, _ handled: String, _ place: RingPlace) async throws -> ProbeRun {
        try await ProbeRun("crash", way, handled, place.path, "\(place.path)/out.jsonl")
    }

    @Test(arguments: [
        ("trap", SIGILL), ("trap-other", SIGILL), ("segv", SIGSEGV), ("segv-other", SIGSEGV), ("abort", SIGABRT),
        ("abort-other", SIGABRT), ("overflow", SIGSEGV), ("overflow-other", SIGSEGV), ("SIGBUS", SIGBUS),
        ("SIGFPE", SIGFPE), ("SIGTRAP", SIGTRAP), ("SIGSEGV", SIGSEGV), ("SIGILL-other", SIGILL),
    ])
    func whatCameBeforeIsInTheSinkAndTheProcessDiesOfItsSignal(way: String, signal: Int32) async throws {
        let place = try RingPlace()
        let run = try await Self.crash(way, "with", place)
        #if arch(x86_64)
        #expect(run.isSignal && run.status == signal, "\(run.status) \(run.output)")
        #endif
        #expect(try place.events().map(\.n) == (0..<Self.count).map { $0 })
        // The file was left, with nothing in it.
        #expect(place.ringFiles.count == 1)
        let recovery = try await place.recovery(into: "rest.jsonl")
        #expect(recovery["recovered"] == "0" && recovery["files"] == "1", "\(recovery.output)")
    }

    /// The same death without the handler: the status is the same, the events wait for the next start.
    @Test(arguments: ["trap", "segv-other", "abort", "overflow", "overflow-other", "SIGTRAP", "two", "deliverer"])
    func theStatusIsThatOfTheSameDeathWithoutIt(way: String) async throws {
        let (one, other) = (try RingPlace(), try RingPlace())
        let with = try await Self.crash(way, "with", one)
        let without = try await Self.crash(way, "without", other)
        #expect(with.isSignal && without.isSignal && with.status == without.status, "\(with.status) \(without.status)")
        for place in [one, other] { try await Self.expectEveryEvent(place, threads: way == "two" ? 2 : 1) }
    }

    /// What is not in the sink is recovered; what comes twice is marked, a batch at most.
    private static func expectEveryEvent(_ place: RingPlace, threads: Int) async throws {
        let sink = URL(fileURLWithPath: "\(place.path)/out.jsonl")
        let written = try Data(contentsOf: sink)
        _ = try await place.recovery(into: "rest.jsonl")
        // A line may have been under way.
        let whole = written.lastIndex(of: UInt8(ascii: "\n")).map { written[...$0] } ?? Data()
        let (first, rest) = (try Event.all(in: whole), try place.events(in: "rest.jsonl"))
        let early = Set(first.map(\.log_seq))
        #expect(early.count == first.count && Set(rest.map(\.log_seq)).count == rest.count)
        #expect(rest.allSatisfy { !early.contains($0.log_seq) || $0.log_maybe_repeated == true })
        #expect(rest.count { $0.log_maybe_repeated == true } <= 256)
        for thread in 0..<threads {
            let own = Set((first + rest).filter { $0.t == thread }.compactMap(\.n))
            // The other thread's crash may come before this one has logged all.
            #expect(own == Set(0..<own.count) && (threads > 1 || own.count == count))
        }
        #expect(first.count + rest.count >= count)
    }

    @Test func twoThreadsThatCrashAtOnceLoseNothingThatCameBefore() async throws {
        let place = try RingPlace()
        let run = try await Self.crash("two", "with", place)
        #expect(run.isSignal && run.status == SIGSEGV)
        // The first to crash waits for its own events at least.
        let events = try place.events()
        #expect((0..<2).contains { thread in events.count { $0.t == thread } == Self.count })
    }

    @Test func anEmitterThatDoesNotReturnDelaysTheEndByASecondAtMost() async throws {
        let place = try RingPlace()
        let began = ContinuousClock.now
        let run = try await Self.crash("stuck", "with", place)
        #expect(run.isSignal && run.status == SIGSEGV)
        #expect(began.duration(to: .now) >= .seconds(1) && began.duration(to: .now) < .seconds(25))
        let recovery = try await place.recovery(into: "rest.jsonl")
        #expect(recovery["recovered"] == "\(Self.count)", "\(recovery.output)")
    }

    /// Swift's handler was there before, and sees the signal as if nobody had been between.
    @Test(arguments: ["segv", "trap-other", "abort", "deliverer"])
    func swiftsBacktraceComesAllTheSame(way: String) async throws {
        var crashes: [String: [String]] = [:]
        for handled in ["with", "without"] {
            let place = try RingPlace()
            let process = ProbeRun.process(["crash", way, handled, place.path, "\(place.path)/out.jsonl"])
            process.environment?["SWIFT_BACKTRACE"] =
                "enable=yes,color=no,interactive=no,symbolicate=off,threads=crashed,output-to=stderr"
            let (errors, output) = (Pipe(), Pipe())
            process.standardError = errors
            process.standardOutput = output
            try process.run()
            let text = await Task.detached { errors.fileHandleForReading.readDataToEndOfFile() }.value
            await Task.detached { process.waitUntilExit() }.value
            #expect(process.terminationReason == .uncaughtSignal)
            // "Program crashed: Bad pointer dereference at 0x8", and how many frames there are; addresses differ.
            let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
            crashes[handled] =
                lines.filter { $0.contains("rogram crashed") }.map { String($0.prefix { $0 != "0" }) }
                + [
                    "\(process.terminationStatus)",
                    "\(lines.count { $0.contains(" in CrashProbe") || $0.contains("[ra]") })",
                ]
        }
        #expect(crashes["with"] == crashes["without"], "\(crashes)")
        #expect(crashes["with"]?.count == 3, "\(crashes)")
    }
}
