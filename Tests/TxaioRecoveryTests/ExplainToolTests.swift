#if Tool && Configuration
import Foundation
import Testing

@Suite("txaio explain")
struct ExplainToolTests {
    private func explain(_ arguments: [String], _ text: String) async throws -> ToolRun {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("explain-\(UUID().uuidString).yaml")
        try Data(text.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try await ToolRun(["explain"] + arguments + ["--file", file.path])
    }

    private let text = """
        version: 1
        levels: { Gateway: debug, "Gateway*": trace, Gateway.Upstream: warn }
        emitters:
          out: { type: text, level: info }
          other: { type: json, levels: { Gateway.Upstream: trace } }
        """

    @Test func itNamesTheRulesThatMatchAndTheOneThatDecidesAtEachEmitter() async throws {
        let run = try await explain(["Gateway.Upstream.A", "debug"], text)
        #expect(run.status == 0)
        #expect(
            run.text == """
                out: debug of Gateway.Upstream.A does not pass
                  decides  Gateway.Upstream=warn  (the longest pattern that matches)
                           Gateway=debug  (a shorter pattern)
                           Gateway*=trace  (a shorter pattern)
                           info  (for what no rule matches)
                other: debug of Gateway.Upstream.A passes
                  decides  other:Gateway.Upstream=trace  (the longest pattern that matches)
                           Gateway.Upstream=warn  (as long, but for all emitters)
                           Gateway=debug  (a shorter pattern)
                           Gateway*=trace  (a shorter pattern)
                           info  (for what no rule matches)

                """
        )
    }

    @Test func anEmittersOwnLevelDecidesWhereItIsLess() async throws {
        let run = try await explain(["Gateway", "debug"], text)
        #expect(run.text.hasPrefix("out: debug of Gateway does not pass\n"))
        #expect(run.text.contains("  decides  level: info  (the emitter takes no more, whatever the rules say)\n"))
        let json = try await explain(["Gateway", "debug", "--json"], text)
        let first = try #require(json.text.split(separator: "\n").first)
        #expect(first.contains(#""passes":false"#) && first.contains(#""threshold":"info""#))
    }

    @Test func aFileWithFaultsAndALevelThatIsNoneAreRefused() async throws {
        let faulty = try await explain(["A", "debug"], "version: 1\nlevl: info\n")
        #expect(faulty.status == 2 && faulty.output.isEmpty && faulty.errors.contains("unknown key 'levl' at 2:1"))
        #expect(try await explain(["A", "none"], text).status == 64)
    }
}
#endif
