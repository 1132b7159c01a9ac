import Testing

/// What a process does once: start, levels, end. Statements L2 to L12 of txaio's behaviour.
@Suite("Start, levels and end of a process's logging")
struct DeliveryTests {
    @Test func l7EventsBeforeTheStartComeWithTheirOwnTimeAtTheStart() async throws {
        let run = try await LogProbeRun("start")
        #expect(run["count"] == "13")
        #expect(run["in-order"] == "true")
        #expect(run["scopes"] == "2")
        #expect(run["own-time"] == "true")
        // Of two threads one after the other the second may have the slot of the first.
        #expect(run["threads"] == "3" || run["threads"] == "2")
        #expect(run["templates"]?.hasSuffix("before, elsewhere|before, elsewhere|after") == true)
        run.expectBalance()
    }

    @Test func l5ASecondStartChangesNothing() async throws {
        let run = try await LogProbeRun("start-twice")
        #expect(run["same"] == "true" && run["faulty"] == "true")
        #expect(run["first"] == "1" && run["second"] == "0" && run["level"] == "warn")
        run.expectBalance()
    }

    @Test func whileThreadsLogAStartLosesNoEvent() async throws {
        let run = try await LogProbeRun("start-many")
        #expect(run["made-is-delivered"] == "true", "\(run.output)")
        #expect(run["sums-agree"] == "true")
        #expect(run["refused"] == "0" && run["waiting"] == "0")
        run.expectBalance()
    }

    @Test(arguments: ["order-direct", "order-direct-two", "order-queued", "order-queued-two"])
    func eachThreadsEventsStayInOrderAcrossAStart(_ part: String) async throws {
        let run = try await LogProbeRun(part)
        #expect(run["before"] == "true" && run["after"] == "true", "\(run.output)")
        #expect(Set(run.values["out-of-order"] ?? []) == ["0"], "\(run.output)")
        #expect(run["all"] == "true" && run["refused"] == "0")
        run.expectBalance()
    }

    @Test func aFaultySetupIsRefusedAndNothingIsChanged() async throws {
        let run = try await LogProbeRun("setup-errors")
        #expect(
            run.values["error"] == [
                "two emitters are both called one", "at most 16 emitters can be used at once, not 17",
                "the record limit must lie between 64 KiB and 256 MiB, not at 1",
            ]
        )
        #expect(run["level"] == "info" && run["nothing"] == "0" && run["all-16"] == "true")
        run.expectBalance()
    }

    @Test func l7TheBacklogIsBoundedAndItsOverflowCountedAndTold() async throws {
        let run = try await LogProbeRun("overflow")
        #expect(run["kept"] == "10000" && run["first-ones"] == "true")
        #expect(run["announced"] == "true" && run["announcements"] == "1")
        #expect(run["refused"] == "500")
        run.expectBalance()
    }

    @Test func l2L6L9L10L11L12LevelsReachLivingLoggers() async throws {
        let run = try await LogProbeRun("levels")
        #expect(run["default"] == "info" && run["l2-default-of-loggers"] == "info")
        #expect(run["l9-living"] == "warn" && run["l9-later"] == "warn" && run["l9-read"] == "warn")
        #expect(run["l10-explicit"] == "error")
        #expect(run["l6-at-start"] == "info" && run["l6-explicit"] == "error")
        #expect(run["l11-shown"] == "1" && run["l11-explicit-shown"] == "2")
        #expect(run["l10-given-up-later"] == "critical" && run["l10-given-up"] == "warn")
        #expect(run["l12-silent"] == "2")
    }

    @Test func rulesByNamespaceAndEmitterReachLivingLoggers() async throws {
        let run = try await LogProbeRun("rules")
        #expect(run["levels"] == "debug warn trace info")
        #expect(run["text"] == "5 3 6 4")
        #expect(run["journal"] == "5 3 2 4")
        run.expectBalance()
    }

    @Test func anEmittersMinimumHoldsWhateverRulesAndHandsSay() async throws {
        let run = try await LogProbeRun("minimum")
        #expect(run["all"] == "11" && run["few"] == "6" && run["level"] == "debug")
        #expect(run["few.filtered"] == "5")
        run.expectBalance()
    }

    @Test func namesMadeAtRunTimeAreBounded() async throws {
        let run = try await LogProbeRun("namespaces")
        #expect(run["quick"] == "true")
        #expect(run["first"] == "tenant.0" && run["beyond"] == "(too many namespaces)")
        #expect(run["events"] == "2")
    }

    @Test func afterTheEndEventsAreRefusedAndCounted() async throws {
        let run = try await LogProbeRun("shutdown")
        #expect(run["flushed"] == "true" && run["complete"] == "true" && run["closed"] == "true")
        #expect(run["again"] == "true")
        #expect(run["taken"] == "5" && run["refused"] == "3" && run["offered"] == "8")
        #expect(run["after-close"] == "0")
        run.expectBalance()
    }

    @Test func theLawIsExactAfterThreadsLoggedAcrossTheEnd() async throws {
        let run = try await LogProbeRun("shutdown-busy")
        for name in ["complete", "some-before", "some-after", "offered-is-made", "sink-agrees", "sinks-agree"] {
            #expect(run[name] == "true", "\(name): \(run.output)")
        }
        #expect(run["after-close"] == "0" && run["broken"] == "0")
        run.expectBalance()
    }

    @Test func anEmitterMayEndLogging() async throws {
        let run = try await LogProbeRun("shutdown-inside")
        #expect(run["ended"] == "true" && run["taken"] == "1" && run["refused"] == "2")
        run.expectBalance()
    }

    @Test func loggingCanBeStartedAnewAfterItsEnd() async throws {
        let run = try await LogProbeRun("restart")
        #expect(run["complete"] == "true" && run["old-has-no-say"] == "true")
        #expect(run["first"] == "one" && run["second"] == "two three")
        #expect(run["offered"] == "4" && run["refused"] == "1")
    }

    @Test func whatIsKeptBackIsFlushedAtExit() async throws {
        let run = try await LogProbeRun("exit")
        #expect(run.values["flushed-at-exit"] == ["6"])
    }
}
