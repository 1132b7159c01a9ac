import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// What futures say of themselves through the logger.
struct ReportTests {
    private struct Grave: Error, CustomStringConvertible {
        var description = "two\nlines"
    }

    private let clock = VirtualClock()
    private let runtime: TxaioRuntime

    init() { runtime = TxaioRuntime(loop: clock) }

    private func events<E: Error>(
        _ level: LogLevel,
        _ body: () throws(E) -> Void
    ) throws(E) -> [CapturedEvent] {
        let capture = CapturingEmitter()
        try withLogging(to: capture, level: .trace) { () throws(E) in try body() }
        return capture.events.filter { $0.level == level && $0.namespace == "TxaioCore.Future" }
    }

    @Test func anUnhandledRejectionIsToldOnceWithWhereTheFutureWasMade() throws {
        let line: UInt = #line + 2
        let found = try events(.critical) {
            let future = runtime.createFuture(of: Int.self)
            future.addCallbacks { _ in }
            try future.reject(Grave())
            #expect(future.settledResult != nil)
        }
        #expect(found.count == 1)
        let event = try #require(found.first)
        #expect(event["file"] == .string("TxaioCoreTests/ReportTests.swift"))
        #expect(event["line"] == .int(Int128(line)))
        #expect(event["error"] == .string("Grave: two lines"))
        #expect(event["rejected_at"] == .string("TxaioCoreTests/ReportTests.swift:\(line + 2)"))
        #expect(event.message.contains("TxaioCoreTests/ReportTests.swift:\(line)"))
    }

    @Test func aChainIsToldOnceAtItsEnd() throws {
        let found = try events(.critical) {
            let future = runtime.createFuture(of: Int.self)
            let last = future.map { $0 }.map { $0 }.flatMap { self.runtime.createFutureSuccess($0) }
            try future.reject(Grave())
            #expect(last.isCalled)
        }
        #expect(found.count == 1)
    }

    @Test func whatSomebodyHandledIsNotTold() async throws {
        let capture = CapturingEmitter()
        try await withLogging(to: capture) {
            let early = runtime.createFuture(of: Int.self)
            early.addCallbacks(nil) { _ in }
            try early.reject(Boom())
            let late: TxaioFuture<Int> = runtime.createFutureError(Boom())
            late.addCallbacks(nil) { _ in }
            let gathered: TxaioFuture<Int> = runtime.createFutureError(Boom())
            #expect(runtime.gather([gathered]).isCalled)
            let awaited: TxaioFuture<Int> = runtime.createFutureError(Boom())
            await #expect(throws: Boom.self) { try await awaited.value }
            let cancelled = runtime.createFuture(of: Int.self)
            cancelled.cancel("no need")
            let cancelledWhole = runtime.gather([runtime.createFuture(of: Int.self)])
            cancelledWhole.cancel()
        }
        #expect(capture.events.filter { $0.level <= .error }.isEmpty)
    }

    @Test func manyThreadsThatLetGoTellOnceForEach() async throws {
        let capture = CapturingEmitter()
        let count = Rounds.count(2_000, long: 100_000)
        try await withLogging(to: capture, level: .critical) {
            let context = LogContext.current
            let runtime = TxaioRuntime(loop: ConcurrencyLoop())
            let futures = Lock((0..<count).map { _ in Optional(runtime.createFuture(of: Int.self)) })
            Threads.run(4) { thread in
                context?.run {
                    for index in 0..<count {
                        let future = futures.withLock { futures in
                            // The last of the four to look takes it away.
                            defer { if thread == index % 4 { futures[index] = nil } }
                            return futures[index]
                        }
                        try? future?.reject(Boom(number: index))
                    }
                }
            }
            try await runtime.settle()
        }
        // Some were taken away before anybody rejected them; none is told twice.
        let places = capture.events.compactMap { $0["error"] }
        #expect(Set(places).count == places.count)
        #expect(!places.isEmpty)
        #expect(places.count <= count)
    }

    @Test func aCallbackThatThrowsIsToldAtErrorAndStopsNothing() throws {
        let seen = Log()
        let found = try events(.error) {
            let future = runtime.createFuture(of: Int.self)
            future.addCallbacks { _ in throw Grave() }
            future.addCallbacks({ _ in throw Grave() }, { seen.add("its errback: \($0.value)") })
            future.addCallbacks { seen.add("the next: \($0)") }
            try future.resolve(1)
            let failed = runtime.createFuture(of: Int.self)
            failed.addCallbacks(nil) { _ in throw Grave() }
            failed.addCallbacks(nil) { _ in seen.add("the next errback") }
            try failed.reject(Boom())
        }
        #expect(seen.lines == ["its errback: two\nlines", "the next: 1", "the next errback"])
        #expect(found.map { $0["kind"] } == [.string("callback"), .string("errback")])
        #expect(found.allSatisfy { $0["error"] == .string("Grave: two lines") })
    }

    @Test func theLifeOfAFutureIsTracedWhereThatLevelIsOn() throws {
        let live: () throws -> Void = {
            let future = runtime.createFuture(of: Int.self)
            try future.resolve(1)
            let failed = runtime.createFuture(of: Int.self)
            failed.addCallbacks(nil) { _ in }
            try failed.reject(Boom())
        }
        let traced = try events(.trace, live)
        #expect(traced.count == 4)
        #expect(traced.filter { $0.message.contains(" made at TxaioCoreTests/ReportTests.swift:") }.count == 2)
        #expect(traced.filter { $0.message.contains(" resolved") }.count == 1)
        #expect(traced.filter { $0.message.contains(" failed: Boom: ") }.count == 1)
        let quiet = CapturingEmitter()
        try withLogging(to: quiet, level: .debug) { try live() }
        #expect(quiet.events.isEmpty)
    }

    // ------------------------------------------------------------------------------------------------ scopes

    @Test func theScopeOfWhoAddedFollowsTheCallbackOnEveryWay() async throws {
        let capture = CapturingEmitter()
        let log = makeLogger("Scopes")
        let runtime = TxaioRuntime(loop: ConcurrencyLoop())
        let done = Counter()
        let say: @Sendable (String) -> Void = { text in
            log.info("{text}", text: text)
            done.value.add(1, ordering: .releasing)
        }
        try await withLogging(to: capture, level: .info) {
            let future = runtime.createFuture(of: Int.self)
            let failing = runtime.createFuture(of: Int.self)
            future.addCallbacks { _ in say("without") }
            withLogContext(["request": 7]) {
                future.addCallbacks { _ in say("callback") }
                failing.addCallbacks(nil) { _ in say("errback") }
                future.map { _ in say("map") }.addCallbacks { say("after map") }
                runtime.gather([future, future]).addCallbacks { _ in say("gather") }
                runtime.callLater(.milliseconds(1)) { say("timer") }
                runtime.execute { say("execute") }
                runtime.sleep(.milliseconds(1)).addCallbacks { say("sleep") }
            }
            withLogContext(["request": 8]) {
                try? future.resolve(1)
                try? failing.reject(Boom())
            }
            withLogContext(["request": 7]) { future.addCallbacks { _ in say("late") } }
            try await withLogContext(["request": 7]) {
                let value = try await future.value
                #expect(value == 1)
                say("await")
            }
            #expect(await becomes { done.value.load(ordering: .acquiring) == 11 })
        }
        let told = capture.events.filter { $0.namespace == "Scopes" }
        #expect(told.count == 11)
        for event in told {
            #expect(event["request"] == (event.message == "without" ? nil : .int(7)), "\(event.message)")
        }
    }

    @Test func aScopeIsReleasedWithTheCallbackThatHeldIt() throws {
        weak var scope: LogContext?
        withLogContext(["request": 1]) {
            scope = LogContext.current
            let future = runtime.createFuture(of: Int.self)
            future.addCallbacks({ _ in }, { _ in })
            future.addCallbacks(nil) { _ in }
            #expect(!future.map { $0 }.isCalled)
            runtime.callLater(.seconds(5)) {}.cancel()
        }
        clock.advance(by: .seconds(10))
        #expect(scope == nil)
    }
}
