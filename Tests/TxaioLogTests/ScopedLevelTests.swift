import Foundation
import Testing
import TxaioTesting

@testable import TxaioLog

/// Rules hold for a process, so each test of delivery has one of its own.
@Suite("Levels by context") struct ScopedLevelTests {
    /// Keeps messages and numbers.
    private final class Keeper: LogEmitter {
        let name: String
        private let state = Lock([(message: String, number: UInt64)]())
        init(_ name: String) { self.name = name }
        var messages: [String] { state.withLock { $0.map(\.message) } }
        var numbers: [UInt64] { state.withLock { $0.map(\.number) } }
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let one = (event.message, event.sequence)
            state.withLock { $0.append(one) }
            return .handedOver
        }
    }

    private static func scoped(_ condition: String, _ pattern: String, _ level: LogLevel) throws -> ScopedLevels {
        try ScopedLevels(when: ScopeCondition(parsing: condition), [LevelRule(pattern: pattern, level: level)])
    }

    @Test(arguments: [false, true])
    func onlyWhatIsLoggedWithinTheScopeIsRaisedAndNothingElseIsOffered(_ isQueued: Bool) async {
        await #expect(processExitsWith: .success) { [isQueued] in
            let (all, loud, capped) = (Keeper("all"), Keeper("loud"), Keeper("capped"))
            let rules = try LevelRules(parsing: "info,loud:Scoped=debug")
            let session = try startLogging(
                LoggingSetup(
                    emitters: [EmitterSetup(all), EmitterSetup(loud), EmitterSetup(capped, level: .warn)],
                    rules: rules,
                    delivery: isQueued ? .queued(QueueOptions()) : .direct,
                    scoped: [
                        try Self.scoped("request.id=abc", "Scoped", .trace), try Self.scoped("n=7", "Scoped.N", .debug),
                    ]
                )
            )
            let (log, other, number) = (makeLogger("Scoped.Type"), makeLogger("Other"), makeLogger("Scoped.N"))
            func say(_ place: String) {
                log.trace("trace {p}", ("p", place))
                log.debug("debug {p}", ("p", place))
                log.info("info {p}", ("p", place))
                other.debug("other {p}", ("p", place))
                // Prepared: a value of a type of one's own.
                log.emit(.trace, "run-time {p}", ["p": place])
            }
            say("outside")
            withLogContext(["request.id": "abd"]) { say("elsewhere") }
            withLogContext(["request.id": "abc"]) {
                say("inside")
                withLogContext(["more": 1]) { log.trace("trace deeper") }
                withLogContext(["request.id": "inner"]) { log.trace("trace hidden") }
            }
            withLogContext(["n": 7]) {
                number.debug("number")
                number.trace("too much")
                log.debug("debug of another")
            }
            log.warn("end")
            #expect(session.shutdown(within: .seconds(60)))
            let plain = ["info outside", "info elsewhere"]
            let inside = [
                "trace inside", "debug inside", "info inside", "run-time inside", "trace deeper", "number", "end",
            ]
            #expect(all.messages == plain + inside, "\(all.messages)")
            #expect(
                loud.messages == [
                    "debug outside", "info outside", "debug elsewhere", "info elsewhere", "trace inside",
                    "debug inside",
                    "info inside", "run-time inside", "trace deeper", "number", "debug of another", "end",
                ],
                "\(loud.messages)"
            )
            #expect(capped.messages == ["end"])
            // Each number was given to an event that some emitter got.
            #expect(loud.numbers == (1...UInt64(loud.numbers.count)).map { $0 }, "\(loud.numbers)")
            let ledger = session.ledger
            #expect(ledger.isBalanced && ledger.offered == 12 && ledger.refused == 0, "\(ledger)")
        }
    }

    @Test func theyFollowTasksAndEndByThemselvesOrByHand() async {
        await #expect(processExitsWith: .success) {
            let keeper = Keeper("all")
            let session = try startLogging(to: [keeper])
            let log = makeLogger("Scoped.Task")
            try setTemporaryLevels("Scoped=trace when tenant=acme for 10m")
            #expect(
                TemporaryLevelStore.shared.entries.map(\.levels.description) == [
                    "Scoped=trace when tenant=acme for 10m"
                ]
            )
            await withLogContext(["tenant": "acme"]) {
                await Task { log.trace("of a task") }.value
                async let child: Void = log.trace("of a child")
                await child
                await Task.detached { log.trace("of nobody") }.value
            }
            log.setLevel(.info)
            withLogContext(["tenant": "acme"]) { log.trace("by hand") }
            log.setLevel(.info, keep: false)
            resetTemporaryLevels()
            withLogContext(["tenant": "acme"]) { log.trace("too late") }
            #expect(session.shutdown())
            #expect(keeper.messages.filter { !$0.hasPrefix("Temporary") } == ["of a task", "of a child"])
        }
    }

    @Test func aCellOutsideOfTheRulesIsAsItWas() async {
        await #expect(processExitsWith: .success) {
            _ = try startLogging(
                LoggingSetup(emitters: [EmitterSetup(Keeper("all"))], scoped: [try Self.scoped("a=b", "Named", .trace)])
            )
            #expect(makeLogger("Named").level == .trace && makeLogger("Free").level == .info)
        }
    }

    @Test(arguments: [
        ("a=debug when", "a condition is written as 'request.id=abc', unlike '' at column 13"),
        ("a=debug when x", "a condition is written as 'request.id=abc', unlike 'x' at column 14"),
        ("a=debug when =x", "a condition is written as 'request.id=abc', unlike '=x' at column 14"),
        ("journal:a=debug when x=y", "'journal:a=debug' is for one emitter; with 'when' rules are for all"),
    ])
    func faultsAreToldWithTheirPlace(text: String, fault: String) {
        let error = #expect(throws: LevelRulesError.self) { try TemporaryLevels(parsing: text) }
        #expect(error?.description == fault)
    }

    @Test func textsNumbersAndTruthValuesAreComparedAsTheyAreWritten() throws {
        func holds(_ condition: String, _ fields: KeyValuePairs<StaticString, any LogValue>) throws -> Bool {
            let pairs = fields.map { (FieldName.literal($0.key), $0.value) }
            let encoded = try #require(EncodedFields.make(pairs, over: nil))
            return try ScopeCondition(parsing: condition).holds(in: encoded)
        }
        #expect(try holds("a=b=c", ["a": "b=c"]) && holds("n=-7", ["n": -7]) && holds("t=true", ["t": true]))
        #expect(try holds("d=1.5", ["d": 1.5]) && !holds("a=b", ["aa": "b"]) && !holds("a=b", ["a": "bb"]))
        #expect(try !holds("a=b", ["a": ["b"]]))
    }
}
