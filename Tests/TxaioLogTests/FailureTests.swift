import Testing
import TxaioLog
import TxaioTesting

/// `log.failure`; statement M10 and oddity O18 of txaio's behaviour.
@Suite("Logging failures")
struct FailureTests {
    struct Timeout: Error, CustomStringConvertible {
        let seconds: Int
        var description: String { "no answer within \(seconds) s" }
    }
    struct UpstreamFailed: Error {
        let underlying: any Error
        let attempts: Int
    }
    enum StoreError: Error {
        case broken(file: String, reason: any Error)
        case retried(UpstreamFailed)
        case maybe(Timeout?)
        case plain
    }
    struct Detailed: FailureDetails, CustomStringConvertible {
        var cause: (any Error)?
        var backtrace: String?
        var description: String { "it broke" }
    }

    private func fields(of error: any Error) -> CapturedEvent {
        let sink = CapturingEmitter()
        withLogging(to: sink) { makeLogger("failures").failure(error) }
        return sink.events[0]
    }

    @Test func m10AFailureHasTextAndTypeAtLevelError() {
        let event = fields(of: Timeout(seconds: 3))
        #expect(event.level == .error)
        #expect(event.template == "{error_type}: {error}")
        #expect(event["error"] == .string("no answer within 3 s"))
        #expect(event["error_type"] == .string("Timeout"))
        #expect(event["error_causes"] == nil)
        #expect(event["error_backtrace"] == nil)
    }

    @Test func aTemplateWithValuesComesFirst() {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            makeLogger("failures").failure(Timeout(seconds: 3), "{step} failed", step: 2, name: "upstream")
            makeLogger("failures").failure("{step} failed", Timeout(seconds: 3), step: 2)
        }
        #expect(sink.events.map(\.template) == ["{step} failed", "{step} failed"])
        #expect(sink.events[0].fields.map(\.name) == ["step", "name", "error", "error_type"])
        #expect(sink.events[1].fields.map(\.name) == ["step", "error", "error_type"])
        #expect(sink.events[1]["error"] == .string("no answer within 3 s"))
    }

    @Test func causesAreFollowedThroughPropertiesAndCases() {
        let inner = UpstreamFailed(underlying: Timeout(seconds: 1), attempts: 3)
        guard case .array(let chain) = fields(of: StoreError.retried(inner))["error_causes"] else {
            Issue.record("no causes")
            return
        }
        #expect(chain.count == 2)
        #expect(chain[1] == .string("Timeout: no answer within 1 s"))
        #expect(
            fields(of: StoreError.broken(file: "f", reason: Timeout(seconds: 2)))["error_causes"]
                == .array([.string("Timeout: no answer within 2 s")])
        )
        #expect(
            fields(of: StoreError.maybe(Timeout(seconds: 4)))["error_causes"]
                == .array([.string("Timeout: no answer within 4 s")])
        )
        #expect(fields(of: StoreError.maybe(nil))["error_causes"] == nil)
        #expect(fields(of: StoreError.plain)["error_causes"] == nil)
    }

    @Test func anErrorMayNameItsCauseAndBacktraceItself() {
        let event = fields(of: Detailed(cause: Timeout(seconds: 5), backtrace: "frame 1\nframe 2"))
        #expect(event["error_causes"] == .array([.string("Timeout: no answer within 5 s")]))
        #expect(event["error_backtrace"] == .string("frame 1\nframe 2"))
        #expect(fields(of: Detailed(cause: nil, backtrace: nil))["error_backtrace"] == nil)
    }

    final class Endless: FailureDetails, CustomStringConvertible {
        var cause: (any Error)? { self }
        var description: String { "again" }
    }

    @Test func aCircleOfCausesEnds() {
        guard case .array(let chain) = fields(of: Endless())["error_causes"] else {
            Issue.record("no causes")
            return
        }
        #expect(chain.count == 16)
    }

    final class SelfLogging: Error, CustomStringConvertible {
        var description: String {
            makeLogger("failures.self").failure(self, "while describing it")
            return "described"
        }
    }

    @Test func anErrorWhoseDescriptionLogsItselfEnds() {
        let sink = CapturingEmitter()
        withLogging(to: sink) { makeLogger("failures").failure(SelfLogging(), "outer") }
        #expect(sink.events.last?.template == "outer")
        #expect(sink.events.last?["error"] == .string("described"))
        #expect(sink.events.count > 1 && sink.events.count < 20)
    }

    @Test func aFailureWithoutAnErrorSaysSo() {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            makeLogger("failures").failure("only text", a: 1)
            makeLogger("failures").failure()
        }
        #expect(sink.events.map(\.template) == ["only text", "a failure without an error"])
    }

    @Test func failuresObeyTheirLevel() {
        let sink = CapturingEmitter()
        let log = makeLogger("failures.off", level: .critical)
        withLogging(to: sink) { log.failure(Timeout(seconds: 1)) }
        #expect(sink.events.isEmpty)
    }

    @Test func aChildsFieldsAreOnFailuresToo() {
        let sink = CapturingEmitter()
        withLogging(to: sink) { makeLogger("failures").bind(service: "orders").failure(Timeout(seconds: 1)) }
        #expect(sink.events[0]["service"] == .string("orders"))
    }
}
