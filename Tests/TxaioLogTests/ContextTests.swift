import Testing
import TxaioLog
import TxaioTesting

@Suite("Bound fields and scopes")
struct ContextTests {
    private let log = makeLogger("context")

    private func capture(_ body: () throws -> Void) rethrows -> [CapturedEvent] {
        let sink = CapturingEmitter()
        try withLogging(to: sink) { try body() }
        return sink.events
    }

    private func captureAsync(_ body: () async throws -> Void) async rethrows -> [CapturedEvent] {
        let sink = CapturingEmitter()
        try await withLogging(to: sink) { try await body() }
        return sink.events
    }

    private func names(_ event: CapturedEvent) -> [String] { event.fields.map(\.name) }

    @Test func aChildCarriesItsFieldsInEveryTier() {
        let child = log.bind(service: "orders", shard: 7)
        let events = capture {
            child.info("t {a}", ("a", 1))
            child.info("t {a}", a: 1)
            child.info?("t {a}", a: 1)
            child.emit(.info, "t {a}", ["a": 1])
        }
        #expect(Set(events.map(\.fields)).count == 1)
        #expect(names(events[0]) == ["a", "service", "shard"])
        #expect(events[0]["service"] == .string("orders") && events[0]["shard"] == .int(7))
    }

    @Test func aChildOfAChildHasBothFieldsAndItsOwnWin() {
        let child = log.bind(a: 1, b: 1).bind(b: 2, c: 2)
        let events = capture { child.info("t") }
        #expect(names(events[0]) == ["b", "c", "a"])
        #expect(events[0]["b"] == .int(2))
        #expect(capture { log.info("t") }[0].fields.isEmpty)
    }

    @Test func bindingHasNoEffectOnTheLoggerItself() {
        _ = log.bind(a: 1)
        #expect(capture { log.info("t") }[0].fields.isEmpty)
        #expect(names(capture { log.bind().info("t") }[0]).isEmpty)
    }

    @Test func boundValuesAreThoseOfTheMomentOfBinding() {
        final class Counter: LogRepresentable, CustomStringConvertible, @unchecked Sendable {
            var value = 1
            var description: String { "\(value)" }
        }
        let counter = Counter()
        let child = log.bind(counter: counter)
        counter.value = 2
        #expect(capture { child.info("t") }[0]["counter"] == .object(type: "Counter", text: "1", attributes: []))
    }

    @Test func aConstantLoggerBindsToo() {
        let events = capture { Self.constant.bind(a: 1).info("t") }
        #expect(names(events[0]) == ["a"] && events[0].namespace == "context.constant")
    }
    private static let constant: StaticLogger = makeLogger("context.constant")

    @Test func scopesNestAndTheInnerWins() {
        let events = capture {
            log.info("before")
            withLogContext(["a": 1, "b": 1]) {
                log.info("outer")
                withLogContext(["b": 2, "c": 2]) { log.info("inner") }
                log.info("outer again")
            }
            log.info("after")
        }
        #expect(events.map(names) == [[], ["a", "b"], ["b", "c", "a"], ["a", "b"], []])
        #expect(events[2]["b"] == .int(2) && events[3]["b"] == .int(1))
    }

    @Test func theCallWinsOverTheLoggerAndTheLoggerOverTheScope() {
        let child = log.bind(x: "bound", y: "bound")
        let events = capture {
            withLogContext(["x": "scope", "y": "scope", "z": "scope"]) {
                child.info("t", ("x", "call"))
                child.info("t", x: "call")
                child.emit(.info, "t", ["x": "call"])
            }
        }
        for event in events {
            #expect(names(event) == ["x", "y", "z"])
            #expect(event.fields.map(\.value) == [.string("call"), .string("bound"), .string("scope")])
        }
    }

    @Test func scopeFieldsReachEveryLogger() {
        let events = capture {
            withLogContext(["requestID": "r"]) {
                makeLogger("context.other").info("t")
                log.failure(CancellationError())
            }
        }
        #expect(events.map { $0["requestID"] } == [.string("r"), .string("r")])
    }

    @Test func aScopeReachesAcrossSuspensionsAndChildTasks() async {
        let events = await captureAsync {
            await withLogContext(["requestID": "r"]) {
                await Task.yield()
                log.info("after a suspension")
                async let child: Void = log.info("in a child")
                await child
                await withTaskGroup(of: Void.self) { group in
                    for index in 0..<8 {
                        group.addTask { withLogContext(["index": index]) { log.info("in a group") } }
                    }
                }
                await Task { log.info("in an unstructured task") }.value
            }
            log.info("outside")
        }
        #expect(events.count == 12)
        #expect(events.dropLast().allSatisfy { $0["requestID"] == .string("r") })
        #expect(Set(events.compactMap { $0["index"] }) == Set((0..<8).map { CapturedValue.int($0) }))
        #expect(events.last?.fields.isEmpty == true)
    }

    @Test func scopesOfConcurrentTasksDoNotMix() async {
        let events = await captureAsync {
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<16 {
                    group.addTask {
                        await withLogContext(["task": task]) {
                            for _ in 0..<50 {
                                log.info("t", ("own", task))
                                await Task.yield()
                            }
                        }
                    }
                }
            }
        }
        #expect(events.count == 800)
        #expect(events.allSatisfy { $0["own"] == $0["task"] })
    }

    struct Refused: Error, Equatable { let code: Int }

    @Test func typedThrowsPassThrough() async {
        func inScope() throws(Refused) -> Int {
            try withLogContext(["a": 1]) { () throws(Refused) -> Int in throw Refused(code: 4) }
        }
        func inAsyncScope() async throws(Refused) -> Int {
            try await withLogContext(["a": 1]) { () async throws(Refused) -> Int in
                await Task.yield()
                throw Refused(code: 5)
            }
        }
        do { _ = try inScope() } catch { #expect(error == Refused(code: 4)) }
        do { _ = try await inAsyncScope() } catch { #expect(error == Refused(code: 5)) }
        let plain = withLogContext(["a": 1]) { 7 }
        let suspended = await withLogContext(["a": 1]) {
            await Task.yield()
            return 8
        }
        #expect(plain == 7 && suspended == 8)
        #expect(capture { log.info("t") }[0].fields.isEmpty)
    }

    @Test func capturesNestAndEachEventReachesTheInnermostOnly() {
        let (outer, inner) = (CapturingEmitter(), CapturingEmitter())
        withLogging(to: outer) {
            withLogContext(["a": 1]) {
                withLogging(to: inner) { log.info("inner") }
                log.info("outer")
            }
        }
        #expect(inner.events.map(\.template) == ["inner"] && outer.events.map(\.template) == ["outer"])
        #expect(names(inner.events[0]) == ["a"] && names(outer.events[0]) == ["a"])
    }

    @Test func capturesOfConcurrentTasksDoNotMix() async {
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let sink = CapturingEmitter()
                    await withLogging(to: sink) {
                        for _ in 0..<20 {
                            log.info("t", ("task", task))
                            await Task.yield()
                        }
                    }
                    #expect(sink.events.count == 20)
                    #expect(sink.events.allSatisfy { $0["task"] == .int(Int128(task)) })
                }
            }
        }
    }

    /// Counts flushes.
    private final class Flushed: LogEmitter {
        let name = "flushed"
        private let count = Lock(0)
        func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }
        func flush(until deadline: Deadline) -> Bool {
            count.withLock { $0 += 1 }
            return true
        }
        var flushes: Int { count.withLock { $0 } }
    }

    @Test func aCaptureFlushesItsEmittersAlsoWhenItsBodyThrows() async {
        let sink = Flushed()
        try? withLogging(to: sink) { throw Refused(code: 1) }
        #expect(sink.flushes == 1)
        try? await withLogging(to: sink) {
            await Task.yield()
            throw Refused(code: 1)
        }
        #expect(sink.flushes == 2)
    }

    @Test func fieldsOfOneNameInACallAreAllKept() {
        let events = capture { log.info("t", ("a", 1), ("a", 2)) }
        #expect(events[0].fields.map(\.value) == [.int(1), .int(2)])
    }

    @Test func injectedNamesAreTheCallersToUseAsFields() {
        let events = capture { log.info("t", log_level: "mine", log_time: 1, log_namespace: "x", log_format: "y") }
        #expect(names(events[0]) == ["log_level", "log_time", "log_namespace", "log_format"])
        #expect(events[0].level == .info && events[0].namespace == "context")
    }
}
