import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// An emitter of somebody else's: counts events by level, and knows nothing of this package but its public face.
final class TallyEmitter: LogEmitter {
    struct Settings: Sendable, Equatable {
        var topic: String
        var batch: Int
        var ratio: Double
        var mode: String
        var tags: [String]
        var isStrict: Bool
        var user: String
    }

    let name: String
    let settings: Settings

    init(name: String, settings: Settings) {
        self.name = name
        self.settings = settings
    }

    convenience init(options: inout EmitterOptions) throws {
        let settings = Settings(
            topic: options.string("topic"),
            batch: options.int("batch", in: 1...10_000, default: 500),
            ratio: options.double("ratio", in: 0...1, default: 1),
            mode: options.choice("mode", of: ["fast", "safe"], default: "safe"),
            tags: options.strings("tags"),
            isStrict: options.bool("strict", default: false),
            user: options.nested("login") { $0.string("user", default: "nobody") }
        )
        if settings.batch == 13 { options.fault("batch", "'batch' must not be 13") }
        try options.finish()
        self.init(name: options.name, settings: settings)
    }

    func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }
}

@Suite struct RegistryTests {
    private func tally(_ entries: [OptionEntry]) throws -> TallyEmitter.Settings {
        var options = EmitterOptions(name: "tally", entries, at: OptionPosition(line: 3, column: 3))
        return try TallyEmitter(options: &options).settings
    }

    private func faults(_ entries: [OptionEntry]) -> [String] {
        do {
            _ = try tally(entries)
            return []
        } catch let error as EmitterOptionsError {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func anOutsidersEmitterIsMadeFromItsOptions() throws {
        try EmitterRegistry.register("tally") { options in try TallyEmitter(options: &options) }
        let options = EmitterOptions(
            name: "counts",
            [
                OptionEntry("topic", "orders"), OptionEntry("batch", 7), OptionEntry("ratio", 1),
                OptionEntry("tags", ["a", "b"]), OptionEntry("login", ["user": "ada"]), OptionEntry("strict", true),
            ]
        )
        let emitter = try #require(try EmitterRegistry.make("tally", options: options) as? TallyEmitter)
        #expect(emitter.name == "counts")
        let expected = TallyEmitter.Settings(
            topic: "orders",
            batch: 7,
            ratio: 1,
            mode: "safe",
            tags: ["a", "b"],
            isStrict: true,
            user: "ada"
        )
        #expect(emitter.settings == expected)
        #expect(EmitterRegistry.types.contains("tally"))
    }

    @Test func allFaultsOfTheOptionsComeAtOnceInTheOrderOfTheFile() {
        func at(_ line: Int, _ key: String, _ content: OptionValue.Content) -> OptionEntry {
            let place = OptionPosition(line: line, column: 12)
            return OptionEntry(key, OptionValue(content, at: place), at: OptionPosition(line: line, column: 5))
        }
        let found = faults([
            at(9, "batsh", .int(5)),
            at(4, "topic", .int(5)),
            at(5, "batch", .int(0)),
            at(6, "mode", .string("sfae")),
            at(7, "tags", .list([OptionValue(.int(1))])),
            at(8, "login", .map([at(8, "usr", .string("ada"))])),
            at(10, "ratio", .double(.nan)),
            at(11, "strict", .string("yes")),
            at(12, "topic", .string("again")),
        ])
        #expect(
            found == [
                "'topic' must be a text, not an integer at 4:12",
                "'batch' must lie between 1 and 10000, not 0 at 5:12",
                "'mode' cannot be 'sfae' (valid are: fast, safe) at 6:12; did you mean 'safe'?",
                "'tags' must be a list of texts, not a list at 7:12",
                "unknown key 'login.usr' at 8:5; did you mean 'user'?",
                "unknown key 'batsh' at 9:5; did you mean 'batch'?",
                "'ratio' must be a finite number, not nan at 10:12",
                "'strict' must be true or false, not a text at 11:12",
                "key 'topic' is given twice at 12:5",
            ]
        )
    }

    @Test func whatIsMissingIsNamedWithTheEmittersPlace() {
        #expect(faults([]) == ["'topic' is missing at 3:3"])
        #expect(faults([OptionEntry("topic", "a"), OptionEntry("batch", 13)]) == ["'batch' must not be 13 at 3:3"])
        #expect(faults([OptionEntry("topic", nil)]) == ["'topic' must be a text, not null at 3:3"])
        #expect(
            faults([OptionEntry("topic", "a"), OptionEntry("login", "b")]) == [
                "'login' must be a map, not a text at 3:3"
            ]
        )
    }

    @Test func unknownKeysAreRefusedEvenWhereTheFactoryForgetsToFinish() throws {
        try EmitterRegistry.register("forgetful") { options in
            TallyEmitter(name: options.name, settings: try RegistryTests().tally([OptionEntry("topic", "a")]))
        }
        #expect(throws: EmitterOptionsError.self) {
            try EmitterRegistry.make("forgetful", options: EmitterOptions(name: "f", [OptionEntry("x", 1)]))
        }
    }

    @Test func anErrorOfTheFactorysOwnBecomesAFault() throws {
        struct NoBroker: Error, CustomStringConvertible { var description: String { "no broker at home" } }
        try EmitterRegistry.register("brokerless") { _ in throw NoBroker() }
        let options = EmitterOptions(name: "f", at: OptionPosition(line: 2, column: 1))
        let error = #expect(throws: EmitterOptionsError.self) {
            try EmitterRegistry.make("brokerless", options: options)
        }
        #expect(error?.faults.first?.code == .unusable)
        #expect(error?.description == "no broker at home at 2:1")
    }

    @Test func aTypeIsRegisteredOnce() throws {
        try EmitterRegistry.register("once") { _ in TextEmitter() }
        let error = #expect(throws: EmitterRegistryError.self) {
            try EmitterRegistry.register("once") { _ in TextEmitter() }
        }
        #expect(error?.description == "emitter type 'once' is registered already")
        #expect(throws: EmitterRegistryError.self) { try EmitterRegistry.register("text") { _ in TextEmitter() } }
        for name in ["", "a b", "é", "a:b", String(repeating: "a", count: 65)] {
            #expect(throws: EmitterRegistryError.self) { try EmitterRegistry.register(name) { _ in TextEmitter() } }
        }
    }

    @Test func anUnknownTypeNamesTheNearestOne() {
        let error = #expect(throws: EmitterOptionsError.self) {
            try EmitterRegistry.make(
                "jsno",
                at: OptionPosition(line: 5, column: 11),
                options: EmitterOptions(name: "j")
            )
        }
        #expect(error?.faults.first?.suggestion == "json")
        #expect(error?.faults.first?.position == OptionPosition(line: 5, column: 11))
    }

    @Test func theBuiltInTypesReadTheirOptions() throws {
        let directory = try TemporaryDirectory()
        let json = try EmitterRegistry.make(
            "json",
            options: EmitterOptions(
                name: "audit",
                [
                    OptionEntry("path", OptionValue(.string(directory.file("sub/dir/a.json")))),
                    OptionEntry("directories", true), OptionEntry("permissions", "0600"), OptionEntry("sync", true),
                    OptionEntry("time", "epoch"), OptionEntry("keys", ["log_time": "@timestamp", "log_format": nil]),
                ]
            )
        )
        #expect(json.name == "audit")
        withLogging(to: json) { makeLogger("some.name").info("x", ("a", 1)) }
        let line = try #require(try directory.lines(of: "sub/dir/a.json").first)
        #expect(line.hasPrefix("{\"@timestamp\":"))
        #expect(!line.contains("log_format"))
        #expect(!line.hasPrefix("{\"@timestamp\":\""))

        let text = try EmitterRegistry.make(
            "text",
            options: EmitterOptions(name: "out", [OptionEntry("stream", "stderr"), OptionEntry("colour", "never")])
        )
        #expect(text is TextEmitter)
    }

    @Test func theBuiltInTypesRefuseWhatMakesNoSense() {
        func faults(_ type: String, _ entries: [OptionEntry]) -> [String] {
            do {
                _ = try EmitterRegistry.make(type, options: EmitterOptions(name: "x", entries))
                return []
            } catch {
                return error.faults.map(\.description)
            }
        }
        #expect(
            faults("text", [OptionEntry("stream", "stdin"), OptionEntry("path", "/tmp"), OptionEntry("color", "auto")])
                == [
                    "'stream' cannot be 'stdin' (valid are: stdout, stderr)",
                    "'path' and 'stream' exclude each other",
                    "unknown key 'color'; did you mean 'colour'?",
                ]
        )
        #expect(faults("text", [OptionEntry("sync", true)]) == ["'sync' goes with 'path', which is missing"])
        #expect(faults("text", [OptionEntry("wait", -1)]) == ["'wait' must lie between 0.0 and 60.0, not -1.0"])
        let directory = faults("json", [OptionEntry("path", "/")])
        #expect(directory == ["cannot open '/': Is a directory"])
        let keys: OptionValue = ["log_time": "t", "log_level": "t", "message": 5, "log_tine": "x"]
        #expect(
            faults("json", [OptionEntry("keys", keys)]) == [
                "'keys.message' must be a text, or null to leave it out",
                "the key 't' is given to two things",
                "unknown key 'keys.log_tine'; did you mean 'log_time'?",
            ]
        )
    }
}
