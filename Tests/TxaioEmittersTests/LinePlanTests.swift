import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// A line that is worked out once for its call site equals one put together freely. Names made at run time have no plan, so
/// the same event is logged both ways.
@Suite struct LinePlanTests {
    /// Keeps lines of each form without their times.
    private final class LineKeeper: LogEmitter {
        let name = "keeper"
        private let json: JSONLines
        private let text = TextLines()
        private let coloured = TextLines(isColoured: true)
        private let plan = JournalEntryPlan(identifier: "test", priorities: JournalPriorities(), fields: [])
        // Unsafe: the tests log on one thread.
        private nonisolated(unsafe) let kept = NSMutableArray()
        private nonisolated(unsafe) var encoder = JournalEntryEncoder(form: .framed)

        init() {
            var format = JSONFormat()
            format.keys.time = nil
            format.keys.sequence = nil
            json = JSONLines(format)
        }

        func emit(_ event: borrowing LogEvent) -> Acceptance {
            let lines = [
                json.withLine(of: event) { String(decoding: $0, as: UTF8.self) },
                text.withLine(of: event) { String(decoding: $0.dropFirst(27), as: UTF8.self) },
                coloured.withLine(of: event) { String(decoding: $0.dropFirst(31), as: UTF8.self) },
                entry(of: event),
            ]
            kept.add(lines)
            return .handedOver
        }

        /// The journal's entry, without what is another in each event.
        private func entry(of event: borrowing LogEvent) -> String {
            encoder.encode(event, plan: plan)
            return encoder.withBytes { bytes in
                let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
                let kept = lines.filter { !$0.starts(with: "TXAIO_TIME=".utf8) && !$0.starts(with: "TXAIO_SEQ=".utf8) }
                return kept.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
            }
        }

        var lines: [[String]] { kept.compactMap { $0 as? [String] } }
    }

    private static let texts = [
        "", "a", "alice", "eu-west", "exactly8", "sixteen bytes ok", "seventeen bytes!!", "tab\there", "quote\"",
        "back\\slash",
        "line\nfeed at the end\n", "naïve", "日本語のテキスト", "\u{1B}[31mred", "\u{202E}turned", "a=b c", "x\u{7F}", "\r\n",
        String(repeating: "long ", count: 300), String(repeating: "é", count: 100) + "\u{85}",
    ]

    private func value(_ generator: inout SeededGenerator) -> any LogValue {
        switch Int.random(in: 0..<13, using: &generator) {
        case 0: Int.random(in: -10...10, using: &generator)
        case 1: Int.random(in: .min ... .max, using: &generator)
        case 2: UInt.random(in: .min ... .max, using: &generator)
        case 3: Bool.random(using: &generator)
        case 4: Double(Int.random(in: -100_000...100_000, using: &generator)) / 100
        case 5: Double(bitPattern: generator.next())
        case 6: Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
        case 7: [1, 2, Int.random(in: 0...9, using: &generator)]
        case 8: ["k": "v\n"]
        case 9: Duration.milliseconds(Int.random(in: -10...10_000, using: &generator))
        case 10: LogBytes([0xFF, 0x41, UInt8.random(in: 0...255, using: &generator)])
        default: Self.texts.randomElement(using: &generator) ?? ""
        }
    }

    /// Each call site logs the same twice: with literal names, and with names made at run time.
    private func logEach(_ log: TxaioLogger, _ a: any LogValue, _ b: any LogValue) {
        func both(_ literal: () -> Void, _ template: StaticString, _ fields: KeyValuePairs<String, any LogValue>) {
            literal()
            log.emit(.info, template, fields)
        }
        both({ log.info("got {a} from {b}.", a: a, b: b) }, "got {a} from {b}.", ["a": a, "b": b])
        both({ log.info("got {b} {b} \"{a}\"\n", a: a, b: b) }, "got {b} {b} \"{a}\"\n", ["a": a, "b": b])
        both({ log.info("{a}", a: a, b: b) }, "{a}", ["a": a, "b": b])
        both(
            { log.info("wide {a:>20}|{b!r}|{log_level}", a: a, b: b) },
            "wide {a:>20}|{b!r}|{log_level}",
            ["a": a, "b": b]
        )
        both({ log.info("missing {c} and {a}", a: a, b: b) }, "missing {c} and {a}", ["a": a, "b": b])
        both({ log.info("broken {a", a: a, b: b) }, "broken {a", ["a": a, "b": b])
        both({ log.info("twice {a}", a: a, a: b) }, "twice {a}", ["a": a, "a": b])
        both(
            { log.info("taken {message}", message: a, data_message: b) },
            "taken {message}",
            ["message": a, "data_message": b]
        )
        both(
            { log.info.dynamicallyCall(withKeywordArguments: ["": "an odd {x} name", "odd \"name\n\"": a, "b=": b]) },
            "an odd {x} name",
            ["odd \"name\n\"": a, "b=": b]
        )
        both({ log.info("", a: a, b: b) }, "", ["a": a, "b": b])
    }

    @Test func aPlannedLineEqualsOnePutTogetherFreely() throws {
        var generator = SeededGenerator(seed: 31)
        let keeper = LineKeeper()
        withLogging(to: keeper) {
            let log = makeLogger("My \"odd\"\tnamespace")
            for _ in 0..<400 { logEach(log, value(&generator), value(&generator)) }
        }
        let lines = keeper.lines
        #expect(lines.count == 400 * 20)
        for index in stride(from: 0, to: lines.count - 1, by: 2) where lines[index] != lines[index + 1] {
            Issue.record("\(index / 2 % 10): \(lines[index]) is not \(lines[index + 1])")
            break
        }
    }

    @Test func aPlanReachesTheFieldsOfLoggersAndScopes() throws {
        var generator = SeededGenerator(seed: 32)
        let keeper = LineKeeper()
        withLogging(to: keeper) {
            for round in 0..<60 {
                let log = makeLogger("owner").bind(
                    shard: round,
                    a: "hidden",
                    text: Self.texts[round % Self.texts.count]
                )
                withLogContext(["shard": "hidden too", "b": "hidden", "tenant": "acme"]) {
                    logEach(log, value(&generator), value(&generator))
                }
            }
        }
        let lines = keeper.lines
        #expect(lines.count == 60 * 20)
        for index in stride(from: 0, to: lines.count - 1, by: 2) where lines[index] != lines[index + 1] {
            Issue.record("\(index / 2 % 10): \(lines[index]) is not \(lines[index + 1])")
            break
        }
        #expect(lines.allSatisfy { !$0[0].contains("hidden too") && $0[0].contains(#""tenant":"acme""#) })
    }

    @Test func aValueThatAMessageNamesOftenHasRoomEachTime() throws {
        let keeper = LineKeeper()
        let text = String(repeating: "abcdefgh", count: 200)
        withLogging(to: keeper) {
            makeLogger("often").info("{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}", a: text)
            makeLogger("often").info("{a} {a} {a} {a} {a} {a} {a} {a} {a} {a} {a} {a}", a: text)
        }
        let message = Array(repeating: text, count: 12)
        #expect(keeper.lines[0][1] == " INFO  often  \(message.joined())\n")
        #expect(keeper.lines[1][1] == " INFO  often  \(message.joined(separator: " "))\n")
    }

    /// The last text of a record is read with care, as nothing lies behind it; so is each one of a logger's.
    @Test func aTextOfEachLengthIsTheSameByPlanAsFreely() throws {
        let keeper = LineKeeper()
        withLogging(to: keeper) {
            for length in 0...70 {
                for end in ["", "z", "\"", "\n", " ", "=", "é", "\u{7F}"] {
                    let text = String(repeating: "x", count: length) + end
                    logEach(makeLogger("lengths"), text, text)
                    logEach(makeLogger("lengths").bind(owner: text), 1, text)
                }
            }
        }
        let lines = keeper.lines
        #expect(lines.count == 71 * 8 * 2 * 20)
        for index in stride(from: 0, to: lines.count - 1, by: 2) where lines[index] != lines[index + 1] {
            Issue.record("\(index / 2 % 10): \(lines[index]) is not \(lines[index + 1])")
            break
        }
    }

    @Test func theTimeIsThatOfTheEventWheneverItsSecondIsAnother() throws {
        final class Times: LogEmitter {
            let name = "times"
            private let json = JSONLines()
            private let text = TextLines()
            nonisolated(unsafe) let kept = NSMutableArray()
            func emit(_ event: borrowing LogEvent) -> Acceptance {
                var stamp = Timestamp()
                var buffer = ByteBuffer()
                stamp.append(event.time, to: &buffer)
                let time = buffer.string()
                let begins = json.withLine(of: event) { $0.starts(with: "{\"log_time\":\"\(time)\"".utf8) }
                kept.add(begins && text.withLine(of: event) { $0.starts(with: "\(time) ".utf8) })
                return .handedOver
            }
        }
        let times = Times()
        withLogging(to: times) {
            for round in 0..<25 {
                makeLogger("times").info("tick {n}", ("n", round))
                usleep(100_000)
            }
        }
        #expect(times.kept.count == 25 && !times.kept.contains(false))
    }

    @Test func callSitesThatShareAPlaceInTheTableStayApart() throws {
        let keeper = LineKeeper()
        // One template in one namespace with many lists of names: all have the same place.
        withLogging(to: keeper) {
            let log = makeLogger("crowd")
            for round in 0..<3 {
                log.info("the same {n}", ("n", round), ("a", 1))
                log.info("the same {n}", ("n", round), ("b", 2))
                log.info("the same {n}", ("n", round), ("c", 3))
                log.info("the same {n}", ("b", 4), ("n", round))
            }
        }
        let texts = keeper.lines.map { $0[1] }
        let expected = (0..<3).flatMap { round in
            ["a=1", "b=2", "c=3", "b=4"].map { " INFO  crowd  the same \(round)  \($0)\n" }
        }
        #expect(texts == expected)
    }
}
