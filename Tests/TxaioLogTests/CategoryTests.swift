import Testing
import TxaioLog
import TxaioTesting

/// Statements M12 and M13 of txaio's behaviour.
@Suite("Log categories")
struct CategoryTests {
    private func event(_ body: (TxaioLogger) -> Void) -> CapturedEvent? {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body(makeLogger("categories")) }
        return sink.events.first
    }

    @Test func m12AKnownCategoryReplacesEveryKindOfTemplate() {
        addLogCategories(["CT1": "category says {x}"])
        let runTime = "made at run time " + String(1)
        let events = [
            event { $0.info("literal of more than fifteen bytes", log_category: "CT1", x: 1) },
            event { $0.info("literal", log_category: "CT1", x: 1) },
            event { $0.info("literal", ("log_category", "CT1"), ("x", 1)) },
            event { $0.info(runTime, log_category: "CT1", x: 1) },
            event { $0.emit(.info, runTime, ["log_category": "CT1", "x": 1]) },
            event { $0.info(log_category: "CT1", x: 1) },
            event { $0.info("", log_category: "CT1", x: 1) },
        ]
        for event in events {
            #expect(event?.template == "category says {x}")
            #expect(event?.fields.map(\.name) == ["log_category", "x"])
            #expect(event?["x"] == .int(1))
        }
    }

    @Test func aCategorysTemplateMayBeShorterLongerOrEmpty() {
        let long = String(repeating: "long ", count: 1_000) + "{x}"
        addLogCategories(["CT2": "", "CT3": long])
        let text = "a run-time template of middling length " + String(1)
        for (category, template) in [("CT2", ""), ("CT3", long)] {
            let event = event { $0.info(text, log_category: category, x: [1, 2, 3]) }
            #expect(event?.template == template)
            #expect(event?["x"] == .array([.int(1), .int(2), .int(3)]))
        }
    }

    @Test func m12AnUnknownCategoryChangesNothing() {
        addLogCategories(["CT4": "known"])
        #expect(event { $0.info("own {x}", log_category: "CT-unknown", x: 1) }?.template == "own {x}")
        #expect(event { $0.info("own {x}", log_category: 4, x: 1) }?.template == "own {x}")
        #expect(event { $0.info("own {x}", log_category: [1], x: 1) }?.template == "own {x}")
    }

    @Test func m13OfTwoTemplatesTheLaterWins() {
        addLogCategories(["CT5": "first"])
        addLogCategories(["CT5": "second", "CT6": "other"])
        addLogCategories([:])
        #expect(event { $0.info("own", log_category: "CT5") }?.template == "second")
        #expect(event { $0.info("own", log_category: "CT6") }?.template == "other")
    }

    @Test func onlyTheCallsOwnFieldsNameACategory() {
        addLogCategories(["CT7": "category"])
        let bound = event { $0.bind(log_category: "CT7").info("own text") }
        #expect(bound?.template == "own text")
        let scoped = event { log in withLogContext(["log_category": "CT7"]) { log.info("own text") } }
        #expect(scoped?.template == "own text")
    }

    @Test func aCategoryReplacesTheTemplateOfARecordThatRanUserCode() {
        struct Foreign: CustomStringConvertible { var description: String { "foreign" } }
        addLogCategories(["CT8": "category {f}"])
        let event = event { $0.info("own \(1)", log_category: "CT8", f: Foreign()) }
        #expect(event?.template == "category {f}")
        #expect(event?.fields.count == 2)
    }

    @Test func scopeAndLoggerFieldsSurviveAReplacedTemplate() {
        addLogCategories(["CT9": "category {x}"])
        let event = event { log in
            withLogContext(["scope": 3]) { log.bind(bound: 2).info("own \(1)", log_category: "CT9", x: 1) }
        }
        #expect(event?.fields.map(\.name) == ["log_category", "x", "bound", "scope"])
    }
}
