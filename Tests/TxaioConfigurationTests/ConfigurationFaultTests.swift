#if Configuration
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

@Suite("Faults of a configuration")
struct ConfigurationFaultTests {
    @Test(arguments: [
        ("levles: { A: info }", "unknown key 'levles' at 3:1; did you mean 'levels'?"),
        ("nonsense: 1", "unknown key 'nonsense' at 3:1"),
        ("level: debgu", "unknown level 'debgu' at 3:8; did you mean 'debug'?"),
        ("level: WARNING", "unknown level 'WARNING' at 3:8; did you mean 'warn'?"),
        ("level: off", "unknown level 'off' at 3:8; did you mean 'none'?"),
        ("level: no", "unknown level 'no' at 3:8; did you mean 'none'?"),
        ("level: false", "unknown level 'false' at 3:8; did you mean 'none'?"),
        ("level: 'on'", "unknown level 'on' at 3:8; did you mean 'info'?"),
        ("level: ~", "a level is missing at 3:8"),
        ("level:", "a level is missing at 3:7"),
        ("level: 30", "a level must be a name, not 30 at 3:8"),
        ("level: [info]", "a level must be a name, not a list at 3:8"),
        ("levels: info", "'levels' must map patterns to levels, not be 'info' at 3:9"),
        ("levels: { A.B: inof }", "unknown level 'inof' at 3:16; did you mean 'info'?"),
        ("levels: { \"A,B\": info }", "a pattern cannot hold ',' at 3:11"),
        ("levels: { A B: info }", "a pattern cannot hold white space or controls at 3:11"),
        ("levels: { A.: info }", "the pattern 'A.' ends in a dot at 3:11; did you mean 'A'?"),
        (
            "levels: { \"j:A\": info }",
            "a pattern cannot hold ':'; what is for one emitter stands in its own 'levels' at 3:11"
        ),
        ("levels: { \"*\": info }", "'*' is every namespace, for which 'level' stands beside 'levels' at 3:11"),
        ("levels:\n  A: info\n  A: debug", "key 'A' is given twice; it stands at 4:3 already at 5:3"),
        ("levels:\n  *Audit: info", "\(aliasFault) at 4:3"),
        ("levels:\n  *.Audit: info", "\(aliasScannerFault) at 4:4"),
        ("limits: { record: 4 }", "'limits.record' needs a unit, as in '64 KiB', not 4 alone at 3:19"),
        (
            "limits: { record: 4 mib }",
            "'limits.record' has an unknown unit 'mib' (\(units)) at 3:19; did you mean 'MiB'?"
        ),
        ("limits: { record: 4 parsecs }", "'limits.record' has an unknown unit 'parsecs' (\(units)) at 3:19"),
        ("limits: { record: big }", "'limits.record' must be a number with a unit, as in '64 KiB', not 'big' at 3:19"),
        ("limits: { record: 1 KiB }", "'limits.record' must lie between 64 KiB and 256 MiB, not at 1 KiB at 3:19"),
        (
            "limits: { record: 99999999999999999999 TiB }",
            "'limits.record' is too large: '99999999999999999999 TiB' at 3:19"
        ),
        ("limits: { record: 9999999999 GiB }", "'limits.record' is too large: '9999999999 GiB' at 3:19"),
        ("limits: { recrod: 1 MiB }", "unknown key 'limits.recrod' at 3:11; did you mean 'record'?"),
        ("limits: 4 MiB", "'limits' must be a map, not a text at 3:9"),
        ("delivery: dircet", "unknown delivery 'dircet' (valid are: direct, queued) at 3:11; did you mean 'direct'?"),
        ("delivery: 1", "'delivery' must be 'direct' or 'queued', not 1 at 3:11"),
        ("version: 1", "key 'version' is given twice; it stands at 1:1 already at 3:1"),
        ("level: &a info", "anchors and aliases ('&a') are not allowed at 3:8"),
        ("levels: { A: &a info, B: *a }", "anchors and aliases ('&a') are not allowed at 3:14"),
        ("&k level: info", "anchors and aliases ('&k') are not allowed at 3:1"),
        ("level: *a", "\(aliasFault) at 3:8"),
        ("level: !!str info", "tags ('tag:yaml.org,2002:str') are not allowed at 3:8"),
        ("level: !mine info", "tags ('!mine') are not allowed at 3:8"),
        ("levels: !!map { A: info }", "tags ('tag:yaml.org,2002:map') are not allowed at 3:9"),
        ("levels: { [A, B]: info }", "a key must be a name at 3:11"),
        ("? { A: info }\n: 1", "a key must be a name at 3:3"),
        ("<<: { level: info }", "merge keys ('<<') are not allowed at 3:1"),
        ("---\nlevel: info", "only one document is allowed in a file at 3:1"),
        ("level: 'info", "found unexpected end of stream while scanning a quoted scalar at 4:1"),
        ("level: info\nbad", "could not find expected ':' while scanning a simple key at 5:1"),
        ("level: \"\\uD83D\\uDE00\"", "found invalid Unicode character escape code \(escapeFault) at 3:11"),
        ("\tlevel: info", "found character that cannot start any token while scanning for the next token at 3:1"),
    ])
    func eachFaultHasItsPlace(lines: String, fault: String) {
        let found = faults(sound + lines + "\n")
        #expect(found.contains(fault), "\(found)")
    }

    @Test(arguments: [
        ("emitters: {}", "'emitters' is empty: without one nothing is written at 2:11"),
        ("level: info", "'emitters' is missing: without one nothing is written at 1:1"),
        ("emitters: [text]", "'emitters' must map names to emitters, not be a list at 2:11"),
        ("emitters: { out: text }", "emitter 'out' must be a mapping with a 'type', not 'text' at 2:18"),
        ("emitters: { out: }", "emitter 'out' must be a mapping with a 'type', not empty at 2:18"),
        ("emitters: { out: {} }", "emitter 'out' has no 'type' at 2:13"),
        ("emitters: { out: { tpye: collected } }", "emitter 'out' has no 'type'; it has 'tpye' at 2:13"),
        ("emitters: { out: { type: 3 } }", "'type' must be a name, not 3 at 2:26"),
        ("emitters: { a b: { type: collected } }", "'a b' \(noName) at 2:13"),
        ("emitters: { out: { type: collected, levle: info } }", "unknown key 'levle' at 2:37; did you mean 'level'?"),
        ("emitters: { out: { type: collected, level: inf } }", "unknown level 'inf' at 2:44; did you mean 'info'?"),
        ("emitters: { out: { type: collected, count: 0 } }", "'count' must lie between 1 and 100, not 0 at 2:44"),
        ("emitters: { out: { type: collected, count: many } }", "'count' must be an integer, not a text at 2:44"),
        ("emitters: { out: { type: collected, flag: yes } }", "'flag' must be true or false, not a text at 2:43"),
        ("emitters: { out: { type: collected, text: 8080 } }", "'text' must be a text, not an integer at 2:43"),
        ("emitters: { out: { type: collected, list: [1] } }", "'list' must be a list of texts, not a list at 2:43"),
        (
            "emitters: { out: { type: collected, level: warn, levels: { A: debug } } }",
            "level 'debug' is beyond the emitter's 'level', which is 'warn' at 2:63"
        ),
        (
            "emitters: { out: { type: collected, pause: 3 sec } }",
            "'pause' has an unknown unit 'sec' (valid are: ns, us, ms, s, min, h, d) at 2:44"
        ),
    ])
    func eachFaultOfAnEmitterHasItsPlace(lines: String, fault: String) {
        let found = faults("version: 1\n" + lines + "\n")
        #expect(found.contains { $0.hasPrefix(fault) }, "\(found)")
    }

    @Test func anUnknownTypeIsToldWithTheValidOnes() {
        let found = faults("version: 1\nemitters: { out: { type: colected } }\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("unknown emitter type 'colected' (valid are: ") ?? false, "\(found)")
        #expect(found.first?.hasSuffix("at 2:26; did you mean 'collected'?") ?? false)
    }

    @Test(arguments: [
        ("", "the file is empty"), ("\n# only a comment\n", "the file is empty"), ("--- \n", "the file is empty"),
        ("just text", "the file must be a mapping at 1:1"), ("[1, 2]", "the file must be a mapping at 1:1"),
        ("level: info", "'version' is missing; write 'version: 1' at 1:1"),
        ("version: 2", "'version' must be 1, not 2 at 1:10"), ("version: '1'", "'version' must be 1, not '1' at 1:10"),
    ])
    func aFileThatIsNoneIsToldSo(text: String, fault: String) {
        #expect(faults(text).contains(fault), "\(faults(text))")
    }

    @Test func moreThanSixteenEmittersAreRefused() {
        let many = (1...17).map { "  e\($0): { type: collected }\n" }.joined()
        #expect(faults("version: 1\nemitters:\n" + many) == ["at most 16 emitters can be used at once at 19:3"])
    }

    @Test func allFaultsAreInOneErrorInTheOrderOfTheFile() throws {
        Collected.register()
        let text = """
            version: 3
            level: inof
            levles: {}
            levels:
              A: info
              B: debgu
              A: warn
            emitters:
              out:
                type: collected
                cuont: 3
                flag: 7
              "in 2": { type: collected }
              third: { type: nothing }
              fourth: { type: collected, level: &x warn }
            limits: { record: 5 }
            """
        let error = #expect(throws: ConfigurationError.self) { try LoggingConfiguration(parsing: text) }
        let found = error?.faults.map(\.description) ?? []
        #expect(
            found.filter { !$0.hasPrefix("unknown emitter type") } == [
                "'version' must be 1, not 3 at 1:10",
                "unknown level 'inof' at 2:8; did you mean 'info'?",
                "unknown key 'levles' at 3:1; did you mean 'levels'?",
                "unknown level 'debgu' at 6:6; did you mean 'debug'?",
                "key 'A' is given twice; it stands at 5:3 already at 7:3",
                "unknown key 'cuont' at 11:5; did you mean 'count'?",
                "'flag' must be true or false, not an integer at 12:11",
                "'in 2' cannot be an emitter's name (letters, digits, '_' and '-') at 13:3",
                "anchors and aliases ('&x') are not allowed at 15:37",
                "'limits.record' needs a unit, as in '64 KiB', not 5 alone at 16:19",
            ]
        )
        #expect(found.count == 11)
        #expect(error?.description == found.joined(separator: "\n"))
    }

    @Test func keysGivenTwiceInOneLineKeepTheirColumns() {
        #expect(
            faults("{version: 1, level: info, level: warn, \"a\\\"b\": 1, level: info, \"a\\\"b\": 2, emitters: 3}")
                == [
                    "key 'level' is given twice; it stands at 1:14 already at 1:27",
                    "unknown key 'a\"b' at 1:40",
                    "key 'level' is given twice; it stands at 1:14 already at 1:51",
                    "key 'a\"b' is given twice; it stands at 1:40 already at 1:64",
                    "'emitters' must map names to emitters, not be 3 at 1:85",
                ]
        )
    }
}

private let units = "valid are: B, KiB, MiB, GiB, TiB, kB, MB, GB, TB"
private let escapeFault = "while parsing a quoted scalar; write the character itself"
private let noName = "cannot be an emitter's name (letters, digits, '_' and '-')"
private let aliasFault = "aliases ('*name') are not allowed; a text that begins with '*' needs quotes"
private let aliasScannerFault = """
    did not find expected alphabetic or numeric character while scanning an alias; a text that begins with '*' needs quotes
    """
#endif
