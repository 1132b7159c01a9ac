#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioLog

/// The environment is the process's, so each test has a process of its own.
@Suite("What the environment says")
struct EnvironmentTests {
    @Test func itsRulesHoldAboveTheFilesAndAReload() async {
        await #expect(processExitsWith: .success) {
            setenv("TXAIO_LOG", "Env.A=trace,Env.Low*=error", 1)
            let directory = TemporaryDirectory()
            let log = directory.path + "/log.jsonl"
            func file(_ level: String) -> [UInt8] {
                Array("version: 1\nlevel: \(level)\nemitters: { out: { type: json, path: \(log) } }\n".utf8)
            }
            let path = try directory.write(file("warn"))
            let session = try startLogging(configuration: path)
            let (a, low, other) = (makeLogger("Env.A"), makeLogger("Env.Lower"), makeLogger("Other"))
            #expect([a.level, low.level, other.level] == [.trace, .error, .warn])

            let live = try #require(LiveConfiguration.running)
            try Data(file("debug")).write(to: URL(fileURLWithPath: path))
            #expect(live.reload())
            #expect([a.level, low.level, other.level] == [.trace, .error, .debug])

            // What is set later, and by somebody who watches, is stronger.
            try setTemporaryLevels("Env=info")
            #expect([a.level, low.level, other.level] == [.info, .info, .debug])
            low.setLevel(.critical)
            #expect(low.level == .critical)
            resetTemporaryLevels()
            #expect(a.level == .trace)
            #expect(session.shutdown())
            let told = try jsonLines(log).compactMap { $0["message"] as? String }
            #expect(told.contains("Levels 'Env.A=trace,Env.Low*=error' of TXAIO_LOG hold above all others."))
        }
    }

    @Test func aBareLevelIsForAllNamespacesWhateverTheFileSays() async {
        await #expect(processExitsWith: .success) {
            setenv("TXAIO_LOG", "debug", 1)
            let directory = TemporaryDirectory()
            let path = try directory.write(
                Array("version: 1\nlevels: { Env: none }\nemitters: { out: { type: text } }\n".utf8)
            )
            _ = try startLogging(configuration: path)
            #expect(makeLogger("Env").level == .debug && makeLogger("Other").level == .debug)
        }
    }

    @Test func aFaultOfItIsToldWithItsPlaceBeforeAnythingIsOpened() async {
        await #expect(processExitsWith: .success) {
            setenv("TXAIO_LOG", "Env=debgu", 1)
            let directory = TemporaryDirectory()
            let log = directory.path + "/log.jsonl"
            let path = try directory.write(Array("version: 1\nemitters: { o: { type: json, path: \(log) } }\n".utf8))
            let error = #expect(throws: ConfigurationError.self) { try startLogging(configuration: path) }
            #expect(error?.description == "TXAIO_LOG: unknown level 'debgu' at column 5; did you mean 'debug'?")
            #expect(!FileManager.default.fileExists(atPath: log))
            let plain = #expect(throws: LoggingSetupError.self) { try startLogging(to: []) }
            #expect(plain?.code == .environment)
            #expect(plain?.description.contains("unknown level 'debgu' at column 5") ?? false)

            setenv("TXAIO_LOG", "Env=debug for 10m", 1)
            #expect(throws: LoggingSetupError.self) { try startLogging(to: []) }
            setenv("TXAIO_LOG", "", 1)
            #expect(try startLogging(to: []).shutdown())
        }
    }

    @Test func itNamesTheFileUnlessTheProgramWasToldWhich() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            func file(_ level: String) throws -> String {
                try directory.write(Array("version: 1\nlevel: \(level)\nemitters: { out: { type: text } }\n".utf8))
            }
            let (own, named) = (try file("error"), try file("trace"))
            setenv("TXAIO_CONFIG", directory.path + "/none.yaml", 1)
            let error = #expect(throws: ConfigurationError.self) { try startLogging(configuration: own) }
            #expect(error?.description.contains("none.yaml") ?? false)
            setenv("TXAIO_CONFIG", named, 1)
            _ = try startLogging(configuration: own)
            #expect(makeLogger("Env").level == .trace && LiveConfiguration.running?.path == named)
        }
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let path = try directory.write(Array("version: 1\nlevel: error\nemitters: { out: { type: text } }\n".utf8))
            setenv("TXAIO_CONFIG", "/nonexistent", 1)
            _ = try startLogging(configuration: path, overridable: false)
            #expect(makeLogger("Env").level == .error)
        }
    }
}
#endif
