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
        let verified = try Journald.run([Self.tool, "verify"] + common)
        #expect(
            verified.status == 0
                && String(decoding: verified.output, as: UTF8.self).hasSuffix("2 events, 0 missing, 0 doubled\n")
        )
    }
}
#endif
