import Testing
import TxaioLog
import TxaioTesting

/// Captures of other tests raise levels meanwhile, so those that look at levels have a process of their own.
@Suite("Temporary levels")
struct TemporaryLevelTests {
    private static func rulesOf(_ text: String) -> String? {
        TemporaryLevelStore.shared.entries.map(\.levels.rulesText).first { $0 == text }
    }

    private static func waitUntil(_ condition: () -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if condition() { return true }
            try await Task.sleep(for: .milliseconds(2))
        }
        return false
    }

    @Test(arguments: [
        ("A=trace for 10m", "A=trace for 10m"), ("debug for 90s", "debug for 90s"), ("A=warn", "A=warn"),
        (" A = debug , journal:B*=info\tfor  1500 ms ", "A=debug,journal:B*=info for 1500ms"),
        ("for=debug for 60s", "for=debug for 1m"), ("A=info for 10min", "A=info for 10m"),
        ("A=info for 366d", "A=info for 366d"), ("A=info for 48h", "A=info for 2d"),
    ])
    func rulesAndASpanOfTimeAreRead(text: String, shown: String) throws {
        let levels = try TemporaryLevels(parsing: text)
        #expect(levels.description == shown)
        #expect(try TemporaryLevels(parsing: shown) == levels)
    }

    @Test(arguments: [
        ("", "a rule is missing at column 1"),
        (" for 10m", "a rule is missing at column 1"),
        ("A=debgu for 10m", "unknown level 'debgu' at column 3; did you mean 'debug'?"),
        ("A=debug for", "a span of time is written as '90s', '10m', '2h' or '1d'; it is missing at column 12"),
        ("A=debug for 10", "a span of time is written as '90s', '10m', '2h' or '1d', unlike '10' at column 13"),
        (
            "A=debug for 10 weeks",
            "a span of time is written as '90s', '10m', '2h' or '1d', unlike '10 weeks' at column 13"
        ),
        ("A=debug for 0s", "'0s' is not between 1ms and 366d at column 13"),
        ("A=debug for 367d", "'367d' is not between 1ms and 366d at column 13"),
        (
            "A=debug for 99999999999999999999999d",
            "'99999999999999999999999d' is not between 1ms and 366d at column 13"
        ),
        ("A=debug for -1s", "a span of time is written as '90s', '10m', '2h' or '1d', unlike '-1s' at column 13"),
    ])
    func everyFaultIsToldWithItsPlace(text: String, fault: String) {
        let error = #expect(throws: LevelRulesError.self) { try TemporaryLevels(parsing: text) }
        #expect(error?.description == fault)
    }

    @Test func theyReachLivingLoggersAndEndByThemselves() async {
        await #expect(processExitsWith: .success) {
            let log = makeLogger("temporary.alone.Gateway")
            let before = log.level
            try setTemporaryLevels("temporary.alone=trace for 50ms")
            #expect(log.level == .trace || Self.rulesOf("temporary.alone=trace") == nil)
            #expect(try await Self.waitUntil { Self.rulesOf("temporary.alone=trace") == nil && log.level == before })
        }
    }

    @Test func theyStandAboveTheRulesAndBelowALevelSetByHand() async {
        await #expect(processExitsWith: .success) {
            let (rules, hand) = (makeLogger("temporary.order.A"), makeLogger("temporary.order.B", level: .warn))
            try setTemporaryLevels("temporary.order=trace for 1h")
            #expect(rules.level == .trace)
            #expect(hand.level == .warn)
            #expect(makeLogger("temporary.order.New").level == .trace)
            // Other rules, as after a reload, leave them in force.
            NamespaceRegistry.shared.changeRules { _ in }
            #expect(rules.level == .trace)
            try setTemporaryLevels("temporary.order=trace for 1ms")
            #expect(try await Self.waitUntil { Self.rulesOf("temporary.order=trace") == nil })
        }
    }

    @Test func theLatestDecidesWhereItSaysAnything() async {
        await #expect(processExitsWith: .success) {
            let (a, b) = (makeLogger("temporary.two.A"), makeLogger("temporary.two.A.B"))
            let base = a.level
            try setTemporaryLevels("temporary.two.A.B=critical for 1h")
            try setTemporaryLevels("temporary.two.A=debug for 1h")
            #expect(a.level == .debug)
            #expect(b.level == .debug)
            try setTemporaryLevels("temporary.two.A.B=critical for 1h")
            #expect(b.level == .critical)
            #expect(
                TemporaryLevelStore.shared.entries.count { $0.levels.rulesText == "temporary.two.A.B=critical" } == 1
            )
            for text in ["temporary.two.A.B=critical", "temporary.two.A=debug"] {
                try setTemporaryLevels("\(text) for 1ms")
            }
            #expect(try await Self.waitUntil { a.level == base && b.level == base })
        }
    }

    @Test func bothEndsAreToldThoughAllElseIsSilentAndTheThreadLeaves() async throws {
        let run = try await LogProbeRun("temporary")
        #expect(
            run.values["event"] == [
                "info TxaioConfiguration Temporary levels 'Gateway=trace' hold for 2s.",
                "trace Gateway within",
                "info TxaioConfiguration Temporary levels 'Gateway=trace' have ended.",
            ]
        )
        #expect(run["ended"] == "true" && run["complete"] == "true")
        #expect(run["threads-before"] == "false" && run["threads-within"] == "true" && run["threads-after"] == "false")
        run.expectBalance()
    }

    @Test func aChildProcessEndsWhatItInherits() async throws {
        let run = try await LogProbeRun("temporary-fork")
        #expect(run["child"] == "0" && run["ended"] == "true" && run["complete"] == "true")
        run.expectBalance()
    }
}
