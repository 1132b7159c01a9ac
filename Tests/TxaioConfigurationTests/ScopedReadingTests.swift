#if Configuration
import Testing
import TxaioConfiguration
import TxaioLog

@Suite("Levels by context in a file")
struct ScopedReadingTests {
    @Test func theyAreReadByCondition() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(
            parsing: sound + "when: { request.id=abc: { Gateway: trace, \"*\": debug }, tenant=acme: { NIO*: info } }\n"
        )
        #expect(
            configuration.scoped == [
                try ScopedLevels(
                    when: ScopeCondition(parsing: "request.id=abc"),
                    [LevelRule(pattern: "Gateway", level: .trace), LevelRule(pattern: "*", level: .debug)]
                ),
                try ScopedLevels(
                    when: ScopeCondition(parsing: "tenant=acme"),
                    [LevelRule(pattern: "NIO*", level: .info)]
                ),
            ]
        )
    }

    @Test(arguments: [
        ("abc: { A: debug }", "a condition is written as 'request.id=abc', unlike 'abc' at 3:14"),
        ("a=b: { A: debgu }", "unknown level 'debgu' at 3:19; did you mean 'debug'?"),
        ("a=b: debug", "'when.a=b' must be a map, not a text at 3:14"),
    ])
    func eachFaultIsToldWithItsPlace(text: String, fault: String) {
        #expect(faults(sound + "when: { \(text) }\n") == [fault])
    }
}
#endif
