// Counts what log calls allocate, case by case: `ok NAME` for none, `not ok NAME # how many` otherwise. Files go to the
// directory that the argument names.

import CAllocations
import TxaioLog

/// Takes every event and looks at all of it.
final class Null: LogEmitter {
    let name = "null"
    func emit(_ event: borrowing LogEvent) -> Acceptance {
        var reader = event.fields.reader
        while reader.nextField() != nil {}
        return event.withMessage { _ in .handedOver }
    }
}

struct Owner {
    static let shared = makeLogger("allocations.shared")
    static let constant: StaticLogger = makeLogger("allocations.constant")
    let own = makeLogger("allocations.own")
}

/// Every spelling with scalars and strings. `count` calls each.
enum Calls {
    static let shortText = String("short".reversed().reversed())
    static let longText = String(repeating: "a text that lies on the heap ", count: 5)

    static let all: [(name: String, body: @Sendable (TxaioLogger, Int) -> Void)] = [
        ("keyword, no value", { log, count in for _ in 0..<count { log.info("tick") } }),
        (
            "keyword, scalars and strings",
            { log, count in
                for index in 0..<count {
                    log.info(
                        "Got '{result}' in {ms:.1f} ms, {n:>8}, {yes}",
                        result: longText,
                        ms: 2.5,
                        n: index,
                        yes: index % 2 == 0,
                        small: shortText
                    )
                }
            }
        ),
        ("keyword with ?", { log, count in for index in 0..<count { log.info?("t {n} {s}", n: index, s: longText) } }),
        (
            "keyword with ?, off",
            { log, count in for index in 0..<count { log.trace?("t {n}", n: index, s: longText) } }
        ),
        ("keyword, off", { log, count in for index in 0..<count { log.trace("t {n} {s}", n: index, s: longText) } }),
        (
            "tuple, scalars and strings",
            { log, count in
                for index in 0..<count {
                    log.info(
                        "Got '{result}' in {ms:.1f} ms, {n:>8}, {u8}, {f}",
                        ("result", longText),
                        ("ms", 2.5),
                        ("n", index),
                        ("u8", UInt8(truncatingIfNeeded: index)),
                        ("f", Float(1.5)),
                        ("s", shortText)
                    )
                }
            }
        ),
        ("tuple, off", { log, count in for index in 0..<count { log.trace("t {n}", ("n", index), ("s", longText)) } }),
        ("run-time text", { log, count in for _ in 0..<count { log.info(longText) } }),
    ]
}

func measure(_ name: String, _ body: (Int) -> Void) {
    body(200)
    let before = allocations_of_this_thread()
    body(500)
    let made = allocations_of_this_thread() - before
    if made == 0 { return print("ok allocations: \(name)") }
    failed = true
    print("not ok allocations: \(name) # \(made) in 500 calls")
}

func measureAll(_ where: String, _ emitter: String) {
    let owner = Owner()
    let child = owner.own.bind(service: "orders", shard: 7)
    for (name, body) in Calls.all {
        measure("\(emitter), \(`where`), \(name), instance's logger") { body(owner.own, $0) }
        measure("\(emitter), \(`where`), \(name), static let") { body(Owner.shared, $0) }
        measure("\(emitter), \(`where`), \(name), child") { body(child, $0) }
    }
    // Each ends before the next begins.
    measure("\(emitter), \(`where`), binding, keyword") {
        for index in 0..<$0 { owner.own.bind(service: "orders", n: index, s: Calls.longText).info("t") }
    }
    measure("\(emitter), \(`where`), binding, tuple") {
        for index in 0..<$0 { child.bind(("n", index), ("s", Calls.longText)).info("t") }
    }
    measure("\(emitter), \(`where`), tuple, constant logger") {
        for index in 0..<$0 { Owner.constant.info("t {n} {s}", ("n", index), ("s", Calls.longText)) }
    }
    measure("\(emitter), \(`where`), keyword, constant logger") {
        for index in 0..<$0 { Owner.constant.info("t {n} {s}", n: index, s: Calls.longText) }
    }
    measure("\(emitter), \(`where`), keyword with ?, off, constant logger") {
        for index in 0..<$0 { Owner.constant.debug?("t {n} {s}", n: index, s: Calls.longText) }
    }
}

// The counter must count, or all of this says nothing.
let before = allocations_of_this_thread()
let probe = [UnsafeMutablePointer<Int>.allocate(capacity: 1_000)]
probe[0].deallocate()
guard allocations_of_this_thread() > before else {
    print("not ok allocations: the counter counts")
    exitProcess()
}
print("ok allocations: the counter counts")

for (name, emitter) in try Sinks.all(directory: CommandLine.arguments[1]) {
    let session = try startLogging(to: [emitter])
    measureAll("no scope", name)
    withLogContext(["requestID": Calls.longText, "user": 7]) { measureAll("in a scope", name) }
    let ledger = session.ledger
    if !session.shutdown() || !ledger.isBalanced || ledger.refused > 0 || ledger.emitters[0].droppedInAll > 0 {
        failed = true
        print("not ok allocations: \(name) took every event # \(ledger)")
    }
}
exitProcess()
