#if Configuration
import Testing
import TxaioConfiguration
import TxaioLog

@Suite("The flight recorder in a file")
struct RecorderReadingTests {
    @Test func itIsReadWithItsBounds() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(
            parsing: sound
                + "recorder: { levels: { Gateway: debug, \"*\": trace }, bytes: 8 KiB, total: 1 MiB, slower: 2 s }\n"
        )
        #expect(
            configuration.recorder
                == (try FlightRecorder(
                    [LevelRule(pattern: "Gateway", level: .debug), LevelRule(pattern: "*", level: .trace)],
                    bytes: 8 << 10,
                    total: 1 << 20,
                    slower: .seconds(2)
                ))
        )
        #expect(try configuration.makeSetup().recorder == configuration.recorder)
        #expect(try LoggingConfiguration(parsing: sound).recorder == nil)
        let least = try LoggingConfiguration(parsing: sound + "recorder: { levels: { A: debug } }\n").recorder
        #expect(least?.bytes == 64 << 10 && least?.total == 16 << 20 && least?.slower == nil)
    }

    @Test(arguments: [
        ("{ bytes: 8 KiB }", "'recorder' needs 'levels', a map of patterns of namespaces to what is kept at 3:11"),
        ("{ levels: { A: debgu } }", "unknown level 'debgu' at 3:26; did you mean 'debug'?"),
        ("{ levels: { A: debug }, slow: 1 s }", "unknown key 'recorder.slow' at 3:35; did you mean 'slower'?"),
        (
            "{ levels: { A: debug }, slower: 1 us }",
            "'recorder.slower' must lie between 0.001 seconds and 86400.0 seconds, not 1e-06 seconds at 3:43"
        ),
        (
            "{ levels: { A: debug }, bytes: 1 MiB, total: 64 KiB }",
            "'recorder.bytes' is more than 'recorder.total' at 3:42"
        ),
        ("debug", "'recorder' must be a map, not a text at 3:11"),
    ])
    func eachFaultIsToldWithItsPlace(text: String, fault: String) {
        #expect(faults(sound + "recorder: \(text)\n") == [fault])
    }
}
#endif
