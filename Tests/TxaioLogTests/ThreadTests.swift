import Testing

@Suite("Threads, signals and fork")
struct ThreadTests {
    @Test func aSignalHandlerThatLogsNeitherBlocksNorHarmsOtherEvents() async throws {
        let run = try await LogProbeRun("signals")
        for name in ["handler-ran", "offered-is-made", "refused-are-handlers", "sink-agrees"] {
            #expect(run[name] == "true", "\(name): \(run.output)")
        }
        #expect(run["made"] == "240000" && run["broken"] == "0")
        run.expectBalance()
    }

    @Test(arguments: ["signals-new-threads", "queued-signals"])
    func aSignalHandlerMayLogOnThreadsThatBeginAndEndWhateverOfTheAllocatorTheyHold(_ part: String) async throws {
        let run = try await LogProbeRun(part)
        #expect(run["flushed"] == "true" && run["sink-agrees"] == "true")
        run.expectBalance()
    }

    #if arch(x86_64)
    @Test(arguments: ["steps-first-call", "steps-end"])
    func aSignalHandlerMayLogAtEachInstructionOfAThreadsFirstCallAndOfItsEnd(_ part: String) async throws {
        let run = try await LogProbeRun(part)
        #expect(run["complete"] == "true" && run["own"] == "true")
        #expect(run["strangers"] == "0", "an event has the number of a thread that had ended")
        #expect(run["dropped"] == "0", "rings of threads that ended are used again")
        run.expectBalance()
    }

    @Test(arguments: ["steps-malloc-start", "steps-malloc-queued"])
    func aSignalHandlerMayLogWhereverItInterruptsMalloc(_ part: String) async throws {
        let run = try await LogProbeRun(part)
        #expect(
            run["complete"] == "true" && run["own"] == "true" && Int(run["handled"] ?? "") ?? 0 > 100,
            "\(run.output)"
        )
        #expect(run["dropped"] == "0" && run["refused"] == "0")
        run.expectBalance()
    }
    #endif

    @Test func childrenOfAProcessInWhichThreadsLogGoOnLogging() async throws {
        let run = try await LogProbeRun("fork")
        #expect(run["statuses"] == "0")
        #expect(run["sink-agrees"] == "true")
        run.expectBalance()
    }

    @Test func forksFindLocksFreeThatAreTakenWithinEachOther() async throws {
        let run = try await LogProbeRun("fork-levels")
        #expect(run["statuses"] == "0" && run["complete"] == "true")
        run.expectBalance()
    }

    @Test func whatAChangeRetiredStaysTheParents() async throws {
        let run = try await LogProbeRun("fork-change")
        #expect(run["child"] == "0" && run["suppressed"] == "5" && run["retired"] == "1", "\(run.output)")
        #expect(run["balanced"] == "true", "\(run.output)")
    }

    @Test func whatIsLeftOfTheBacklogWhereAnEmitterForksStaysTheParents() async throws {
        let run = try await LogProbeRun("fork-start")
        #expect(run["child"] == "0" && run["parent"] == "6", "\(run.output)")
        run.expectBalance()
    }

    @Test func theBacklogStaysTheParents() async throws {
        let run = try await LogProbeRun("fork-backlog")
        #expect(run["child"] == "0" && run["parent"] == "3")
        run.expectBalance()
    }

    @Test func whatTheEventsOfThreadsTookIsGivenBackAtTheirEnd() async throws {
        let run = try await LogProbeRun("threads-memory")
        let (held, kept) = (run["held-kib"].flatMap(Int.init) ?? 0, run["kept-kib"].flatMap(Int.init) ?? .max)
        #expect(held > 200 * 100 && kept < held / 4, "\(run.output)")
        run.expectBalance()
    }

    @Test func twoThousandThreadsUseTheSameFewSlots() async throws {
        let run = try await LogProbeRun("threads")
        #expect(run["highest-slot-is-low"] == "true" && run["taken"] == "4080")
        #expect((run["grown-kib"].flatMap(Int.init) ?? .max) < 4_096)
        run.expectBalance()
    }
}
