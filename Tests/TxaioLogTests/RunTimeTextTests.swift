import Testing
import TxaioLog
import TxaioTesting

/// Text made at run time is data; statements M6 and R4 of txaio's behaviour.
@Suite("Literal and run-time text")
struct RunTimeTextTests {
    /// An emitter that notes what only the event itself can tell.
    private final class Flags: LogEmitter {
        let name = "flags"
        private let seen = Lock([Bool]())
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let isText = event.isText
            seen.withLock { $0.append(isText) }
            return .handedOver
        }
        var isText: [Bool] { seen.withLock { $0 } }
    }

    private func capture(_ body: (TxaioLogger) -> Void) -> (events: [CapturedEvent], isText: [Bool]) {
        let sink = CapturingEmitter()
        let flags = Flags()
        let log = makeLogger("text")
        withLogging(to: sink, flags) { body(log) }
        return (sink.events, flags.isText)
    }

    @Test func aTextMadeAtRunTimeWithoutValuesIsNeverParsed() {
        let braces = "{a} {0} {{x}} {" + String(7)
        let (events, isText) = capture { log in
            log.info(braces)
            log.info?(braces)
            log.emit(.info, braces)
            log.info("{interpolated \(7)}")
            log.info(String(repeating: "{", count: 40))
            log.info(braces.prefix(5))
        }
        #expect(events.map(\.message).prefix(3) == [braces, braces, braces])
        #expect(events.map(\.message).suffix(3) == ["{interpolated 7}", String(repeating: "{", count: 40), "{a} {"])
        #expect(isText == [true, true, true, true, true, true])
        #expect(events.map { $0.fields.count } == [0, 0, 0, 0, 0, 0])
    }

    @Test func aLiteralIsATemplateInEveryTierHoweverLong() {
        let (events, isText) = capture { log in
            log.info("short {a}", a: 1)
            log.info("a template of more than fifteen bytes: {a}", a: 1)
            log.info("short {a}", ("a", 1))
            log.info("")
            log.info("a")
        }
        #expect(
            events.map(\.template) == [
                "short {a}", "a template of more than fifteen bytes: {a}", "short {a}", "", "a",
            ]
        )
        #expect(isText == [false, false, false, false, false])
    }

    @Test func aTemplateMadeAtRunTimeKeepsItsValues() {
        for template in ["t {a}", "a longer template, {a}"].map({ String($0.reversed().reversed()) }) {
            let (events, isText) = capture { log in
                log.info(template, a: 1)
                log.emit(.info, template, ["a": 1])
            }
            #expect(events.map(\.template) == [template, template])
            #expect(events.map { $0.fields.map(\.name) } == [["a"], ["a"]])
            #expect(isText == [false, false])
        }
    }

    @Test func aStaticStringInAVariableIsATemplate() {
        let template: StaticString = "a template in a variable: {a}"
        let (events, isText) = capture { log in
            log.info(template, a: 1)
            log.info(template, ("a", 1))
            log.info(template)
        }
        #expect(events.map(\.template) == Array(repeating: "a template in a variable: {a}", count: 3))
        #expect(events.map { $0.fields.map(\.name) } == [["a"], ["a"], []])
        #expect(isText == [false, false, false])
    }

    @Test func m6ACallWithoutATemplateKeepsItsFields() {
        let (events, _) = capture { log in
            log.info(a: 1, b: "x")
            log.info(message: "said by name")
            log.info(42)
            log.info()
        }
        #expect(events.map(\.template) == [nil, nil, nil, nil])
        #expect(events[0].fields.map(\.name) == ["a", "b"])
        #expect(events[1]["message"] == .string("said by name"))
        #expect(events[2].fields.map(\.value) == [.int(42)])
        #expect(events[3].fields.isEmpty)
    }

    @Test func aTextOfAnyBytesArrivesWhole() {
        let texts = [
            "", "\0", "\u{1F600}", "é", "e\u{301}", "\r\n", "\u{FEFF}x", String(repeating: "ß", count: 100_000),
        ]
        let (events, _) = capture { log in for text in texts { log.info(String(text.unicodeScalars), v: text) } }
        for (event, text) in zip(events, texts) {
            #expect(event.template.map { Array($0.utf8) } == Array(text.utf8))
            guard case .string(let value) = event["v"] else {
                Issue.record("no text")
                continue
            }
            #expect(Array(value.utf8) == Array(text.utf8))
        }
    }
}
