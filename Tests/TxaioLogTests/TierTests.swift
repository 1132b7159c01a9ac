import Testing
import TxaioLog
import TxaioTesting

/// Three spellings of a call, one event; statements M1, M2, M4, M7, M8, M14 of txaio's behaviour.
@Suite("The tiers of a log call")
struct TierTests {
    private static let constant: StaticLogger = makeLogger("tiers.constant")

    /// What an emitter sees, but for the time, the order and the place.
    private struct Essence: Hashable {
        let level: LogLevel
        let namespace: String
        let template: String?
        let message: String
        let fields: [CapturedField]

        init(_ event: CapturedEvent) {
            level = event.level
            namespace = event.namespace
            template = event.template
            message = event.message
            fields = event.fields
        }
    }

    private func essences(_ body: () -> Void) -> [Essence] {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body() }
        return sink.events.map(Essence.init)
    }

    @Test func m1AllTiersMakeTheSameEvent() {
        let log = makeLogger("tiers.same")
        let events = essences {
            log.info("Got '{result}' in {ms:.1f} ms.", result: "ok", ms: 2.5)
            log.info?("Got '{result}' in {ms:.1f} ms.", result: "ok", ms: 2.5)
            log.info("Got '{result}' in {ms:.1f} ms.", ("result", "ok"), ("ms", 2.5))
            log.emit(.info, "Got '{result}' in {ms:.1f} ms.", ["result": "ok", "ms": 2.5])
        }
        #expect(events.count == 4)
        #expect(Set(events).count == 1)
        #expect(events.first?.template == "Got '{result}' in {ms:.1f} ms.")
        #expect(events.first?.fields.map(\.value) == [.string("ok"), .double(2.5)])
    }

    @Test func allTiersMakeTheSameEventWithAndWithoutValuesAndWithManyOfThem() {
        let log = makeLogger("tiers.counts")
        for events in [
            essences {
                log.warn("Nothing to say here, or there.")
                log.warn?("Nothing to say here, or there.")
                log.emit(.warn, "Nothing to say here, or there.")
            },
            essences {
                log.warn("{a}{b}{c}{d}{e}{f}{g}{h}", a: 1, b: 2, c: 3, d: 4, e: "5", f: 6, g: true, h: 8.5)
                log.warn(
                    "{a}{b}{c}{d}{e}{f}{g}{h}",
                    ("a", 1),
                    ("b", 2),
                    ("c", 3),
                    ("d", 4),
                    ("e", "5"),
                    ("f", 6),
                    ("g", true),
                    ("h", 8.5)
                )
            },
            essences {
                log.warn("One [{a}]", a: [1, 2])
                log.warn("One [{a}]", ("a", [1, 2]))
            },
        ] {
            #expect(events.count >= 2)
            #expect(Set(events).count == 1, "\(events)")
        }
    }

    @Test func allTiersWriteTextsOfEveryLengthAndFormBetweenOtherValues() {
        let log = makeLogger("tiers.texts")
        for length in Array(0...50) + [1_007, 1_008, 1_023, 1_024, 1_025, 1_040, 9_000] {
            let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
            // Memory of its own, however short it is.
            var roomy = ""
            roomy.reserveCapacity(100)
            roomy += text
            let events = essences {
                log.info(
                    "{b}",
                    a: text,
                    b: -1,
                    c: UInt8(3),
                    d: roomy,
                    e: 2.5,
                    f: text + "é",
                    g: true,
                    h: [1],
                    i: roomy,
                    j: text
                )
                log.info(
                    "{b}",
                    ("a", text),
                    ("b", -1),
                    ("c", UInt8(3)),
                    ("d", roomy),
                    ("e", 2.5),
                    ("f", text + "é"),
                    ("g", true),
                    ("h", [1])
                )
                log.bind(a: text, b: -1, c: UInt8(3), d: roomy, e: 2.5, f: text + "é", g: true).info("{b}")
            }
            let expected: [CapturedValue] = [
                .string(text), .int(-1), .int(3), .string(text), .double(2.5), .string(text + "é"), .bool(true),
            ]
            #expect(events.count == 3)
            let areAsGiven = events.allSatisfy { $0.fields.prefix(7).map(\.value) == expected }
            let isTheRest = events.first?.fields.dropFirst(8).map(\.value) == [.string(text), .string(text)]
            #expect(areAsGiven && isTheRest, "texts of \(length) bytes")
        }
    }

    @Test func m1EachLevelHasAllTiers() {
        let log = makeLogger("tiers.levels")
        let events = essences {
            log.critical("t {a}", a: 1)
            log.critical?("t {a}", a: 1)
            log.critical("t {a}", ("a", 1))
            log.error("t {a}", a: 1)
            log.error?("t {a}", a: 1)
            log.error("t {a}", ("a", 1))
            log.warn("t {a}", a: 1)
            log.warn?("t {a}", a: 1)
            log.warn("t {a}", ("a", 1))
            log.info("t {a}", a: 1)
            log.info?("t {a}", a: 1)
            log.info("t {a}", ("a", 1))
            log.debug("t {a}", a: 1)
            log.debug?("t {a}", a: 1)
            log.debug("t {a}", ("a", 1))
            log.trace("t {a}", a: 1)
            log.trace?("t {a}", a: 1)
            log.trace("t {a}", ("a", 1))
        }
        let levels: [LogLevel] = [.critical, .error, .warn, .info, .debug, .trace]
        #expect(events.map(\.level) == levels.flatMap { [$0, $0, $0] })
        #expect(Set(events.map(\.fields)).count == 1)
    }

    @Test func aConstantLoggerAndItsCopyMakeTheSameEvents() {
        let events = essences {
            Self.constant.info("t {a}", a: 1)
            Self.constant.info?("t {a}", a: 1)
            Self.constant.info("t {a}", ("a", 1))
            Self.constant.logger.info("t {a}", a: 1)
            Self.constant.emit(.info, "t {a}", ["a": 1])
        }
        #expect(events.count == 5 && Set(events).count == 1)
        #expect(events.first?.namespace == "tiers.constant")
    }

    @Test func aFunctionTakesAConstantLoggerBorrowing() {
        func use(_ log: borrowing StaticLogger) { log.info("borrowed {a}", ("a", 1)) }
        let events = essences { use(Self.constant) }
        #expect(events.count == 1)
    }

    private static let quiet: StaticLogger = makeLogger("tiers.quiet-constant")

    @Test func m4AQuestionMarkEvaluatesNothingWhileTheLevelIsOff() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.quiet", level: .info)
        let child = log.bind(service: "orders")
        Self.quiet.setLevel(.info)
        var evaluations = 0
        func expensive() -> Int {
            evaluations += 1
            return evaluations
        }
        withLogging(to: sink) {
            log.debug?("t {a} {b}", a: expensive(), b: expensive())
            log.trace?("t {a}", a: expensive())
            child.debug?("t {a}", a: expensive())
            Self.quiet.debug?("t {a}", a: expensive())
            Self.quiet.logger.trace?("t {a}", a: expensive())
            #expect(evaluations == 0)
            log.info?("t {a} {b}", a: expensive(), b: expensive())
            child.info?("t {a}", a: expensive())
            Self.quiet.info?("t {a}", a: expensive())
        }
        #expect(evaluations == 4)
        #expect(sink.events.count == 3)
        #expect(sink.events[0].fields.map(\.value) == [.int(1), .int(2)])
    }

    @Test func m4ABadTemplateIsNotNoticedWhileTheLevelIsOff() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.bad-off", level: .info)
        withLogging(to: sink) {
            log.debug("{", a: 1)
            log.debug?("{nope")
            log.debug("}{", ("a", 1))
        }
        #expect(sink.events.isEmpty)
    }

    @Test func theTupleTierTellsLineAndFunctionAndTheKeywordTierInventsNeither() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.place")
        let line = UInt32(#line)
        withLogging(to: sink) {
            log.info("t {a}", ("a", 1))
            log.info("t {a}", a: 1)
            log.info("t")
            log.emit(.info, "t {a}", ["a": 1])
            log.emit(.info, "t \(line)", fields: [("a", 1)])
            log.failure(CancellationError())
        }
        let events = sink.events
        #expect(events.map(\.line) == [line + 2, nil, line + 4, nil, nil, nil])
        let name = "theTupleTierTellsLineAndFunctionAndTheKeywordTierInventsNeither()"
        #expect(events.map(\.function) == [name, nil, name, nil, nil, nil])
    }

    @Test func m7NoNameIsReservedForTheCaller() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.names")
        withLogging(to: sink) {
            log.info("t", level: 1, format: 2, logger: 3, self: 4, message: 5, template: 6, name: 7, error: 8)
            log.info("t", in: 1, class: 2, _: 3)
        }
        #expect(
            sink.events[0].fields.map(\.name) == [
                "level", "format", "logger", "self", "message", "template", "name", "error",
            ]
        )
        #expect(sink.events[1].fields.map(\.name).prefix(2) == ["in", "class"])
    }

    @Test func m8EmitTakesLevelTemplateAndFieldsAtRunTime() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.emit")
        withLogging(to: sink) {
            for level in LogLevel.allCases {
                log.emit(level, "t {\("key-" + level.description)}", fields: [("key-" + level.description, 1)])
            }
        }
        #expect(sink.events.map(\.level) == [.critical, .error, .warn, .info, .debug, .trace])
        #expect(sink.events.map { $0.fields.map(\.name) } == sink.events.map { ["key-\($0.level)"] })
    }

    @Test func emitTakesAnyNumberOfFields() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.many")
        withLogging(to: sink) {
            log.emit(.info, "many", fields: (0..<1_000).map { ("field\($0)", $0) })
            log.emit(.info, "too many to count", fields: (0..<70_000).map { ("f\($0)", $0) })
        }
        #expect(sink.events[0].fields.count == 1_000)
        #expect(sink.events[0]["field999"] == .int(999))
        #expect(!sink.events[0].isCut)
        #expect(sink.events[1].fields.count == 65_535)
        #expect(sink.events[1].isCut)
    }

    @Test func everyEventHasItsNumberOnItsThreadAndTheRunsID() {
        let sink = CapturingEmitter()
        let log = makeLogger("tiers.sequence")
        withLogging(to: sink) { for index in 0..<100 { log.info("t", ("index", index)) } }
        let events = sink.events
        #expect(Set(events.map(\.threadNumber)).count == 1)
        #expect(Set(events.map(\.startID)).count == 1)
        #expect(events[0].startID != 0)
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.sequence + 1 == $1.sequence && $0.time <= $1.time })
    }

    @Test func m2TheTimeIsThatOfTheCall() {
        let sink = CapturingEmitter()
        let clock = ContinuousClock()
        withLogging(to: sink) {
            makeLogger("tiers.time").info("first")
            let start = clock.now
            while clock.now - start < .milliseconds(5) {}
            makeLogger("tiers.time").info("second")
        }
        let span = sink.events[1].time - sink.events[0].time
        #expect(span > 3_000_000)
        // Seconds since 1970, in nanoseconds: after 2025 and before 2100.
        #expect(sink.events[0].time > 1_735_689_600_000_000_000 && sink.events[0].time < 4_102_444_800_000_000_000)
    }
}
