import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// The same random programs on both frameworks: all that can be observed is equal.
@Suite struct TranscriptParityTests {
    private static let programsInAPart = 1_000

    /// The transcript of a program in virtual time.
    private func transcript(_ seed: UInt64, _ framework: Framework, _ emitter: TranscriptEmitter) throws -> [String] {
        let time = ManualTime(framework)
        let player = try Player(TxaioRuntime(loop: time.loop)) { time.advance(by: $0) }
        emitter.use(player)
        player.play(Program(seed: seed))
        emitter.use(nil)
        return player.transcript
    }

    /// The transcripts of programs on a loop with a thread of its own; time alone is virtual.
    private func transcripts(
        _ seeds: Range<UInt64>,
        onThreadOf framework: Framework,
        _ emitter: TranscriptEmitter
    ) async throws -> [[String]] {
        var transcripts: [[String]] = []
        for seed in seeds {
            let clock = VirtualClock()
            let runtime = framework.makeRuntime(timeSource: clock)
            transcripts.append(
                try await runtime.run {
                    let player = try Player(runtime) { clock.advance(by: $0) }
                    emitter.use(player)
                    player.play(Program(seed: seed))
                    emitter.use(nil)
                    return player.transcript
                }
            )
        }
        return transcripts
    }

    /// Where two transcripts part, with the lines before.
    private func difference(_ one: [String], _ other: [String]) -> String {
        let same = zip(one, other).prefix { $0 == $1 }.count
        return "after \(one[..<same].suffix(12)): \(one[same...].prefix(3)) against \(other[same...].prefix(3))"
    }

    @Test(arguments: UInt64(0)..<10)
    func tenThousandRandomProgramsHaveTheSameTranscriptOnEveryFramework(_ part: UInt64) throws {
        let count = UInt64(Self.programsInAPart)
        let emitter = TranscriptEmitter()
        try withLogging(to: emitter, level: .info) {
            for seed in (part * count)..<((part + 1) * count) {
                let expected = try transcript(seed, .concurrency, emitter)
                for framework in Framework.all where framework != .concurrency {
                    let found = try transcript(seed, framework, emitter)
                    if found != expected {
                        Issue.record("seed \(seed) on \(framework): \(difference(expected, found))")
                        return
                    }
                }
            }
        }
    }

    @Test(arguments: Framework.all)
    func theSameProgramsHaveTheSameTranscriptOnLoopsWithThreads(_ framework: Framework) async throws {
        let seeds: Range<UInt64> = 0..<500
        let emitter = TranscriptEmitter()
        try await withLogging(to: emitter, level: .info) {
            let found = try await transcripts(seeds, onThreadOf: framework, emitter)
            for (seed, found) in zip(seeds, found) {
                let expected = try transcript(seed, .concurrency, emitter)
                if found != expected {
                    Issue.record("seed \(seed) on \(framework): \(difference(expected, found))")
                    return
                }
            }
        }
    }

    @Test func programsAreTheSameInEveryRunAndDoAllThatThereIsToDo() throws {
        let emitter = TranscriptEmitter()
        let lines = try withLogging(to: emitter, level: .info) {
            let again = try transcript(7, .concurrency, emitter)
            #expect(try transcript(7, .concurrency, emitter) == again)
            return try (UInt64(0)..<500).flatMap { try transcript($0, .concurrency, emitter) }
        }
        for kind in [
            "callback ", "errback ", "canceller of", "timer of", "batched timer of", "slept until", "map ", "flatMap ",
            "gathered ", "info parity.transcript logged", "error TxaioCore.Future", "critical TxaioCore.Future",
            "error TxaioCore.Timer", "error TxaioCore.BatchedTimer",
        ] {
            #expect(lines.contains { $0.hasPrefix(kind) }, "\(kind)")
        }
        #expect(lines.contains { $0.contains(" throws The future is resolved, rejected or cancelled already.") })
        #expect(lines.contains { $0.contains("cancelled: true") } && lines.contains { $0.contains("cancelled: false") })
        #expect(lines.contains { $0.contains(" request int(") })
    }
}
