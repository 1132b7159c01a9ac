import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite struct JSONEmitterTests {
    /// Logs to a JSON file of its own and returns its lines.
    private func lines(_ format: JSONFormat = JSONFormat(), _ body: (TxaioLogger) -> Void) throws -> [String] {
        let directory = try TemporaryDirectory()
        let emitter = try JSONEmitter(to: LogFile(directory.file("log")), format: format)
        withLogging(to: emitter) { body(makeLogger("MyService.Gateway")) }
        return try directory.lines(of: "log")
    }

    private func line(_ format: JSONFormat = JSONFormat(), _ body: (TxaioLogger) -> Void) throws -> String {
        let all = try lines(format, body)
        #expect(all.count == 1)
        return all.first ?? ""
    }

    private func object(_ line: String) -> [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
    }

    @Test func theInjectedKeysComeFirstInTheirOrderThenTheFields() throws {
        let line = try line { $0.bind(shard: 7).info("Got '{result}'.", result: "pong", ms: 3.25) }
        let expected = try Regex(
            #"\{"log_time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","log_level":"info","log_namespace":"MyService\.Gateway","#
                + #""message":"Got 'pong'\.","log_format":"Got '\{result\}'\.","log_seq":"[0-9a-f]{16}-\d+-\d+","#
                + #""result":"pong","ms":3\.25,"shard":7\}"#
        )
        #expect(line.wholeMatch(of: expected) != nil, "\(line)")
    }

    @Test func textMadeAtRunTimeHasNoTemplate() throws {
        let line = try line { $0.emit(.warn, "took {long}" + "") }
        #expect(line.contains(#""message":"took {long}""#))
        #expect(!line.contains("log_format"))
    }

    @Test func theSequenceNamesTheEvent() throws {
        let capture = CapturingEmitter()
        let directory = try TemporaryDirectory()
        let emitter = try JSONEmitter(to: LogFile(directory.file("log")))
        withLogging(to: capture, emitter) {
            let log = makeLogger("a")
            for _ in 0..<3 { log.info("x") }
        }
        for (line, event) in zip(try directory.lines(of: "log"), capture.events) {
            let start = String(event.startID, radix: 16)
            let padded = String(repeating: "0", count: 16 - start.count) + start
            #expect(object(line)["log_seq"] as? String == "\(padded)-\(event.threadNumber)-\(event.sequence)")
        }
    }

    @Test func valuesKeepTheirTypes() throws {
        let line = try line { log in
            log.emit(
                .info,
                "",
                [
                    "int": -5, "big": UInt64.max, "wide": Int128.min, "wider": UInt128.max, "yes": true,
                    "none": Int?.none, "nan": Double.nan, "inf": Double.infinity, "minus": -Float.infinity,
                    "double": 1e16,
                    "tiny": Double.leastNonzeroMagnitude, "float": Float(0.1), "zero": -0.0, "text": "plain",
                    "span": Duration.milliseconds(-1_250),
                    "long": Duration(secondsComponent: 5, attosecondsComponent: 1), "list": [1, 2],
                    "mixed": [1, "a", nil, [true]] as AnyLogValue, "map": ["k": 1], "numbers": [1: "a", 2: "b"],
                    "bytes": LogBytes([0x61, 0xFF]), "user": User(), "opaque": Opaque(),
                    "error": AnyLogValue(describing: Broken()),
                ] as KeyValuePairs<String, any LogValue>
            )
        }
        let fields =
            #""int":-5,"big":18446744073709551615,"wide":-170141183460469231731687303715884105728,"#
            + #""wider":340282366920938463463374607431768211455,"yes":true,"none":null,"nan":"nan","inf":"inf","#
            + #""minus":"-inf","double":1e+16,"tiny":5e-324,"float":0.1,"zero":-0.0,"text":"plain","span":-1.25,"#
            + #""long":5.000000000000000001,"list":[1,2],"mixed":[1,"a",null,[true]],"map":{"k":1},"#
            + #""numbers":{"1":"a","2":"b"},"bytes":"a"# + "\u{FFFD}"
            + #"","user":{"name":"Ada","id":7},"opaque":"opaque!","error":"it broke"}"#
        #expect(line.hasSuffix("," + fields), "\(line)")
    }

    private struct User: LogRepresentable {
        var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["name": "Ada", "id": 7] }
    }

    private struct Opaque: LogRepresentable {
        var logText: String { "opaque!" }
    }

    private struct Broken: Error, CustomStringConvertible {
        var description: String { "it broke" }
    }

    @Test func aFieldHidesNeitherAnInjectedKeyNorAnotherField() throws {
        let line = try line { log in
            log.emit(
                .info,
                "",
                fields: [
                    ("log_level", "forged"), ("message", "forged"), ("log_cut", "forged"), ("log_format", 0), ("a", 1),
                    ("a", 2),
                    ("data_a", 3), ("a", 4), ("data_log_level", 5), ("log_level", 6), ("", 7), ("", 8),
                ]
            )
        }
        let fields =
            #""data_log_level":"forged","data_message":"forged","data_log_cut":"forged","data_log_format":0,"a":1,"#
            + #""data_a":2,"data_data_a":3,"data_data_data_a":4,"data_data_log_level":5,"data_data_data_log_level":6,"#
            + #""":7,"data_":8}"#
        #expect(line.hasSuffix("," + fields), "\(line)")
        #expect(object(line)["log_level"] as? String == "info")
    }

    @Test func thousandsOfFieldsHaveAKeyEach() throws {
        let count = 3_000
        let line = try line { log in
            log.emit(.info, "", fields: (0..<count).map { ("field\($0 % 1_000)", $0) })
        }
        let object = object(line)
        #expect(object.keys.filter { $0.contains("field") }.count == count)
        #expect(object["log_cut"] == nil)
    }

    @Test func aNameUsedOverAndOverIsLeftOutInTheEndAndSaidSo() throws {
        let line = try line { $0.emit(.info, "", fields: (0..<100).map { ("a", $0) }) }
        let object = object(line)
        #expect(object["log_cut"] as? Bool == true)
        #expect(object.keys.filter { $0.hasSuffix("a") && $0 != "a" }.count == 16)
    }

    @Test func injectedKeysAreRenamedOrLeftOut() throws {
        var format = JSONFormat(time: .epoch)
        format.keys.time = "@timestamp"
        format.keys.level = "sever\"ity"
        format.keys.namespace = nil
        format.keys.format = nil
        format.keys.sequence = nil
        let line = try line(format) { $0.emit(.error, "m" + "", fields: [("log_level", 1), ("@timestamp", 2)]) }
        let expected = try Regex(
            #"\{"@timestamp":\d{10}\.\d{6},"sever\\"ity":"error","message":"m.*","log_level":1,"data_@timestamp":2\}"#
        )
        #expect(line.wholeMatch(of: expected) != nil, "\(line)")

        var nothing = JSONFormat()
        nothing.keys.time = nil
        nothing.keys.level = nil
        nothing.keys.namespace = nil
        nothing.keys.message = nil
        nothing.keys.format = nil
        nothing.keys.sequence = nil
        #expect(try self.line(nothing) { $0.emit(.error, "m" + "") } == "{}")
        #expect(try self.line(nothing) { $0.info("m", ("a", 1)) } == #"{"a":1}"#)

        var same = JSONFormat()
        same.keys.level = "log_time"
        #expect(try self.line(same) { $0.info("m") }.contains(#""data_log_time":"info""#))
    }

    @Test func aCutEventSaysSo() throws {
        let huge = String(repeating: "x", count: 8 << 20)
        let line = try line { $0.emit(.info, "", ["huge": huge]) }
        let object = object(line)
        #expect(object["log_cut"] as? Bool == true)
        #expect((object["huge"] as? String)?.hasSuffix("... (cut)") == true)
    }

    // ------------------------------------------------------------------------------------------------ second opinions

    /// A file of everything hostile, and what each line's `value` must be, as hexadecimal UTF-8 before repair.
    private func hostileFile(_ directory: TemporaryDirectory) throws -> Int {
        var count = 0
        let emitter = try JSONEmitter(to: LogFile(directory.file("log")))
        withLogging(to: emitter) {
            let log = makeLogger("MyService.Gateway")
            func write(_ bytes: [UInt8]) {
                let hex = bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                log.info("", ("hex", hex), ("value", LogBytes(bytes)))
                count += 1
            }
            for text in Hostile.texts { write(Array(text.utf8)) }
            for first in UInt8.min...UInt8.max { write([first]) }
            var generator = SeededGenerator(seed: 5)
            for _ in 0..<10_000 { write(Hostile.randomBytes(&generator, upTo: 60)) }
            for text in Hostile.texts {
                log.emit(.info, text)
                log.emit(.info, text + "{x}", ["x": 1])
                log.info("{value!r}", value: [text: [text, text]])
                log.emit(.info, "", fields: [(text, text), (text, 1), ("data_" + text, 2)])
                makeLogger(text + ".").info("x")
                count += 5
            }
        }
        return count
    }

    @Test(.enabled(if: Tools.python != nil, "python3 is not installed"))
    func pythonReadsEveryLineAndFindsEveryValue() throws {
        let directory = try TemporaryDirectory()
        let count = try hostileFile(directory)
        let script = """
            import json, sys
            def pairs(items):
                keys = [key for key, _ in items]
                assert len(keys) == len(set(keys)), keys
                return dict(items)
            lines = open(sys.argv[1], 'rb').read().split(b'\\n')
            assert lines.pop() == b''
            for line in lines:
                event = json.loads(line.decode('utf-8', 'strict'), object_pairs_hook=pairs)
                assert event['log_level'] == 'info', event
                if 'hex' in event:
                    assert bytes.fromhex(event['hex']).decode('utf-8', 'replace') == event['value'], event
            print(len(lines))
            """
        let result = try Tools.run(try #require(Tools.python), ["-c", script, directory.file("log")])
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "\(count)\n")
    }

    @Test(.enabled(if: Tools.jq != nil, "jq is not installed"))
    func jqReadsEveryLine() throws {
        let directory = try TemporaryDirectory()
        let count = try hostileFile(directory)
        let filter = "select(.log_level != \"info\" or (.log_seq | length) < 20) | error(\"forged\")"
        let check = try Tools.run(try #require(Tools.jq), ["-c", filter, directory.file("log")])
        #expect(check.status == 0 && check.output.isEmpty, "\(check.errors)")
        let counted = try Tools.run(try #require(Tools.jq), ["-n", "[inputs] | length", directory.file("log")])
        #expect(counted.output == "\(count)\n")
    }
}
