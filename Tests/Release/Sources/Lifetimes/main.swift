// What a keyword call's list holds is released exactly once, whatever becomes of the call: `ok NAME` or `not ok NAME # why`.
// Built in release, where the compiler keeps the list on the stack and the library destroys its values.

import CAllocations
import Glibc
import TxaioLog

/// A value whose instances are counted, and which may be kept by its own code.
final class Counted: LogRepresentable, CustomStringConvertible, @unchecked Sendable {
    nonisolated(unsafe) static var alive = 0
    nonisolated(unsafe) static var died = 0
    nonisolated(unsafe) static var kept: Counted?
    let number: Int
    private let isKept: Bool

    init(_ number: Int, isKept: Bool = false) {
        self.number = number
        self.isKept = isKept
        Self.alive += 1
    }

    deinit {
        Self.alive -= 1
        Self.died += 1
    }

    var description: String {
        if isKept { Self.kept = self }
        return "counted \(number)"
    }
}

/// Too large to lie in an existential's own words.
struct Wide: LogRepresentable, CustomStringConvertible {
    let parts: (Int, Int, Int, Int)
    let counted: Counted
    var description: String { "wide \(parts.0)" }
}

/// Takes every event; `texts` holds the messages while it is not `nil`.
final class Sink: LogEmitter, @unchecked Sendable {
    let name = "sink"
    var texts: [String]?

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        event.withMessage { message in
            texts?.append(String(decoding: message, as: UTF8.self))
            return .handedOver
        }
    }
}

struct Failed: Error {}

@inline(never)
func may(_ fails: Bool) throws -> Int {
    if fails { throw Failed() }
    return 1
}

@inline(never)
func later(_ number: Int) async -> Int {
    await Task.yield()
    return number
}

/// Each is a function of its own, as in a service, so that its list is one of its own.
enum Calls {
    @inline(never)
    static func on(_ log: TxaioLogger, _ index: Int) { log.info("{c}", n: index, c: Counted(index), text: made(index)) }

    @inline(never)
    static func off(_ log: TxaioLogger, _ index: Int) {
        log.trace("{c}", n: index, c: Counted(index), text: made(index))
    }

    @inline(never)
    static func optional(_ log: TxaioLogger, _ index: Int) { log.info?("{c}", c: Counted(index), text: made(index)) }

    @inline(never)
    static func wide(_ log: TxaioLogger, _ index: Int) {
        log.info("{w}", w: Wide(parts: (index, 2, 3, 4), counted: Counted(index)), list: [index, 2], text: made(index))
    }

    @inline(never)
    static func many(_ log: TxaioLogger, _ index: Int) {
        log.info(
            "{a}{j}",
            a: made(index),
            b: 1,
            c: made(index),
            d: 2.5,
            e: true,
            f: "short",
            g: Counted(index),
            h: 7,
            i: nil as Int?,
            j: made(index),
            k: Counted(index)
        )
    }

    @inline(never)
    static func knownOnly(_ log: TxaioLogger, _ index: Int) {
        log.info(
            "{a}{j}",
            a: made(index),
            b: 1,
            c: made(index),
            d: 2.5,
            e: true,
            f: "short",
            g: UInt8(1),
            h: 7,
            i: Float(1),
            j: made(index),
            k: [1, 2, index]
        )
    }

    @inline(never)
    static func template(_ log: TxaioLogger, _ index: Int) { log.info(made(index), n: index) }

    @inline(never)
    static func bound(_ log: TxaioLogger, _ index: Int) {
        log.bind(text: made(index), c: Counted(index), n: 1).info("{n}", more: made(index))
    }

    @inline(never)
    static func throwing(_ log: TxaioLogger, _ index: Int) {
        do { log.info("{c}", c: Counted(index), text: made(index), n: try may(index % 2 == 0)) } catch { tick() }
    }

    @inline(never)
    static func nested(_ log: TxaioLogger, _ index: Int) {
        log.info(
            "{c}",
            c: Counted(index),
            n: {
                log.info("{d}", d: Counted(index), text: made(index))
                return 1
            }()
        )
    }

    /// The list is a variable of its own, and used again.
    @inline(never)
    static func twice(_ log: TxaioLogger, _ index: Int) {
        let list: LogArguments = ["": "twice {n} {text}", "n": index, "text": made(index), "c": Counted(index)]
        log.info.dynamicallyCall(withKeywordArguments: list)
        log.trace.dynamicallyCall(withKeywordArguments: list)
        log.info.dynamicallyCall(withKeywordArguments: list)
    }

    /// A call in a loop, beside others, inlined into its caller.
    @inline(__always)
    static func inlined(_ log: TxaioLogger, _ index: Int) {
        log.info("{c}", c: Counted(index), text: made(index))
        if index % 3 == 0 { log.debug("{c}", text: made(index), c: Counted(index)) }
    }

    @inline(never)
    static func suspended(_ log: TxaioLogger, _ index: Int) async {
        log.info("{c} {n}", c: Counted(index), n: await later(index), text: made(index))
    }

    @inline(never)
    static func made(_ index: Int) -> String { String(repeating: "made at run time ", count: 2 + index % 3) }

    @inline(never)
    static func tick() {}
}

nonisolated(unsafe) var failed = false

func say(_ name: String, _ problem: String?) {
    if problem != nil { failed = true }
    print(problem.map { "not ok lifetimes: \(name) # \($0)" } ?? "ok lifetimes: \(name)")
}

func check(_ name: String, _ body: (Int) -> Void) {
    for index in 0..<200 { body(index) }
    let (before, died) = (Int(allocated_bytes()), Counted.died)
    for index in 0..<20_000 { body(index) }
    let grown = Int(allocated_bytes()) - before
    var problem: String?
    if Counted.alive != 0 { problem = "\(Counted.alive) of \(Counted.died - died) values live on" }
    if grown > 64 << 10 { problem = "\(grown) bytes more in use after 20,000 calls" }
    say(name, problem)
}

let sink = Sink()
let session = try startLogging(to: [sink], level: .info)
let log = makeLogger("lifetimes")

check("on") { Calls.on(log, $0) }
check("off") { Calls.off(log, $0) }
check("with ?") { Calls.optional(log, $0) }
check("values in boxes of their own") { Calls.wide(log, $0) }
check("more than eight") { Calls.many(log, $0) }
check("more than eight, of the library's types") { Calls.knownOnly(log, $0) }
check("a template made at run time") { Calls.template(log, $0) }
check("bound") { Calls.bound(log, $0) }
check("an argument that throws") { Calls.throwing(log, $0) }
check("a call within a call's arguments") { Calls.nested(log, $0) }
check("a list used again") { Calls.twice(log, $0) }
check("inlined") { Calls.inlined(log, $0) }

sink.texts = []
Calls.twice(log, 0)
let twice = sink.texts ?? []
say(
    "a list used again is the same",
    twice.count == 2 && twice[0] == twice[1] && twice[0].hasPrefix("twice 0 made") ? nil : "\(twice)"
)
sink.texts = nil

@inline(never)
func escape() { log.info("{c}", c: Counted(7, isKept: true)) }
escape()
for index in 0..<100 { Calls.on(log, index) }
say(
    "a value that its own code keeps lives on",
    Counted.kept?.number == 7 && Counted.alive == 1 ? nil : "\(Counted.alive)"
)
Counted.kept = nil

for index in 0..<2_000 { await Calls.suspended(log, index) }
say("an argument that suspends", Counted.alive == 0 ? nil : "\(Counted.alive) values live on")

session.shutdown(within: .seconds(10))
exit(failed ? 1 : 0)
