#if Configuration
import Testing
import TxaioConfiguration
import TxaioLog

@Suite("Noise in a file")
struct NoiseReadingTests {
    @Test func rulesAreReadByPattern() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(
            parsing: sound + """
                noise:
                  "*": { rate: 100/s }
                  A.B: { rate: 5/10s, burst: 20, sample: 1/100, fold: 5 s, errors: true }
                  C: { rate: 10/min }
                """
        )
        let every = NoiseRule.Rate(5, per: .seconds(10), burst: 20)
        #expect(
            configuration.noise == [
                try NoiseRule("*", rate: .init(100)),
                try NoiseRule("A.B", rate: every, sample: 100, fold: .seconds(5), errors: true),
                try NoiseRule("C", rate: .init(10, per: .seconds(60))),
            ]
        )
    }

    @Test(arguments: [
        ("A: { rate: often }", "a rate is written as '10/s', '100/min' or '5/10s', unlike 'often' at 3:21"),
        ("A: { rate: 0/s }", "a rate is written as '10/s', '100/min' or '5/10s', unlike '0/s' at 3:21"),
        ("A: { sample: 2/3 }", "a sample is written as '1/100', unlike '2/3' at 3:23"),
        ("A: { fold: 5 }", "'noise.A.fold' needs a unit, as in '500 ms', not 5 alone at 3:21"),
        ("A: { burst: 3, fold: 5 s }", "'burst' goes with 'rate' at 3:22"),
        ("A: { errors: true }", "noise of 'A' needs 'rate', 'sample' or 'fold' at 3:13"),
        ("A: { rat: 5/s, fold: 1 s }", "unknown key 'noise.A.rat' at 3:15; did you mean 'rate'?"),
        ("A: fast", "'noise.A' must be a map, not a text at 3:13"),
    ])
    func eachFaultIsToldWithItsPlace(text: String, fault: String) {
        #expect(faults(sound + "noise: { \(text) }\n") == [fault])
    }
}
#endif
