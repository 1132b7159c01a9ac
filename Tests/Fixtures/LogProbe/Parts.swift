import Synchronization
import TxaioLog
import TxaioTesting

/// Each part runs in a process of its own.
enum Parts {}

extension Parts {
    // ---------------------------------------------------------------------------------------------------- start

    /// Events before the start come with their own time, once it is started, in order.
    static func start() throws {
        let log = makeLogger("probe")
        log.debug("too verbose before the start")
        for index in 0..<10 { log.info("before", ("index", index)) }
        onThreads(2) { thread in withLogContext(["thread": thread]) { makeLogger("probe").warn("before, elsewhere") } }
        pause(milliseconds: 30)
        let sink = CapturingEmitter()
        let session = try startLogging(to: [sink], level: .info)
        log.info("after")
        let events = sink.events
        tell("count", events.count)
        tell("in-order", events.prefix(10).map { $0["index"] } == (0..<10).map { .int($0) })
        tell("scopes", Set(events.compactMap { $0["thread"] }).count)
        tell("threads", Set(events.map(\.threadNumber)).count)
        tell("own-time", events[12].time - events[9].time > 25_000_000)
        tell("templates", events.map { $0.template ?? "" }.joined(separator: "|"))
        tell(session.ledger)
    }

    static func startTwice() throws {
        let (first, second) = (CapturingEmitter(name: "first"), CapturingEmitter(name: "second"))
        let log = makeLogger("probe")
        let session = try startLogging(to: [first], level: .warn)
        let again = try startLogging(to: [second], level: .trace)
        log.info("filtered")
        log.warn("passes")
        tell("same", session === again)
        tell("first", first.events.count)
        tell("second", second.events.count)
        tell("level", log.level)
        // Not even a faulty setup matters once it is started.
        tell("faulty", (try? startLogging(to: [first, first])) === session)
        tell(session.ledger)
    }

    /// While 8 threads log, 4 start it: no event may be lost, none delivered twice.
    static func startWhileThreadsLog() throws {
        let sink = Counting()
        let isRunning = Atomic<Bool>(true)
        let made = Atomic<Int>(0)
        let sum = Atomic<Int>(0)
        let log = makeLogger("probe")
        log.info("t", ("n", 1), ("again", 1))
        let loggers = startThreads(8) { thread in
            var number = thread + 2
            while isRunning.load(ordering: .relaxed), made.load(ordering: .relaxed) < 8_000 {
                log.info("t", ("n", number), ("again", number))
                made.wrappingAdd(1, ordering: .relaxed)
                sum.wrappingAdd(2 * number, ordering: .relaxed)
                number += 8
                if number % 64 < 8 { pause(milliseconds: 1) }
            }
        }
        pause(milliseconds: 5)
        onThreads(4) { _ in _ = try? startLogging(to: [sink]) }
        pause(milliseconds: 20)
        isRunning.store(false, ordering: .relaxed)
        join(loggers)
        let session = try startLogging(to: [sink])
        tell("made-is-delivered", made.load(ordering: .relaxed) + 1 == sink.count.load(ordering: .relaxed))
        tell("sums-agree", sum.load(ordering: .relaxed) + 2 == sink.sum.load(ordering: .relaxed))
        tell(session.ledger)
    }

    static func setupErrors() throws {
        let log = makeLogger("probe")
        log.info("kept")
        let one = CapturingEmitter(name: "one")
        func attempt(_ setup: LoggingSetup) {
            do {
                try startLogging(setup)
                tell("error", "none")
            } catch { tell("error", error.description) }
        }
        attempt(LoggingSetup(emitters: [EmitterSetup(one), EmitterSetup(CapturingEmitter(name: "one"))]))
        attempt(LoggingSetup(emitters: (0..<17).map { EmitterSetup(CapturingEmitter(name: "e\($0)")) }))
        attempt(LoggingSetup(emitters: [EmitterSetup(one)], recordLimit: 1))
        tell("level", log.level)
        tell("nothing", one.events.count)
        let many = (0..<16).map { CapturingEmitter(name: "e\($0)") }
        let session = try startLogging(to: many)
        tell("all-16", many.allSatisfy { $0.events.count == 1 })
        tell(session.ledger)
    }

    /// The first events are kept, later ones counted, and that is announced.
    static func overflow() throws {
        let log = makeLogger("probe")
        for index in 0..<10_500 { log.info("before", ("index", index)) }
        let sink = CapturingEmitter()
        let session = try startLogging(to: [sink])
        let before = sink.events.filter { $0.template == "before" }
        tell("kept", before.count)
        tell("first-ones", before.map { $0["index"] } == (0..<before.count).map { .int(Int128($0)) })
        let announcement = sink.events.first { $0.namespace == "TxaioLog" }
        tell("announced", announcement?["count"] == .int(500))
        tell("announcements", sink.events.count - before.count)
        tell(session.ledger)
    }

    // ---------------------------------------------------------------------------------------------------- levels

    static func levels() throws {
        let log = makeLogger("probe.plain")
        let explicit = makeLogger("probe.explicit", level: .error)
        tell("default", globalLogLevel)
        tell("l2-default-of-loggers", log.level)
        setGlobalLogLevel(.warn)
        tell("l9-living", log.level)
        tell("l9-later", makeLogger("probe.later").level)
        tell("l9-read", globalLogLevel)
        tell("l10-explicit", explicit.level)
        let sink = CapturingEmitter()
        try startLogging(to: [sink], level: .info)
        tell("l6-at-start", log.level)
        tell("l6-explicit", explicit.level)
        setGlobalLogLevel(.debug)
        log.debug("shown after a raise")
        tell("l11-shown", sink.events.count)
        log.setLevel(.trace)
        log.trace("shown by an explicit level")
        tell("l11-explicit-shown", sink.events.count)
        log.setLevel(.critical, keep: false)
        tell("l10-given-up-later", log.level)
        setGlobalLogLevel(.warn)
        tell("l10-given-up", log.level)
        setGlobalLogLevel(.off)
        log.critical("silent")
        tell("l12-silent", sink.events.count)
    }

    /// Rules take effect on loggers that live already.
    static func rules() throws {
        let (gateway, nio, audit, other) = (
            makeLogger("My.Gateway"), makeLogger("NIOCore"), makeLogger("Audit.Trail"), makeLogger("Other")
        )
        let (text, journal) = (CapturingEmitter(name: "text"), CapturingEmitter(name: "journal"))
        let rules = try LevelRules(parsing: "info,My.Gateway=debug,NIO*=warn,journal:Audit.*=error,text:Audit.*=trace")
        let session = try startLogging(
            LoggingSetup(emitters: [EmitterSetup(text), EmitterSetup(journal)], rules: rules)
        )
        tell("levels", [gateway, nio, audit, other].map(\.level.description).joined(separator: " "))
        for log in [gateway, nio, audit, other] {
            for level in LogLevel.allCases { log.emit(level, "t {level}", fields: [("level", level.description)]) }
        }
        func count(_ sink: CapturingEmitter, _ log: TxaioLogger) -> Int {
            sink.events.count { $0.namespace == log.namespace }
        }
        tell("text", [gateway, nio, audit, other].map { "\(count(text, $0))" }.joined(separator: " "))
        tell("journal", [gateway, nio, audit, other].map { "\(count(journal, $0))" }.joined(separator: " "))
        tell(session.ledger)
    }

    /// An emitter's own minimum holds whatever rules and hands say.
    static func minimum() throws {
        let (all, few) = (CapturingEmitter(name: "all"), CapturingEmitter(name: "few"))
        let session = try startLogging(
            LoggingSetup(
                emitters: [EmitterSetup(all), EmitterSetup(few, level: .warn)],
                rules: LevelRules(root: .debug)
            )
        )
        let log = makeLogger("probe")
        let explicit = makeLogger("probe.explicit", level: .trace)
        for logger in [log, explicit] {
            for level in LogLevel.allCases { logger.emit(level, "t") }
        }
        tell("all", all.events.count)
        tell("few", few.events.count)
        tell("level", log.level)
        tell(session.ledger)
    }

    /// Names made at run time fill no memory and hold up nobody.
    static func namespaces() throws {
        let clock = ContinuousClock()
        let started = clock.now
        for index in 0..<70_000 { _ = makeLogger("tenant.\(index)") }
        tell("quick", clock.now - started < .seconds(30))
        tell("first", makeLogger("tenant.0").namespace)
        tell("beyond", makeLogger("tenant.69999").namespace)
        let sink = CapturingEmitter()
        try startLogging(to: [sink], level: .warn)
        makeLogger("tenant.69999").info("off")
        makeLogger("tenant.69999").warn("on")
        makeLogger("tenant.1").warn("on")
        tell("events", sink.events.count)
    }
}
