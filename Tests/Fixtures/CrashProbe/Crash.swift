import TxaioEmitters
import TxaioLog
import TxaioRecovery

/// A service that dies of a signal of its own making, with events in its rings.
enum Crash {
    static let count = 1_000

    /// Whether a thread has logged all its events.
    private static let isAllLogged = Lock(false)

    /// Crashes the thread that delivers, once all is logged and 699 events are handed over.
    private final class Deadly: LogEmitter {
        let name = "deadly"
        private let inner: JSONEmitter
        private let number = Lock(0)

        init(_ inner: JSONEmitter) { self.inner = inner }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let number = number.withLock { number in
                number += 1
                return number
            }
            if number == 700 {
                while !Crash.isAllLogged.withLock({ $0 }) { System.pause(microseconds: 1_000) }
                System.writeNowhere()
            }
            return inner.emit(event)
        }
    }

    private final class Stuck: LogEmitter {
        let name = "stuck"
        func emit(_ event: borrowing LogEvent) -> Acceptance { while true { System.pause(microseconds: 10_000) } }
    }

    static func happen(_ way: String, isHandled: Bool, _ directory: String, output: String) throws {
        let file = try JSONEmitter(to: LogFile(output))
        let emitter: any LogEmitter =
            switch way {
            case "deliverer": Deadly(file)
            case "stuck": Stuck()
            default: Service.Slow(file)
            }
        var options = QueueOptions()
        options.overflow = .block(upTo: .seconds(60))
        options.handlesFatalSignals = isHandled
        let storage = try RingFile(service: Service.name, directory: directory)
        try startLogging(
            LoggingSetup(emitters: [EmitterSetup(emitter)], delivery: .queued(options, storage: storage))
        )
        let parts = way.split(separator: "-").map(String.init)
        if parts.last == "other" {
            System.join(
                System.onThread {
                    log(0)
                    crash(parts[0])
                }
            )
        } else if way == "two" {
            let threads = (0..<2).map { thread in
                System.onThread {
                    log(thread)
                    crash("segv")
                }
            }
            for thread in threads { System.join(thread) }
        } else {
            log(0)
            crash(parts[0])
        }
        System.pause(microseconds: 30_000_000)
    }

    private static func log(_ thread: Int) {
        let log = makeLogger("probe.crash")
        for number in 0..<count { log.info("event {n} of thread {t}", ("n", number), ("t", thread)) }
        isAllLogged.withLock { $0 = true }
    }

    private static func crash(_ way: String) {
        switch way {
        case "deliverer": break
        case "trap": preconditionFailure("as asked")
        case "abort": System.abortNow()
        case "overflow": System.overflow()
        case "segv", "two", "stuck": System.writeNowhere()
        default: System.raise(way)
        }
    }
}
