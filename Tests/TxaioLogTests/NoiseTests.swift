import Foundation
import Testing
import TxaioTesting

@testable import TxaioLog

/// Rules hold for a process, so each test of delivery has one of its own.
@Suite("Noise") struct NoiseTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aRateLetsABurstPassAndThenAsManyAsItSays() throws {
        let rule = try NoiseRule("*", rate: .init(10, burst: 3))
        var site = NoiseSite()
        func judge(_ time: Int64) -> NoiseReason? { site.judge(rule, at: time, content: 0) }
        #expect((0..<5).map { _ in judge(0) } == [nil, nil, nil, .rate, .rate])
        #expect(site.held[0] == 2 && site.tellAt == Self.second)
        #expect(judge(Self.second / 10) == nil && judge(Self.second / 10) == .rate)
        // A clock that goes back gives nothing away.
        #expect(judge(0) == .rate)
        #expect((0..<4).map { _ in judge(100 * Self.second) } == [nil, nil, nil, .rate])
        #expect(site.takeHeld() == [5, 0, 0] && !site.hasHeld)
    }

    @Test func whatIsSetLaterIsWithinTheSameLimits() throws {
        var rule = try NoiseRule("*", rate: .init(10), sample: 3, fold: .seconds(1))
        rule.sample = 0
        rule.fold = .seconds(-1)
        rule.rate?.count = .min
        rule.rate?.span = .zero
        rule.rate?.burst = -7
        #expect(
            rule
                == (try NoiseRule(
                    "*",
                    rate: .init(1, per: .milliseconds(1), burst: 1),
                    sample: 1,
                    fold: .milliseconds(1)
                ))
        )
        rule.sample = .max
        #expect(rule.sample == 1_000_000)
        var site = NoiseSite()
        #expect(site.judge(rule, at: 0, content: 0) == nil)
    }

    @Test func aSampleIsTheFirstOfEachSoMany() throws {
        let rule = try NoiseRule("*", sample: 3)
        var site = NoiseSite()
        #expect(
            (0..<7).map { time in site.judge(rule, at: time, content: 0) == nil } == [
                true, false, false, true, false, false, true,
            ]
        )
    }

    @Test func theSameIsFoldedForAWhile() throws {
        let rule = try NoiseRule("*", fold: .seconds(5))
        var site = NoiseSite()
        func judge(_ time: Int64, _ content: Int) -> NoiseReason? {
            site.judge(rule, at: time * Self.second, content: content)
        }
        #expect([judge(0, 1), judge(1, 1), judge(4, 1)] == [nil, .fold, .fold])
        #expect(site.tellAt == 5 * Self.second)
        #expect([judge(5, 1), judge(6, 2), judge(6, 1), judge(7, 1)] == [nil, nil, nil, .fold])
    }

    /// Keeps messages, numbers and levels.
    private final class Keeper: LogEmitter {
        let name = "keeper"
        private let state = Lock([String]())
        var messages: [String] { state.withLock { $0 } }
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let message = event.message
            state.withLock { $0.append(message) }
            return .handedOver
        }
    }

    @Test(arguments: [false, true])
    func whatIsHeldBackIsCountedAtEachEmitterAndTold(_ isQueued: Bool) async {
        await #expect(processExitsWith: .success) { [isQueued] in
            let (one, two) = (Keeper(), CapturingEmitter(name: "two"))
            var queue = QueueOptions()
            queue.overflow = .block(upTo: .seconds(30))
            let session = try startLogging(
                LoggingSetup(
                    emitters: [EmitterSetup(one), EmitterSetup(two)],
                    delivery: isQueued ? .queued(queue) : .direct,
                    noise: [
                        try NoiseRule("Noise", rate: .init(5, per: .seconds(3_600))),
                        try NoiseRule("Noise.Sampled", sample: 10),
                        try NoiseRule("Noise.Folded", fold: .seconds(3_600)),
                    ]
                )
            )
            let threads = (0..<4).map { _ in
                let thread = Thread {
                    let log = makeLogger("Noise.Rate")
                    for number in 0..<500 {
                        log.info("often {n}", ("n", number))
                        log.error("never held back {n}", ("n", number))
                    }
                }
                thread.start()
                return thread
            }
            for number in 0..<100 { makeLogger("Noise.Sampled").info("sampled {n}", ("n", number)) }
            for number in 0..<100 { makeLogger("Noise.Folded").info("folded {n}", ("n", number / 50)) }
            for number in 0..<100 { makeLogger("Quiet").info("other {n}", ("n", number)) }
            while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
            #expect(session.flush())
            func count(_ prefix: String) -> Int { one.messages.count { $0.hasPrefix(prefix) } }
            #expect(count("often") == 5 && count("never") == 2_000 && count("sampled") == 10 && count("other") == 100)
            #expect(one.messages.filter { $0.hasPrefix("folded") } == ["folded 0", "folded 1"])
            #expect(count("1995 similar events suppressed (rate): info of Noise.Rate, 'often {n}'") == 1)
            #expect(count("90 similar events suppressed (sample): info of Noise.Sampled, 'sampled {n}'") == 1)
            #expect(count("98 similar events suppressed (fold): info of Noise.Folded, 'folded {n}'") == 1)
            let ledger = session.ledger
            #expect(ledger.suppressed == ["rate": 1_995, "sample": 90, "fold": 98])
            #expect(ledger.isBalanced && ledger.emitters.allSatisfy { $0.filtered == 1_995 + 90 + 98 })
            #expect(ledger.emitters.allSatisfy { $0.offered == ledger.delivered })
            #expect(two.messages.count == one.messages.count)
            #expect(session.shutdown())
        }
    }

    @Test func aChangeKeepsWhatIsKnownWhereTheRulesAreTheSameAndTellsTheRest() async {
        await #expect(processExitsWith: .success) {
            let keeper = Keeper()
            func setup(_ count: Int) throws -> LoggingSetup {
                LoggingSetup(
                    emitters: [EmitterSetup(keeper)],
                    noise: [try NoiseRule("*", rate: .init(count, per: .seconds(3_600)))]
                )
            }
            let session = try startLogging(setup(3))
            let log = makeLogger("Noise.Change")
            func say(_ count: Int) { for _ in 0..<count { log.info("again") } }
            say(5)
            try session.change(to: setup(3))
            say(5)
            #expect(keeper.messages == ["again", "again", "again"])
            try session.change(to: setup(1))
            #expect(keeper.messages.last?.hasPrefix("7 similar events suppressed (rate)") ?? false)
            say(5)
            #expect(keeper.messages.count { $0 == "again" } == 4)
            #expect(session.ledger.suppressed == ["rate": 11])
            #expect(session.shutdown())
            #expect(keeper.messages.last?.hasPrefix("4 similar events suppressed (rate)") ?? false)
        }
    }

    @Test func aRuleThatStaysTheSameGoesOnWhereOthersChange() async {
        await #expect(processExitsWith: .success) {
            let keeper = Keeper()
            func setup(_ other: Int) throws -> LoggingSetup {
                LoggingSetup(
                    emitters: [EmitterSetup(keeper)],
                    noise: [
                        try NoiseRule("Noise.Kept", rate: .init(2, per: .seconds(3_600))),
                        try NoiseRule("Noise", rate: .init(other, per: .seconds(3_600))),
                    ]
                )
            }
            let session = try startLogging(setup(1))
            let (kept, other) = (makeLogger("Noise.Kept"), makeLogger("Noise.Other"))
            func say() {
                for _ in 0..<3 {
                    kept.info("kept")
                    other.info("other")
                }
            }
            say()
            try session.change(to: setup(2))
            say()
            func count(_ message: String) -> Int { keeper.messages.count { $0 == message } }
            #expect(count("kept") == 2 && count("other") == 1 + 2)
            #expect(session.shutdown())
            // Told by whoever held it back, each once.
            let told = keeper.messages.compactMap { $0.contains("suppressed") ? Int($0.prefix { $0 != " " }) : nil }
            #expect(told.reduce(0, +) == 4 + 3 && session.ledger.suppressed == ["rate": 7] && session.ledger.isBalanced)
        }
    }

    @Test(arguments: [false, true])
    func theEndTellsWhatIsHeldBackAndScopesAreToldApartByWhatTheyHold(_ isQueued: Bool) async {
        await #expect(processExitsWith: .success) { [isQueued] in
            let keeper = Keeper()
            let session = try startLogging(
                LoggingSetup(
                    emitters: [EmitterSetup(keeper)],
                    delivery: isQueued ? .queued(QueueOptions()) : .direct,
                    noise: [try NoiseRule("Noise", fold: .seconds(3_600))]
                )
            )
            let log = makeLogger("Noise.Scopes")
            for request in 0..<300 {
                // Of one length, and each given up before the next: memory is used again.
                withLogContext(["request": 100 + request]) { log.info("done") }
                withLogContext(["request": 100 + request]) { log.info("done") }
            }
            #expect(session.shutdown(within: .seconds(60)))
            #expect(keeper.messages.count { $0 == "done" } == 300)
            #expect(keeper.messages.count { $0.hasPrefix("300 similar events suppressed (fold)") } == 1)
            #expect(session.ledger.isBalanced && session.ledger.refused == 0)
        }
    }

    @Test func itIsToldWithoutAnotherEvent() async {
        await #expect(processExitsWith: .success) {
            let keeper = Keeper()
            _ = try startLogging(
                LoggingSetup(
                    emitters: [EmitterSetup(keeper)],
                    noise: [try NoiseRule("*", rate: .init(1, per: .milliseconds(10)))]
                )
            )
            let log = makeLogger("Noise.Told")
            for _ in 0..<3 { log.info("again") }
            let isTold = (0..<2_000).contains { _ in
                keeper.messages.contains { $0.contains("similar events suppressed") } || usleep(5_000) != 0
            }
            #expect(isTold)
        }
    }

    @Test func moreCallSitesThanAreKnownAreTakenTogether() throws {
        final class Asking: LogEmitter {
            let name = "asking"
            let filter: NoiseFilter
            private let admitted = Lock(0)
            init(_ filter: NoiseFilter) { self.filter = filter }
            var count: Int { admitted.withLock { $0 } }
            func emit(_ event: borrowing LogEvent) -> Acceptance {
                if filter.admits(event) { admitted.withLock { $0 += 1 } }
                return .handedOver
            }
        }
        let filter = try #require(NoiseFilter([try NoiseRule("*", rate: .init(1, per: .seconds(3_600)))]))
        let asking = Asking(filter)
        withLogging(to: asking) {
            // Each template is a site of its own.
            for number in 0..<(NoiseFilter.siteLimit + 100) {
                makeLogger("noise.many").emit(.info, "t\(number) {x}", ["x": 1])
            }
        }
        // The common site of the rest lets one pass.
        #expect(asking.count == NoiseFilter.siteLimit + 1)
        #expect(filter.counts == [99, 0, 0])
    }
}
