import TxaioEmitters
import TxaioLog
import TxaioRecovery

/// The service that dies.
enum Service {
    static let name = "probe"

    /// Takes its time, as a disk does: the rings are never empty.
    final class Slow: LogEmitter {
        let name = "slow"
        private let inner: JSONEmitter
        private let count = Lock(0)

        init(_ inner: JSONEmitter) { self.inner = inner }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let number = count.withLock { count in
                count += 1
                return count
            }
            if number % 64 == 0 { System.pause(microseconds: 500) }
            return inner.emit(event)
        }

        func flush(until deadline: Deadline) -> Bool { inner.flush(until: deadline) }
        func close(until deadline: Deadline) { inner.close(until: deadline) }
        func attach(to ledger: EmitterLedger) { inner.attach(to: ledger) }
    }

    /// Never comes back.
    private final class Stuck: LogEmitter {
        let name = "stuck"
        private let isReached = Lock(false)

        /// Waits until the delivering thread has come to it, and stays.
        func waitUntilReached() {
            while !isReached.withLock({ $0 }) { System.pause(microseconds: 1_000) }
        }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            isReached.withLock { $0 = true }
            while true { System.pause(microseconds: 10_000) }
        }
    }

    @discardableResult
    private static func start(
        _ emitter: any LogEmitter,
        _ storage: RingFile,
        ringBytes: Int = 256 << 10,
        overflow: OverflowPolicy = .block(upTo: .seconds(60))
    ) throws -> LoggingSession {
        var options = QueueOptions()
        options.ringBytes = ringBytes
        options.overflow = overflow
        return try startLogging(
            LoggingSetup(emitters: [EmitterSetup(emitter)], delivery: .queued(options, storage: storage))
        )
    }

    // ------------------------------------------------------------------------------------------------ under load

    private struct Page: @unchecked Sendable {
        let start: UnsafeMutableRawPointer

        func note(_ count: Int, of thread: Int) { (start + thread * 64).storeBytes(of: count, as: Int.self) }
    }

    /// Two threads log for ever and note after each call how many were accepted.
    static func load(_ directory: String, output: String, page: String) throws {
        guard let memory = System.page(page) else { return System.say("no", page) }
        let page = Page(start: memory)
        let storage = try RingFile(service: name, directory: directory)
        try start(Slow(JSONEmitter(to: LogFile(output))), storage, ringBytes: 4 << 20)
        let threads = (0..<2).map { thread in System.onThread { work(thread, page) } }
        for thread in threads { System.join(thread) }
    }

    private static func work(_ thread: Int, _ page: Page) {
        let log = makeLogger("probe.worker").bind(worker: thread)
        var number = 0
        while true {
            withLogContext(["request": number]) {
                for _ in 0..<16 {
                    log.info(
                        "event {n} of thread {t}, {text}",
                        ("n", number),
                        ("t", thread),
                        ("text", "a text that is long enough to matter")
                    )
                    number += 1
                    page.note(number, of: thread)
                }
            }
        }
    }

    /// Hands over all that it logged, and waits.
    static func idle(_ directory: String, output: String) throws {
        let session = try start(JSONEmitter(to: LogFile(output)), RingFile(service: name, directory: directory))
        let log = makeLogger("probe.worker")
        for number in 0..<1_000 { log.info("event {n} of thread {t}", ("n", number), ("t", 0)) }
        System.say("flushed", session.flush(within: .seconds(30)))
        System.waitForTheEndOfInput()
    }

    // ------------------------------------------------------------------------------------------------ deaths

    private struct Named: LogRepresentable {
        let name: String
        let rank: Int
        var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["name": name, "rank": rank] }
    }

    /// Logs events of every kind from two threads, none of which is handed over, and dies.
    ///
    /// With `early` the emitter is stuck before the threads begin: nothing of theirs is taken out, which else may be a whole
    /// batch.
    static func die(_ how: String, count: Int, _ directory: String) throws {
        addLogCategories(["probe.category": "a category of {thing}, made at run time"])
        let emitter = Stuck()
        try start(emitter, RingFile(service: name, directory: directory, totalBytes: 1 << 20))
        let log = makeLogger("probe.kinds").bind(service: "orders")
        let mark = "run-time mark " + String(count)
        withLogContext(["request": "r1"]) {
            log.warn("A literal template with {user.name} of {user}.", ("user", Named(name: "ada", rank: 7)))
            log.emit(.info, "a template made at run time, {key} " + mark, ["key": [1, 2]])
            log.critical("text made at run time, {not parsed} " + mark)
            log.info("never seen", ("log_category", "probe.category"), ("thing", "things"))
        }
        if how == "early" { emitter.waitUntilReached() }
        let other = System.onThread {
            for number in 0..<count { log.info("event {n} of thread {t}", ("n", number), ("t", 1)) }
        }
        for number in 0..<count { log.info("event {n} of thread {t}", ("n", number), ("t", 0)) }
        System.join(other)
        emitter.waitUntilReached()
        switch how {
        case "kill", "early": System.killItself()
        case "segv": System.writeNowhere()
        case "trap": preconditionFailure("as asked")
        default: System.exitNow(7)
        }
    }

    /// Logs more than its ring holds, of which the oldest give way, while a batch is in the emitter's hand, and dies.
    static func overrun(count: Int, _ directory: String) throws {
        let emitter = Stuck()
        let file = try RingFile(service: name, directory: directory)
        try start(emitter, file, ringBytes: 64 << 10, overflow: .dropOldest)
        let log = makeLogger("probe.overrun")
        log.info("event {n} of thread {t}", ("n", -1), ("t", 0))
        emitter.waitUntilReached()
        for number in 0..<count { log.info("event {n} of thread {t}", ("n", number), ("t", 0)) }
        System.killItself()
    }

    /// Lives with events in its rings until its input ends.
    static func live(_ directory: String) throws {
        let file = try RingFile(service: name, directory: directory)
        try start(Stuck(), file)
        let log = makeLogger("probe.live")
        for number in 0..<10 { log.info("event {n}", ("n", number)) }
        // A second start of the service finds this process's file in use, whoever asks.
        let session = try startLogging(LoggingSetup(emitters: []))
        System.say("own", try Recovery.recover(service: name, directory: directory, into: session).files)
        System.say("ready", "yes")
        System.waitForTheEndOfInput()
        System.exitNow(0)
    }

    static func clean(_ directory: String) throws {
        let file = try RingFile(service: name, directory: directory)
        let session = try start(TextEmitter(to: .standardError), file)
        makeLogger("probe.clean").info("event")
        System.say("mode", System.mode(file.path))
        System.say("complete", session.shutdown())
        System.say("left", System.exists(file.path))
        System.say("dropped", session.ledger.dropped)
    }

    /// A child logs under a namespace of its own: nothing of it gets into the parent's file.
    static func fork(_ directory: String) throws {
        let file = try RingFile(service: name, directory: directory)
        let emitter = Stuck()
        try start(emitter, file)
        let log = makeLogger("probe.parent").bind(service: "orders")
        log.info("event of the parent")
        emitter.waitUntilReached()
        let before = System.read(file.path)
        let child = System.forkedChild()
        if child == 0 {
            makeLogger("probe.child").info("event of the child")
            // Its fields are in the parent's table.
            log.bind(service: "child").info("event of the child with other fields")
            log.info("event of the child with the parent's fields")
            let other = System.onThread { makeLogger("probe.child.thread").info("event of the child's thread") }
            System.join(other)
            System.exitNow(0)
        }
        System.say("child", System.wait(for: child))
        System.say("untouched", before == System.read(file.path))
        System.say("exists", System.exists(file.path))
        System.killItself()
    }
}
