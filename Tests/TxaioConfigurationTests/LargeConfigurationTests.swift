#if Configuration
import Testing
import TxaioConfiguration

@Suite("A multitude of faults")
struct LargeConfigurationTests {
    static let texts: [(name: String, text: @Sendable () -> String)] = [
        ("unknown keys", { (0..<8_000).map { "k\($0): 1\n" }.joined() }),
        ("one key", { String(repeating: "a: 1\n", count: 50_000) }),
        ("keys given twice", { (0..<1_000).map { "k\($0): 1\nk\($0): 2\n" }.joined() }),
        ("emitters", { "version: 1\nemitters:\n" + (0..<8_000).map { " e\($0): { type: x }\n" }.joined() }),
        ("levels", { "version: 1\nlevels:\n" + (0..<8_000).map { " e\($0): xyzzy\n" }.joined() }),
        ("options", { (0..<8_000).map { "  k\($0): 1\n" }.reduce(into: sound + "x:\n") { $0 += $1 } }),
        ("a long list", { "a: [" + String(repeating: "a,", count: 50_000) + "]" }),
        ("deep lists", { "a: " + String(repeating: "[", count: 900) + String(repeating: "a,", count: 50_000) }),
        ("a folded text", { "a: \"" + String(repeating: "x\n\n", count: 50_000) + "\"" }),
        ("anchors", { String(repeating: "- &a x\n", count: 30_000) }),
        ("colons", { String(repeating: ": ", count: 500_000) }),
        ("collections as keys", { String(repeating: "{a}: 1\n", count: 50_000) }),
    ]

    @Test(.timeLimit(.minutes(10)), arguments: texts.map(\.name))
    func endsSoonWithAHundredFaultsAtMost(name: String) {
        let text = Self.texts.first { $0.name == name }?.text() ?? ""
        let time = processorTime {
            let count = faults(text).count
            #expect(count >= 1 && count <= 100)
        }
        #expect(time < .seconds(20))
    }
}
#endif
