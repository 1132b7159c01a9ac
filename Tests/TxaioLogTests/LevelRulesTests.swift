import Testing
import TxaioLog
import TxaioTesting

@Suite("Level rules")
struct LevelRulesTests {
    @Test func aBareLevelIsTheRoots() throws {
        let rules = try LevelRules(parsing: "debug")
        #expect(rules == LevelRules(root: .debug))
        #expect(rules.level(for: "Anything") == .debug)
        #expect(rules.level(for: "") == .debug)
    }

    @Test func anEmptyTextHasNoRules() throws {
        #expect(try LevelRules(parsing: "") == LevelRules(root: .info))
        #expect(try LevelRules(parsing: " \n", default: .warn) == LevelRules(root: .warn))
    }

    @Test func aPlainPatternIsTheNamespaceAndWhatLiesBelowIt() throws {
        let rules = try LevelRules(parsing: "A.B=debug")
        #expect(rules.level(for: "A.B") == .debug)
        #expect(rules.level(for: "A.B.C") == .debug)
        #expect(rules.level(for: "A.BC") == .info)
        #expect(rules.level(for: "A") == .info)
        #expect(rules.level(for: "X.A.B") == .info)
    }

    @Test(arguments: [
        ("NIO*", "NIO", true), ("NIO*", "NIOCore.Channel", true), ("NIO*", "XNIO", false),
        ("*.Audit", "A.Audit", true), ("*.Audit", "A.B.Audit", true), ("*.Audit", "A.Audit.B", false),
        ("A.*", "A", false), ("A.*", "A.B.C", true), ("A*B*C", "ABC", true), ("A*B*C", "A.B.B.C", true),
        ("A*B*C", "A.B.C.D", false), ("*ab*ab", "abab", true), ("*ab*ab", "ab", false), ("*aab", "aaab", true),
        ("A**B", "AB", true), ("Ä*", "Ärger", true), ("Ä*", "A", false),
    ])
    func aStarStandsForAnyRunOfCharacters(pattern: String, namespace: String, matches: Bool) throws {
        let rules = try LevelRules(parsing: "none,\(pattern)=trace")
        #expect(rules.level(for: namespace) == (matches ? .trace : .off))
    }

    @Test func theLongestPatternWinsWhateverTheOrder() throws {
        for text in ["warn,A=info,A.B=debug,A.B.C=trace", "A.B.C=trace,A.B=debug,A=info,warn"] {
            let rules = try LevelRules(parsing: text)
            #expect(rules.level(for: "A.B.C.D") == .trace)
            #expect(rules.level(for: "A.B.X") == .debug)
            #expect(rules.level(for: "A.X") == .info)
            #expect(rules.level(for: "X") == .warn)
        }
    }

    @Test func ofEqualLengthThePlainOneWinsThenTheEmittersThenTheLater() throws {
        let rules = try LevelRules(parsing: "NIO=error,NIO*=trace,journal:NIO=critical,x*z=debug,*xz=warn")
        #expect(rules.level(for: "NIO") == .error)
        #expect(rules.level(for: "NIOCore") == .trace)
        #expect(rules.level(for: "NIO.A", emitter: "journal") == .critical)
        #expect(rules.level(for: "NIO.A", emitter: "console") == .error)
        #expect(rules.level(for: "xz") == .warn)
        #expect(try LevelRules(parsing: "*xz=warn,x*z=debug").level(for: "xz") == .debug)
    }

    @Test func anEmitterHasARootLevelOfItsOwn() throws {
        let rules = try LevelRules(parsing: "info,journal:warn,Audit=debug,journal:Audit.Keys=trace,file:*=none")
        #expect(rules.level(for: "X") == .info)
        #expect(rules.level(for: "X", emitter: "journal") == .warn)
        #expect(rules.level(for: "X", emitter: "file") == .off)
        #expect(rules.level(for: "Audit", emitter: "journal") == .debug)
        #expect(rules.level(for: "Audit.Keys", emitter: "journal") == .trace)
        #expect(rules.level(for: "Audit.Keys", emitter: "file") == .debug)
        #expect(rules.emitters == ["journal", "file"])
    }

    @Test func theMostVerboseOfTheEmittersDecidesTheNamespace() throws {
        let rules = try LevelRules(parsing: "warn,console:error,journal:Audit=debug")
        #expect(rules.mostVerboseLevel(for: "Audit", emitters: ["console", "journal"]) == .debug)
        #expect(rules.mostVerboseLevel(for: "Audit", emitters: ["console"]) == .error)
        #expect(rules.mostVerboseLevel(for: "X", emitters: ["console", "journal"]) == .warn)
        #expect(rules.mostVerboseLevel(for: "X", emitters: []) == .warn)
    }

    @Test func theRuleThatDecidesIsTold() throws {
        let rules = try LevelRules(parsing: "info,A*=debug,A=warn")
        #expect(rules.rule(for: "A")?.description == "A=warn")
        #expect(rules.rule(for: "B") == nil)
    }

    @Test(arguments: [
        "info", "info,MyService.Gateway=debug,NIO*=warn,journal:Audit.*=info", "none,journal:warn,a-b_1:X=trace",
    ])
    func theDescriptionIsTheTextAgain(text: String) throws {
        #expect(try LevelRules(parsing: text).description == text)
    }

    @Test func whiteSpaceAndOrderAreMadeCanonical() throws {
        let rules = try LevelRules(parsing: " NIO* = warn ,\tjournal : A = info,\n** = debug, j:*=error ")
        #expect(rules.description == "debug,NIO*=warn,journal:A=info,j:error")
        #expect(LevelRules(rules.description) == rules)
    }

    @Test(arguments: [
        (
            "info,MyService.Gateway=debgu",
            ["unknown level 'debgu' at column 24; did you mean 'debug'?"]
        ),
        ("A=WARN", ["unknown level 'WARN' at column 3; did you mean 'warn'?"]),
        ("A=warning", ["unknown level 'warning' at column 3; did you mean 'warn'?"]),
        ("off", ["unknown level 'off' at column 1; did you mean 'none'?"]),
        ("A=", ["a level is missing at column 3"]),
        ("A", ["unknown level 'A' at column 1"]),
        ("info,", ["a rule is missing at column 6"]),
        (",", ["a rule is missing at column 1", "a rule is missing at column 2"]),
        ("=info", ["a pattern is missing at column 1"]),
        ("j:=info", ["a pattern is missing at column 3"]),
        (":A=info", ["an emitter's name is missing at column 1"]),
        ("a b:A=info", ["'a b' cannot be an emitter's name (letters, digits, '_' and '-') at column 1"]),
        ("a:b:c=info", ["a pattern cannot hold ':' at column 4"]),
        ("A B=info", ["a pattern cannot hold white space or controls at column 2"]),
        ("A.=info", ["the pattern 'A.' ends in a dot at column 2; did you mean 'A'?"]),
        ("A=debug=info", ["unknown level 'debug=info' at column 3"]),
        ("info,debug", ["the root's level is given twice at column 6"]),
        ("info,*=debug", ["the root's level is given twice at column 6"]),
        ("A=info,A=info", ["the rule for 'A' is given twice at column 8"]),
        ("j:A=info,A=info,j:A=warn", ["the rule for 'j:A' is given twice at column 17"]),
        ("A=\u{1B}[2J", ["unknown level '\\u{1B}[2J' at column 3"]),
        (
            "inof, A=debgu ,a:b:c=x,A.=trace",
            [
                "unknown level 'inof' at column 1; did you mean 'info'?",
                "unknown level 'debgu' at column 9; did you mean 'debug'?",
                "a pattern cannot hold ':' at column 19",
                "unknown level 'x' at column 22",
                "the pattern 'A.' ends in a dot at column 25; did you mean 'A'?",
            ]
        ),
    ])
    func everyFaultIsToldWithItsColumn(text: String, faults: [String]) {
        let error = #expect(throws: LevelRulesError.self) { try LevelRules(parsing: text) }
        #expect(error?.faults.map(\.description) == faults)
        #expect(error?.description == faults.joined(separator: "\n"))
        #expect(LevelRules(text) == nil)
    }

    @Test func tooManyRulesAndTooLongTextsAreRefused() throws {
        let most = (0..<LevelRules.maximumCount).map { "N\($0)=info" }.joined(separator: ",")
        let rules = try LevelRules(parsing: most)
        #expect(rules.rules.count == LevelRules.maximumCount)
        #expect(throws: LevelRulesError.self) { try LevelRules(parsing: most + ",X=info") }
        #expect(throws: LevelRulesError.self) { try LevelRules(parsing: String(repeating: " ", count: 1 << 20 | 1)) }
        #expect(throws: LevelRulesError.self) { try LevelRules(parsing: String(repeating: "x", count: 1025) + "=info") }
        let faults = #expect(throws: LevelRulesError.self) {
            try LevelRules(parsing: String(repeating: ",", count: 100_000))
        }
        #expect((faults?.faults.count ?? 0) == 100)
    }

    @Test func rulesMadeInCodeAreCheckedLikeText() throws {
        let rule = try LevelRule(emitter: "journal", pattern: "Audit.*", level: .info)
        #expect(try LevelRules(root: .warn, rules: [rule]).description == "warn,journal:Audit.*=info")
        #expect(throws: LevelRulesError.self) { try LevelRules(rules: [rule, rule]) }
        #expect(throws: LevelRulesError.self) { try LevelRule(pattern: "A=B", level: .info) }
        #expect(throws: LevelRulesError.self) { try LevelRule(pattern: "", level: .info) }
        #expect(throws: LevelRulesError.self) { try LevelRule(emitter: "no spaces", pattern: "A", level: .info) }
        let everything = try LevelRule(pattern: "*", level: .debug)
        #expect(throws: LevelRulesError.self) { try LevelRules(rules: [everything]) }
    }

    @Test func anyBytesAreRulesOrFaults() {
        var random = SeededGenerator(seed: 20_261_122)
        let pieces = [
            "info", "debug", "warn", ",", "=", ":", "*", ".", " ", "journal", "A.B", "NIO", "\u{0}", "é", "\u{202E}",
            "debgu",
        ]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            do throws(LevelRulesError) {
                let rules = try LevelRules(parsing: text)
                #expect(LevelRules(rules.description) == rules, "\(text)")
            } catch {
                #expect(!error.faults.isEmpty)
                for fault in error.faults {
                    #expect(fault.column.map { $0 >= 1 && $0 <= text.utf8.count + 1 } ?? false, "\(text): \(fault)")
                }
            }
        }
    }
}

@Suite("Suggestions")
struct SuggestionTests {
    @Test(arguments: [
        ("levles", "levels"), ("LEVELS", "levels"), ("emiters", "emitters"), ("lvl", nil), ("x", nil), ("", nil),
        ("verson", "version"), ("limit", "limits"), ("completely-different", nil), ("levelss", "levels"),
    ])
    func theNearestNameIsMeant(word: String, name: String?) {
        let names = ["version", "level", "levels", "emitters", "limits", "delivery"]
        #expect(Suggestion.closest(to: word, among: names) == name)
    }

    @Test func aLongWordCostsNothing() {
        #expect(Suggestion.closest(to: String(repeating: "a", count: 1_000_000), among: ["a"]) == nil)
    }
}
