import Testing
import TxaioLog
import TxaioTesting

/// Statements M2, M3, M5, M12 and M15 of txaio's behaviour: what a call's event says.
@Suite("Messages of log calls")
struct MessageTests {
    private func messages(_ body: (TxaioLogger) -> Void) -> [String] {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body(makeLogger("messages.log")) }
        return sink.messages
    }

    @Test func m1AllTiersSayTheSame() {
        let said = messages { log in
            log.info("Got '{result}' in {ms:.1f} ms.", result: "ok", ms: 2.54)
            log.info?("Got '{result}' in {ms:.1f} ms.", result: "ok", ms: 2.54)
            log.info("Got '{result}' in {ms:.1f} ms.", ("result", "ok"), ("ms", 2.54))
            log.emit(.info, "Got '{result}' in {ms:.1f} ms.", ["result": "ok", "ms": 2.54])
        }
        #expect(said == Array(repeating: "Got 'ok' in 2.5 ms.", count: 4))
    }

    @Test func m2M3TheInjectedNamesAreInEveryTemplateAndWin() {
        let said = messages { log in
            log.trace("{log_level} {log_namespace} {log_format}")
            log.warn("{log_level} {log_namespace}", log_level: "mine", log_namespace: 7)
            log.info("{log_time:.0f}", log_time: "mine")
        }
        #expect(said[0] == "trace messages.log {log_level} {log_namespace} {log_format}")
        #expect(said[1] == "warn messages.log")
        #expect((Double(said[2]) ?? 0) > 1_735_689_600)
    }

    @Test func m5ABadTemplateIsShownAndNothingIsLost() {
        let said = messages { log in log.info("{nope} {a", a: 1) }
        #expect(said[0].hasPrefix(#"Unable to format "{nope} {a": "#))
        #expect(said[0].contains("a=1"))
    }

    @Test func m15AttributesAndItemsWork() {
        let said = messages { log in
            log.info("{things[one]} {what.foo} {what.sides}", things: ["one": 1], what: ValueTests.Config())
            log.info("{things[one]}", ("things", ["one": 1]))
        }
        #expect(said == ["1 bar 4", "1"])
    }

    @Test func m12ACategorysTemplateIsRendered() {
        addLogCategories(["MESSAGE1": "category of {x}"])
        #expect(messages { $0.info("own", log_category: "MESSAGE1", x: 3) } == ["category of 3"])
    }

    @Test func fieldsOfLoggersAndScopesAreInTemplatesToo() {
        let said = messages { log in
            withLogContext(["requestID": "r1"]) { log.bind(service: "orders").info("{service} {requestID} {a}", a: 1) }
        }
        #expect(said == ["orders r1 1"])
    }

    @Test func aFailureSaysTypeAndText() {
        #expect(messages { $0.failure(FailureTests.Timeout(seconds: 3)) } == ["Timeout: no answer within 3 s"])
    }
}
