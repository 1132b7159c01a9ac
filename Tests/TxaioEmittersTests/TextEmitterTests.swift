import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite struct TextEmitterTests {
    /// Logs to a text file of its own and returns its lines.
    private func lines(colour: ColourChoice = .never, _ body: (TxaioLogger) -> Void) throws -> [String] {
        let directory = try TemporaryDirectory()
        let emitter = try TextEmitter(to: LogFile(directory.file("log")), colour: colour)
        withLogging(to: emitter) { body(makeLogger("MyService.Gateway")) }
        return try directory.lines(of: "log")
    }

    private func line(_ body: (TxaioLogger) -> Void) throws -> String {
        let all = try lines(body)
        #expect(all.count == 1)
        return all.first ?? ""
    }

    @Test func aLineHasTimeLevelNamespaceMessageAndTheFieldsNotInTheTemplate() throws {
        let line = try line { log in
            log.bind(user: "Ada Lovelace", shard: 7).info("Got '{result}'.", result: "pong", ms: 3.25)
        }
        let expected = try Regex(
            #"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z INFO  MyService\.Gateway  Got 'pong'\.  ms=3\.25 user="Ada Lovelace" shard=7"#
        )
        #expect(line.wholeMatch(of: expected) != nil, "\(line)")
    }

    @Test func levelsFillFiveColumns() throws {
        let lines = try lines { log in
            for level in LogLevel.allCases where level != .off { log.emit(level, "m" + "") }
        }
        let columns = lines.map { $0.dropFirst(28).prefix(6) }
        #expect(columns == ["CRIT  ", "ERROR ", "WARN  ", "INFO  ", "DEBUG ", "TRACE "])
    }

    @Test func valuesAreLogfmt() throws {
        let line = try line { log in
            log.emit(
                .info,
                "",
                [
                    "int": -5, "big": UInt64.max, "wide": Int128.min, "yes": true, "none": Int?.none, "nan": Double.nan,
                    "inf": -Double.infinity, "double": 1e16, "float": Float(0.1), "text": "plain", "empty": "",
                    "spaced": "two words", "quote": "a\"b", "path": "C:\\x", "eq": "a=b",
                    "took": Duration.milliseconds(250),
                    "list": [1, 2], "names": ["a", "b c"], "map": ["k": 1], "bytes": LogBytes([0x61, 0xFF]),
                    "two words=\"": 1, "": 2,
                ] as KeyValuePairs<String, any LogValue>
            )
        }
        let fields =
            #"int=-5 big=18446744073709551615 wide=-170141183460469231731687303715884105728 yes=true none=null nan=nan "#
            + #"inf=-inf double=1e+16 float=0.1 text=plain empty="" spaced="two words" quote="a\"b" path="C:\\x" eq="a=b" "#
            + #"took=0.25s list=[1,2] names="[\"a\",\"b c\"]" map="{\"k\":1}" bytes="a"# + "\u{FFFD}"
            + #"" two\u0020words\u003d\"=1 ""=2"#
        #expect(line.hasSuffix("  " + fields), "\(line)")
    }

    @Test func fieldsThatTheTemplateNamesAreNotRepeated() throws {
        let all = try lines { log in
            log.info("{a} {b!r} {c:>3} {d[0]} {{e}} {f:{g}}", a: 1, b: 2, c: 3, d: [4], e: 5, f: 6, g: 7, h: 8)
            log.emit(.info, "{a}", fields: [("a", 1), ("a", 2)])
            log.info("{log_level}", log_level: "mine")
            log.emit(.info, "text {a}" + "", ["a": 1])
        }
        #expect(all[0].hasSuffix("  e=5 h=8"), "\(all[0])")
        // The template shows the first of that name.
        #expect(all[1].hasSuffix("  a=2"), "\(all[1])")
        #expect(all[2].hasSuffix("  log_level=mine"), "\(all[2])")
        #expect(!all[3].contains("a=1"), "\(all[3])")
    }

    @Test func hostileTextIsOneLineWithoutControlsWhereverItStands() throws {
        let lines = try lines { log in
            for text in Hostile.texts {
                log.emit(.info, text)
                log.info("{value}", value: text)
                log.info("", field: text)
                log.emit(.info, "", fields: [(text, 1)])
                log.emit(.info, text + "{x}", ["x": 1])
                makeLogger(text + ".").info("x")
                log.info("", field: [text], other: [text: text])
                log.info("", field: LogBytes(text.utf8), other: Opaque(text: text))
            }
            log.info("a literal\nof two lines\u{1B}[31m")
        }
        #expect(lines.count == Hostile.texts.count * 8 + 1)
        for line in lines {
            #expect(!line.unicodeScalars.contains(where: Hostile.isForbidden), "\(line.debugDescription)")
            #expect(line.contains(#/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z INFO  /#))
        }
        #expect(lines.last?.contains(#"a literal\nof two lines\u001b[31m"#) == true)
    }

    private struct Opaque: LogRepresentable {
        let text: String
        var logText: String { text }
    }

    @Test func coloursAreThereWhenAskedForAndNoneComeFromData() throws {
        let plain = try lines { $0.warn("x", ("key", "\u{1B}[31mred")) }
        let coloured = try lines(colour: .always) { $0.warn("x", ("key", "\u{1B}[31mred")) }
        #expect(!plain[0].contains("\u{1B}"))
        #expect(coloured[0].contains("\u{1B}[33mWARN \u{1B}[0m"))
        #expect(coloured[0].contains(#"\u001b[31mred"#))
        let bare = coloured[0].replacing(#/\x{1B}\[[0-9;]*m/#, with: "")
        #expect(bare.dropFirst(28) == plain[0].dropFirst(28))
    }

    @Test func tenThousandRandomByteStringsAreAllAtTheSink() throws {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<10_000).map { _ in Hostile.randomBytes(&generator, upTo: 60) }
        let lines = try lines { log in
            for value in values { log.info("", ("value", LogBytes(value))) }
        }
        #expect(lines.count == values.count)
        for (line, value) in zip(lines, values) {
            // By bytes: a `Character` may be a quote and what combines with it.
            guard let start = line.utf8.firstRange(of: "value=".utf8)?.upperBound else {
                Issue.record("\(line)")
                continue
            }
            let found = decodeLogfmt(line[start...])
            if found != String(decoding: value, as: UTF8.self) { Issue.record("\(value): \(line)") }
        }
    }

    /// What a logfmt value stands for.
    private func decodeLogfmt(_ text: Substring) -> String? {
        guard text.utf8.first == 0x22 else { return String(text) }
        let json = try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
        return json as? String
    }
}
