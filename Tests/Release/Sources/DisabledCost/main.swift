// What a call costs that is turned away, by spelling and kind of logger.
//
//     DisabledCost              prints nanoseconds a call, the loop around it included: an empty one is optimised
//                               away, so what is printed is an upper bound
//     DisabledCost NAME COUNT [SETTING]
//                               runs one of them COUNT times, to be counted by a tool; in a process that logs
//                               by 1,000 rules (`rules`), whose rules and emitters were changed 20 times
//                               since the loggers were made (`changed`), or in which scopes have levels of
//                               their own in other namespaces, and record these (`scoped`)

import TxaioLog

final class Nowhere: LogEmitter {
    let name: String
    init(_ name: String) { self.name = name }
    func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }
}

/// None of them lets debug pass where the loggers are; every other one is for one emitter.
func setup(rules count: Int, emitter: String = "out") throws -> LoggingSetup {
    let rules = (0..<count).map { $0.isMultiple(of: 2) ? "cost.n\($0)*=debug" : "\(emitter):cost*.n\($0)=warn" }
    return LoggingSetup(
        emitters: [EmitterSetup(Nowhere(emitter))],
        rules: try LevelRules(parsing: (["info"] + rules).joined(separator: ","))
    )
}

func prepare(_ setting: String) throws {
    switch setting {
    case "rules": _ = try startLogging(setup(rules: 1_000))
    case "changed":
        let session = try startLogging(setup(rules: 1))
        for count in 1...20 { try session.change(to: setup(rules: count * 50, emitter: "out\(count)")) }
    case "scoped":
        var setup = try setup(rules: 0)
        setup.scoped = [
            try ScopedLevels(when: ScopeCondition(parsing: "id=7"), [LevelRule(pattern: "other", level: .trace)])
        ]
        setup.recorder = try FlightRecorder([LevelRule(pattern: "other", level: .trace)])
        _ = try startLogging(setup)
    default: fatalError("no setting '\(setting)'")
    }
}

final class Owner {
    static let shared = makeLogger("cost.shared")
    static let constant: StaticLogger = makeLogger("cost.constant")
    let log = makeLogger("cost.own")

    @inline(never) func optional(_ count: Int) {
        for index in 0..<count { log.debug?("t {n} {s}", n: index, s: "abc") }
    }
    @inline(never) func tuple(_ count: Int) {
        for index in 0..<count { log.debug("t {n} {s}", ("n", index), ("s", "abc")) }
    }
    @inline(never) func keyword(_ count: Int) {
        for index in 0..<count { log.debug("t {n} {s}", n: index, s: "abc") }
    }
}

@inline(never) func constantOptional(_ count: Int) {
    for index in 0..<count { Owner.constant.debug?("t {n} {s}", n: index, s: "abc") }
}
@inline(never) func constantTuple(_ count: Int) {
    for index in 0..<count { Owner.constant.debug("t {n} {s}", ("n", index), ("s", "abc")) }
}
@inline(never) func constantKeyword(_ count: Int) {
    for index in 0..<count { Owner.constant.debug("t {n} {s}", n: index, s: "abc") }
}
@inline(never) func staticOptional(_ count: Int) {
    for index in 0..<count { Owner.shared.debug?("t {n} {s}", n: index, s: "abc") }
}
@inline(never) func staticTuple(_ count: Int) {
    for index in 0..<count { Owner.shared.debug("t {n} {s}", ("n", index), ("s", "abc")) }
}
@inline(never) func staticKeyword(_ count: Int) {
    for index in 0..<count { Owner.shared.debug("t {n} {s}", n: index, s: "abc") }
}

/// What a call costs that passes in some scopes only: outside of any, in another, and, encoded and handed over, in one.
func scopes(_ nanoseconds: (Int, (Int) -> Void) -> Double) {
    do {
        let log = makeLogger("cost.scoped")
        var setup = try setup(rules: 0)
        let condition = try ScopeCondition(parsing: "id=abc")
        setup.scoped = [try ScopedLevels(when: condition, [LevelRule(pattern: "cost.scoped", level: .trace)])]
        try startLogging(setup).change(to: setup)
        func call(_ count: Int) { for index in 0..<count { log.debug("t {n} {s}", ("n", index), ("s", "abc")) } }
        print("scoped, outside of scopes: \(nanoseconds(1_000_000, call)) ns")
        withLogContext(["id": "xyz"]) { print("scoped, in another scope: \(nanoseconds(1_000_000, call)) ns") }
        withLogContext(["id": "abc"]) { print("scoped, in its scope: \(nanoseconds(1_000_000, call)) ns") }
    } catch {
        print(error)
    }
}

/// What a call costs that only the flight recorder lets pass: outside of any scope, and, encoded and kept, in one whose ring
/// is full; and what it adds to a scope.
func recorder(_ nanoseconds: (Int, (Int) -> Void) -> Double) {
    do {
        let log = makeLogger("cost.recorded")
        let session = try startLogging(setup(rules: 0))
        func call(_ count: Int) { for index in 0..<count { log.debug("t {n} {s}", ("n", index), ("s", "abc")) } }
        func scopes(_ count: Int) { for _ in 0..<count { withLogContext(["id": "abc"]) {} } }
        func failing(_ count: Int) {
            for index in 0..<count {
                withLogContext(["id": "abc"]) {
                    for _ in 0..<10 { log.debug("t {n} {s}", ("n", index), ("s", "abc")) }
                    log.error("failed")
                }
            }
        }
        let plain = nanoseconds(100_000, scopes)
        var with = try setup(rules: 0)
        with.recorder = try FlightRecorder([LevelRule(pattern: "cost.recorded", level: .trace)])
        try session.change(to: with)
        print("recorded, outside of scopes: \(nanoseconds(1_000_000, call)) ns")
        withLogContext(["id": "abc"]) { print("recorded, in a scope: \(nanoseconds(1_000_000, call)) ns") }
        print("a scope that records nothing: \(nanoseconds(100_000, scopes)) ns; without a recorder: \(plain) ns")
        print("a scope of ten recorded events that fails: \(nanoseconds(20_000, failing)) ns")
    } catch {
        print(error)
    }
}

let owner = Owner()
let cases: [(name: String, body: (Int) -> Void)] = [
    ("StaticLogger-?", constantOptional), ("StaticLogger-tuple", constantTuple),
    ("StaticLogger-keyword", constantKeyword),
    ("instance-?", owner.optional), ("instance-tuple", owner.tuple), ("instance-keyword", owner.keyword),
    ("static-let-?", staticOptional), ("static-let-tuple", staticTuple), ("static-let-keyword", staticKeyword),
]

if CommandLine.arguments.count >= 3, let count = Int(CommandLine.arguments[2]),
    let chosen = cases.first(where: { $0.name == CommandLine.arguments[1] })
{
    if CommandLine.arguments.count > 3 {
        chosen.body(1)
        try prepare(CommandLine.arguments[3])
    }
    chosen.body(count)
} else {
    func nanoseconds(_ count: Int, _ body: (Int) -> Void) -> Double {
        body(count / 10)
        let clock = ContinuousClock()
        let best = (0..<7).map { _ in clock.measure { body(count) } }.min() ?? .zero
        return Double(best.components.attoseconds) / 1e9 / Double(count)
    }
    for (name, body) in cases {
        print("\(name): \(nanoseconds(name.hasSuffix("keyword") ? 2_000_000 : 20_000_000, body)) ns")
    }
    recorder(nanoseconds)
    scopes(nanoseconds)
}
