import Testing

@Suite("Queued delivery of a process")
struct QueueProcessTests {
    @Test func twoHundredThreadsShareAFewRings() async throws {
        let run = try await LogProbeRun("queued-threads")
        #expect(run["complete"] == "true" && run["sink"] == "20000")
        #expect(run["dropped"] == "0" && run["refused"] == "1")
        run.expectBalance()
    }

    @Test func everyEventMadeWhileLoggingEndsIsDeliveredOrRefused() async throws {
        let run = try await LogProbeRun("queued-shutdown")
        #expect(run["complete"] == "true" && run["sink-agrees"] == "true" && run["all"] == "160000")
        run.expectBalance()
    }

    @Test func aChildHasAQueueOfItsOwn() async throws {
        let run = try await LogProbeRun("queued-fork")
        #expect(run["statuses"] == "0" && run["complete"] == "true" && run["sink"] == "501")
        run.expectBalance()
    }

    @Test func theLedgerOfTheNextSessionAddsUp() async throws {
        let run = try await LogProbeRun("queued-sessions")
        for round in 0..<3 {
            #expect(run["complete-\(round)"] == "true" && run["dropped-\(round)"] == "true")
            #expect(run["balanced-\(round)"] == "true")
        }
    }

    @Test func ofManyStartsAtOnceOneIsDoneAndNoThreadIsLeft() async throws {
        let run = try await LogProbeRun("queued-starts")
        #expect(run["sessions"] == "1" && run["complete"] == "true" && run["sink"] == "1")
        #expect(run["threads-left"] == "false")
        run.expectBalance()
    }

    @Test func aStartWaitsForAnEndThatIsUnderWay() async throws {
        let run = try await LogProbeRun("start-stopping")
        #expect(run["complete"] == "true" && run["sink"] == "1")
        run.expectBalance()
    }

    @Test func recordsThatLeaveTheirPlaceInTheRingArriveWholeAndInOrder() async throws {
        let run = try await LogProbeRun("queued-in-place")
        #expect(run["complete"] == "true" && run["missing"] == "0" && run["wrong"] == "0" && run["numbered"] == "true")
        run.expectBalance()
    }
}
