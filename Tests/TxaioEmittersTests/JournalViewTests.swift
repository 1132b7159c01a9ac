#if Tool && LibSystemd
import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// What the journald emitter wrote, read back by the tool.
@Suite(.enabled(if: Journald.isThere)) struct JournalViewTests {
    private static let tool = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("txaio").path

    @Test func theToolRestoresNamesAndValues() throws {
        let identifier = Journald.identifier()
        let emitter = try JournaldEmitter(options: Journald.options { $0.identifier = identifier })
        withLogging(to: emitter) {
            let log = makeLogger("tests.view")
            log.warn(
                "{requestID} took {ms}",
                ("requestID", "r-1"),
                ("ms", 2.5),
                ("isLate", true),
                ("user.name", "Ada\nLovelace"),
                ("none", Int?.none),
                ("list", [1, 2]),
                ("plain", "text")
            )
            log.debug("second")
        }
        _ = try Journald.entries(of: identifier)
        let directory = try #require(Journald.directory)
        let common = ["--journal-directory", directory, "-t", identifier]
        let run = try Journald.run([Self.tool, "view", "--json"] + common)
        #expect(run.status == 0, "\(run.errors)")
        let lines = String(decoding: run.output, as: UTF8.self).split(separator: "\n")
        try #require(lines.count == 2)
        let event = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(event["message"] as? String == "r-1 took 2.5" && event["log_level"] as? String == "warn")
        #expect(event["log_namespace"] as? String == "tests.view")
        #expect(event["log_format"] as? String == "{requestID} took {ms}")
        #expect(event["requestID"] as? String == "r-1" && event["ms"] as? Double == 2.5)
        #expect(event["isLate"] as? Bool == true && event["user.name"] as? String == "Ada\nLovelace")
        #expect(event["none"] is NSNull && event["list"] as? [Int] == [1, 2] && event["plain"] as? String == "text")
        #expect((event["log_time"] as? String)?.hasSuffix("Z") ?? false)
        let text = try Journald.run([Self.tool, "view", "--levels", "info"] + common)
        let shown = String(decoding: text.output, as: UTF8.self)
        #expect(
            shown.contains(" WARN  tests.view  r-1 took 2.5  isLate=true list=[1,2] none=null plain=text "),
            "\(shown)"
        )
        #expect(!shown.contains("second"))
        let file = try #require(
            try FileManager.default.subpathsOfDirectory(atPath: directory).first { $0.hasSuffix("system.journal") }
        )
        let ofFile = try Journald.run([
            Self.tool, "view", "--levels", "info", "--journal-file", "\(directory)/\(file)", "-t", identifier,
        ])
        #expect(String(decoding: ofFile.output, as: UTF8.self) == shown)
        let verified = try Journald.run([Self.tool, "verify"] + common)
        #expect(
            verified.status == 0
                && String(decoding: verified.output, as: UTF8.self).hasSuffix("2 events, 0 missing, 0 doubled\n")
        )
    }

    @Test(arguments: Journald.transports)
    func aTextThatReadsAsSomethingElseComesBackAsAText(_ transport: JournaldOptions.Transport) throws {
        let identifier = Journald.identifier()
        let emitter = try JournaldEmitter(
            options: Journald.options {
                $0.identifier = identifier
                $0.transport = transport
            }
        )
        let texts = [
            "42", "-1.5e3", " 7", "7\n", "true", "false", "null", "[1]", "{\"a\":1}", "10.0.0.1", "truely", "text", "",
            "\"q\"",
        ]
        withLogging(to: emitter) {
            let log = makeLogger("tests.view")
            // Once by what is worked out for the call site, and once by what is not.
            for text in texts {
                log.info("{a}", ("a", text), ("user.name", text), ("n", 42), ("t", true), ("l", [1]), ("z", "plain"))
                log.emit(.info, "{a}", ["a": text, "user.name": text, "n": 42, "t": true, "l": [1], "z": "plain"])
            }
        }
        let entries = try Journald.entries(of: identifier)
        #expect(entries.count { $0["TXAIO_TEXTS"] == nil } == 2 * texts.count { ["text", "", "\"q\""].contains($0) })
        let directory = try #require(Journald.directory)
        let run = try Journald.run([Self.tool, "view", "--json", "--journal-directory", directory, "-t", identifier])
        let lines = String(decoding: run.output, as: UTF8.self).split(separator: "\n")
        try #require(lines.count == 2 * texts.count)
        for (index, line) in lines.enumerated() {
            let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let text = texts[index / 2]
            #expect(event["a"] as? String == text && event["user.name"] as? String == text, "\(line)")
            #expect(event["n"] as? Int == 42 && event["t"] as? Bool == true && event["l"] as? [Int] == [1], "\(line)")
            #expect(event["z"] as? String == "plain")
        }
    }
}
#endif
