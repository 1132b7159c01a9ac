import Testing
import TxaioLog
import TxaioTesting

/// Statements L1, L4 and L12 of txaio's behaviour: what a level is.
@Suite("Levels")
struct LevelTests {
    @Test func l1SevenNamesInOrder() {
        let names = LogLevel.allCases.map(\.description)
        #expect(names == ["none", "critical", "error", "warn", "info", "debug", "trace"])
        #expect(LogLevel.allCases.map { "\($0.name)" } == names)
        #expect(LogLevel.allCases.sorted() == LogLevel.allCases)
        #expect(LogLevel.off < .critical && LogLevel.critical < .error && LogLevel.error < .warn)
        #expect(LogLevel.warn < .info && LogLevel.info < .debug && LogLevel.debug < .trace)
    }

    @Test func everyNameReadsBackAsItsLevel() throws {
        for level in LogLevel.allCases {
            #expect(try LogLevel(parsing: level.description) == level)
            #expect(LogLevel(level.description) == level)
        }
    }

    @Test(arguments: [
        "foo", "", "INFO", "Info", " info", "info ", "warning", "off", "fatal", "0", "inf\u{6F}\u{301}", "info\0",
    ])
    func l4AnyOtherNameIsRefusedWithTheValidOnes(_ text: String) {
        let expected = "Invalid log level '\(text)'; valid are: none, critical, error, warn, info, debug, trace"
        #expect(LogLevel(text) == nil)
        #expect { try LogLevel(parsing: text) } throws: { "\($0)" == expected }
    }

    @Test(arguments: LogLevel.allCases)
    func l1ALevelShowsItselfAndAllBeforeIt(_ threshold: LogLevel) {
        let sink = CapturingEmitter()
        let log = makeLogger("levels.l1.\(threshold)", level: threshold)
        withLogging(to: sink) {
            log.critical("c")
            log.error("e")
            log.warn("w")
            log.info("i")
            log.debug("d")
            log.trace("t")
        }
        let expected = LogLevel.allCases.filter { $0 != .off && $0 <= threshold }
        #expect(sink.events.map(\.level) == expected)
        for level in LogLevel.allCases { #expect(log.isEnabled(level) == expected.contains(level)) }
        #expect(log.level == threshold)
    }

    @Test func l12NoneSilencesEveryLevelInEveryTier() {
        let sink = CapturingEmitter()
        let log = makeLogger("levels.l12", level: .off)
        withLogging(to: sink) {
            log.critical("text")
            log.critical("text", ("a", 1))
            log.critical("text", a: 1)
            log.critical?("text", a: 1)
            log.emit(.critical, "text")
            log.emit(.critical, "text", ["a": 1])
            log.failure(CancellationError())
            log.bind(b: 2).critical("text")
        }
        #expect(sink.events.isEmpty)
    }

    @Test func anEventIsNeverOfLevelNone() {
        let sink = CapturingEmitter()
        let log = makeLogger("levels.none-event", level: .trace)
        withLogging(to: sink) {
            log.emit(.off, "text")
            log.emit(.off, "text", ["a": 1])
            log.emit(.off, String(repeating: "text", count: 9), fields: [("a", 1)])
        }
        #expect(sink.events.isEmpty)
        #expect(!log.isEnabled(.off))
    }

    @Test func l10ALevelSetByHandHoldsUntilItIsGivenUp() {
        let log = makeLogger("levels.l10")
        log.setLevel(.critical)
        #expect(log.level == .critical)
        withLogging(to: CapturingEmitter(), level: .trace) { #expect(log.level == .critical) }
        log.setLevel(.warn, keep: false)
        withLogging(to: CapturingEmitter(), level: .trace) { #expect(log.level == .trace) }
    }

    @Test func l10AnExplicitLevelOfMakeLoggerIsSetByHand() {
        let log = makeLogger("levels.explicit", level: .error)
        withLogging(to: CapturingEmitter(), level: .trace) {
            #expect(log.level == .error)
            #expect(makeLogger("levels.explicit").level == .error)
        }
    }

    @Test func everyLoggerOfANamespaceSharesItsLevel() {
        let first = makeLogger("levels.shared")
        let child = first.bind(a: 1)
        let second = makeLogger("levels.shared")
        child.setLevel(.debug)
        #expect(first.level == .debug && second.level == .debug && child.level == .debug)
        second.setLevel(.warn)
        #expect(first.level == .warn && second.level == .warn && child.level == .warn)
    }
}
