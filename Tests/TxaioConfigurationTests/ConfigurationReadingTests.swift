#if Configuration
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

@Suite("Reading a configuration")
struct ConfigurationReadingTests {
    @Test func aSmallFileIsEnough() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(parsing: sound)
        #expect(configuration == LoggingConfiguration(emitters: configuration.emitters))
        #expect(configuration.emitters.map(\.name) == ["out"])
        #expect(configuration.emitters.map(\.level) == [.trace])
    }

    @Test func everythingThatAFileCanSay() throws {
        Collected.register()
        let configuration = try LoggingConfiguration(
            parsing: """
                # A comment.
                version: 1
                level: warn
                levels:
                  MyService.Gateway: debug
                  "NIO*": none        # quiet
                emitters:
                  out:
                    type: collected
                    level: info
                    text: "a # b"
                    count: 0x10
                    list: [a, 'b', "c"]
                    size: 64 KiB
                    pause: 500 ms
                  journal: { type: collected, levels: { "*": error, "Audit.*": info } }
                limits: { record: 1 MiB }
                delivery: direct
                """
        )
        #expect(
            configuration.rules.description
                == "warn,MyService.Gateway=debug,NIO*=none,journal:error,journal:Audit.*=info"
        )
        #expect(configuration.recordLimit == 1 << 20)
        #expect(configuration.emitters.map(\.name) == ["out", "journal"])
        #expect(configuration.emitters[0].level == .info)
        #expect(configuration.emitters[0].options.map(\.key) == ["text", "count", "list", "size", "pause"])
        #expect(configuration.emitters[0].options.first?.value.content == .string("a # b"))
        let setup = try configuration.makeSetup()
        #expect(setup.emitters.map(\.emitter.name) == ["out", "journal"])
        #expect(setup.emitters.map(\.level) == [.info, .trace])
        #expect(setup.rules == configuration.rules)
        #expect(setup.recordLimit == 1 << 20)
    }

    @Test func jsonIsReadTheSameWay() throws {
        Collected.register()
        let json = """
            {
            \t"version": 1,
            \t"level": "debug",
            \t"levels": {"A.B": "warn", "\\u004eIO*": "none"},
            \t"emitters": {"out": {"type": "collected", "count": 7, "flag": true, "list": ["a\\/b"], "text": "é"}},
            \t"limits": {"record": "64 KiB"}
            }
            """
        let configuration = try LoggingConfiguration(parsing: json)
        #expect(configuration.rules.description == "debug,A.B=warn,NIO*=none")
        #expect(configuration.recordLimit == 64 << 10)
        let list = OptionValue(.string("a/b"), at: OptionPosition(line: 5, column: 79))
        #expect(configuration.emitters[0].options[2].value.content == .list([list]))
        let minified = json.split(separator: "\n").joined()
        #expect(try LoggingConfiguration(parsing: minified).rules == configuration.rules)
        #expect(
            faults(#"{"version": 1, "emitters": {"out": {"type": "collected", "cuont": 1}}, "levl": "info"}"#) == [
                "unknown key 'cuont' at 1:58; did you mean 'count'?",
                "unknown key 'levl' at 1:72; did you mean 'level'?",
            ]
        )
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func everyLineEndAndAByteOrderMarkAreTaken(end: String) {
        let text = "\u{FEFF}" + sound.split(separator: "\n").joined(separator: end) + end
        #expect(faults(text) == [])
        #expect(faults(text + "levl: info" + end) == ["unknown key 'levl' at 3:1; did you mean 'level'?"])
    }

    @Test func whatLooksLikeAnAliasInTextIsText() {
        let text = """
            version: 1
            # *this* and *that* are marked, & so on: *a, *b, *c, *d, *e, *f, {a}: x ? y
            levels: { "*.A": info, 'B*C': info, "[*]": info }
            emitters:
              out: { type: collected, text: "a *b &c !d [x]: *y {*z}" } # 'quoted' *a
            """
        #expect(faults(text) == [])
    }

    @Test func emittersMadeInCodeAreCheckedToo() throws {
        Collected.register()
        let good = LoggingConfiguration.Emitter("a", type: "collected", options: [OptionEntry("count", 3)])
        #expect(try LoggingConfiguration(emitters: [good]).makeSetup().emitters.count == 1)
        let bad = LoggingConfiguration.Emitter("b", type: "collected", options: [OptionEntry("cuont", 3)])
        let error = #expect(throws: ConfigurationError.self) {
            try LoggingConfiguration(emitters: [bad, good, bad]).makeSetup()
        }
        #expect(error?.faults.count == 2)
        #expect(error?.faults.first?.description == "unknown key 'cuont'; did you mean 'count'?")
    }

    @Test func anEmitterThatCannotBeMadeIsToldWithItsPlace() throws {
        Collected.register()
        let text = "version: 1\nemitters:\n  out: { type: collected, text: cannot be made }\n"
        let error = #expect(throws: ConfigurationError.self) {
            try LoggingConfiguration(parsing: text).makeSetup()
        }
        #expect(error?.description == "emitter 'out' cannot be made: no such place at 3:3")
    }
}
#endif
