import Foundation
import Testing
import TxaioLog
import TxaioTesting

/// Another pipeline takes the place of the one in force while threads log; logging is started once in a process, so each
/// test has one of its own.
@Suite("Changing what is in force")
struct ChangeTests {
    /// Keeps what it gets: thread and number of each event.
    final class Keeper: LogEmitter {
        struct Seen: Hashable {
            let namespace: String
            let level: LogLevel
            let thread: Int
            let number: Int
        }

        let name: String
        private let state = Lock((seen: [Seen](), isClosed: false))

        init(_ name: String) { self.name = name }

        var all: [Seen] { state.withLock { $0.seen } }
        var hasClosed: Bool { state.withLock { $0.isClosed } }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            guard !hasClosed else { return .dropped(.sinkGone) }
            let parts = event.message.split(separator: " ")
            let namespace = String(decoding: event.namespace, as: UTF8.self)
            guard namespace.hasPrefix("change."), parts.count == 2, let thread = Int(parts[0]),
                let number = Int(parts[1])
            else { return .handedOver }
            let one = Seen(namespace: namespace, level: event.level, thread: thread, number: number)
            state.withLock { $0.seen.append(one) }
            return .handedOver
        }

        func close(until deadline: Deadline) { state.withLock { $0.isClosed = true } }
    }

    private static let threads = 8

    /// Logs from several threads until told to stop, and takes down how often each did.
    private static func load(_ isOver: Lock<Bool>) -> [Thread] {
        (0..<threads).map { thread in
            let body = Thread {
                let even = makeLogger("change.even")
                let odd = makeLogger("change.odd")
                var number = 0
                while !isOver.withLock({ $0 }) {
                    even.debug("{t} {n}", ("t", thread), ("n", number))
                    odd.debug("{t} {n}", ("t", thread), ("n", number))
                    odd.warn("{t} {n}", ("t", thread), ("n", number))
                    number += 1
                    if number % 64 == 0 { usleep(200) }
                }
                counts.withLock { $0[thread] = number }
            }
            body.start()
            return body
        }
    }

    private static let counts = Lock<[Int: Int]>([:])

    @Test(arguments: [false, true])
    func noEventIsLostOrDoubledAndNoneIsJudgedByOtherRulesThanItsEmitters(_ isQueued: Bool) async {
        await #expect(processExitsWith: .success) { [isQueued] in
            let always = Keeper("always")
            var made: [Keeper] = []
            var queue = QueueOptions()
            queue.overflow = .block(upTo: .seconds(600))
            // On a loaded machine an emitter's thread waits for its turn longer than the others wait for it.
            queue.outboxBytes = 1 << 30
            let delivery = isQueued ? LogDelivery.queued(queue) : .direct
            func setup(_ round: Int) throws -> LoggingSetup {
                let own = Keeper(round % 3 == 0 ? "x" : "y")
                made.append(own)
                let rules = try LevelRules(
                    parsing: round % 2 == 0 ? "info,change.even=debug" : "info,change.odd=debug"
                )
                // At changing places, so that a level read from another's place is found out.
                let emitters = round % 5 < 2 ? [own, always] : [always, own]
                return LoggingSetup(
                    emitters: emitters.map { EmitterSetup($0, level: $0 === always ? .warn : .trace) },
                    rules: rules,
                    delivery: delivery
                )
            }
            let session = try startLogging(setup(0))
            let isOver = Lock(false)
            let threads = Self.load(isOver)
            for round in 1...60 { try session.change(to: setup(round), within: .seconds(600)) }
            isOver.withLock { $0 = true }
            while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
            #expect(session.shutdown(within: .seconds(600)))

            for (round, own) in made.enumerated() {
                let wanted = round % 2 == 0 ? "change.even" : "change.odd"
                #expect(own.all.allSatisfy { $0.level == .warn || $0.namespace == wanted }, "round \(round)")
                #expect(own.hasClosed)
            }
            let numbers = Self.counts.withLock { $0 }
            // Warnings reach both emitters of each round: each of them once, and in order.
            let warnings = made.flatMap { $0.all.filter { $0.level == .warn } }
            #expect(warnings.count == numbers.values.reduce(0, +))
            #expect(Set(warnings).count == warnings.count)
            for (thread, count) in numbers {
                // Compared outside: to show a difference of so many takes minutes.
                let isWhole = always.all.filter { $0.thread == thread }.map(\.number) == Array(0..<count)
                #expect(isWhole)
            }
            #expect(session.ledger.isBalanced)
            #expect(session.ledger.emitters.contains { $0.name == "always" && $0.handedOver >= UInt64(warnings.count) })
        }
    }

    @Test func loggersMadeBeforeWhileAndAfterwardsAgree() async {
        await #expect(processExitsWith: .success) {
            let before = makeLogger("agree.one")
            let emitter = Keeper("x")
            let session = try startLogging(to: [emitter], level: .info)
            let isOver = Lock(false)
            let maker = Thread {
                var number = 0
                while !isOver.withLock({ $0 }) {
                    _ = makeLogger("agree.made.\(number % 500)")
                    number += 1
                }
            }
            maker.start()
            for round in 0..<100 {
                let rules = LevelRules(root: round % 2 == 0 ? .trace : .error)
                try session.change(to: LoggingSetup(emitters: [EmitterSetup(emitter)], rules: rules))
                let level: LogLevel = round % 2 == 0 ? .trace : .error
                #expect(before.level == level)
                #expect(makeLogger("agree.one").level == level)
                #expect(makeLogger("agree.made.\(round)").level == level)
            }
            isOver.withLock { $0 = true }
            while !maker.isFinished { usleep(1_000) }
            session.shutdown()
        }
    }

    /// Waits within `emit` until it is let go.
    private final class Stuck: LogEmitter {
        let name: String
        let isLetGo = Lock(false)
        let isReached = Lock(false)

        init(_ name: String = "stuck") { self.name = name }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            isReached.withLock { $0 = true }
            while !isLetGo.withLock({ $0 }) { usleep(1_000) }
            return .handedOver
        }
    }

    @Test func anEmitterThatDoesNotReturnLeavesAllAsItWas() async {
        await #expect(processExitsWith: .success) {
            let stuck = Stuck()
            let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(stuck)], delivery: .queued()))
            let log = makeLogger("change.stuck")
            log.info("{t} {n}", ("t", 0), ("n", 0))
            while !stuck.isReached.withLock({ $0 }) { usleep(1_000) }
            let other = Keeper("other")
            #expect(throws: LoggingSetupError.self) {
                try session.change(
                    to: LoggingSetup(emitters: [EmitterSetup(other)], rules: LevelRules(root: .trace)),
                    within: .milliseconds(50)
                )
            }
            #expect(log.level == .info)
            #expect(!other.hasClosed)
            stuck.isLetGo.withLock { $0 = true }
            #expect(session.flush())
            try session.change(to: LoggingSetup(emitters: [EmitterSetup(other)], rules: LevelRules(root: .trace)))
            log.trace("{t} {n}", ("t", 0), ("n", 1))
            #expect(session.shutdown())
            #expect(other.all.map(\.number) == [1])
            #expect(session.ledger.isBalanced)
            #expect(session.ledger.retired.map(\.name) == ["stuck"])
        }
    }

    @Test func whereAllEmittersAreStuckAChangeAndAShutdownTakeNoLongerThanTheyMay() async {
        await #expect(processExitsWith: .success) {
            let stuck = [Stuck("a"), Stuck("b")]
            let session = try startLogging(LoggingSetup(emitters: stuck.map { EmitterSetup($0) }, delivery: .queued()))
            let log = makeLogger("change.stuck")
            // Again and again, so that a change comes while a batch is ahead.
            for number in 0..<20 {
                log.info("{t} {n}", ("t", 0), ("n", number))
                #expect(throws: LoggingSetupError.self) {
                    try session.change(
                        to: LoggingSetup(emitters: [EmitterSetup(Keeper("other"))]),
                        within: .milliseconds(20)
                    )
                }
            }
            #expect(!session.shutdown(within: .milliseconds(100)))
            #expect(session.ledger.isBalanced)
            for emitter in stuck { emitter.isLetGo.withLock { $0 = true } }
        }
    }

    @Test func noThreadIsLeftWhereTheTimeForAShutdownDoesNotSuffice() async {
        await #expect(processExitsWith: .success) {
            for _ in 0..<300 {
                let emitters = ["a", "b"].map { EmitterSetup(Keeper($0)) }
                let session = try startLogging(LoggingSetup(emitters: emitters, delivery: .queued()))
                let log = makeLogger("change.late")
                for number in 0..<500 { log.info("{t} {n}", ("t", 0), ("n", number)) }
                session.shutdown(within: .microseconds(500))
            }
            #expect(ChangeTests.hasEnded("txaio-log"))
        }
    }

    /// Whether all threads of a name end, within a minute.
    private static func hasEnded(_ name: String) -> Bool {
        holds {
            let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
            return !threads.contains {
                (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == name + "\n"
            }
        }
    }

    @Test func afterTheEndNothingCanBeChanged() async {
        await #expect(processExitsWith: .success) {
            let session = try startLogging(to: [Keeper("x")])
            session.shutdown()
            #expect(throws: LoggingSetupError.self) {
                try session.change(to: LoggingSetup(emitters: [EmitterSetup(Keeper("y"))]))
            }
        }
    }

    @Test func whatIsSaidOfLevelsCannotBeTurnedOff() async {
        await #expect(processExitsWith: .success) {
            let emitter = CapturingEmitter(name: "x")
            let session = try startLogging(
                LoggingSetup(emitters: [EmitterSetup(emitter, level: .off)], rules: LevelRules(root: .off))
            )
            makeLogger("TxaioConfiguration").info("said")
            makeLogger("TxaioConfiguration").debug("not said")
            makeLogger("Other").critical("turned away")
            session.shutdown()
            #expect(emitter.messages == ["said"])
        }
    }
}
