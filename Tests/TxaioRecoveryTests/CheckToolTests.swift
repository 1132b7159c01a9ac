#if Tool && Configuration
import Foundation
import Testing

@Suite("txaio check")
struct CheckToolTests {
    private func check(_ texts: [String], _ arguments: [String] = []) async throws -> (run: ToolRun, files: [String]) {
        let files = texts.map { _ in
            FileManager.default.temporaryDirectory.appendingPathComponent("check-\(UUID().uuidString).yaml").path
        }
        for (file, text) in zip(files, texts) { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
        defer { for file in files { try? FileManager.default.removeItem(atPath: file) } }
        return (try await ToolRun(["check"] + arguments + files), files)
    }

    private let good = "version: 1\nemitters: { out: { type: text } }\n"

    @Test func aGoodFileIsOk() async throws {
        let (run, files) = try await check([good])
        #expect(run.status == 0)
        #expect(run.text == "\(files[0]): ok\n")
    }

    @Test func eachFaultOfEachFileIsToldWithItsPlace() async throws {
        let bad = "version: 1\nlevl: info\nemitters: { out: { type: txt } }\n"
        let (run, files) = try await check([bad, good])
        #expect(run.status == 1)
        #expect(run.text.contains("\(files[0]): unknown key 'levl' at 2:1; did you mean 'level'?\n"))
        #expect(run.text.contains("unknown emitter type 'txt'"))
        #expect(run.text.hasSuffix("\(files[1]): ok\n"))
        let json = try await check([bad], ["--json"]).run
        #expect(json.status == 1)
        let lines = try json.text.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.contains { $0["line"] as? Int == 2 && $0["suggestion"] as? String == "level" })
    }

    @Test func aFileThatCannotBeReadIsStatusTwo() async throws {
        let run = try await ToolRun(["check", "/nowhere/at/all.yaml"])
        #expect(run.status == 2)
        #expect(run.text.contains("the file cannot be read: No such file or directory"))
    }
}
#endif
