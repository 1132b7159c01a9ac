#if Configuration
import Foundation
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// Logging is started once in a process, so each test has one of its own.
@Suite("Starting with a configuration")
struct StartWithConfigurationTests {
    @Test func eventsGoWhereTheFileSays() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            // The configuration lies elsewhere: its relative paths start at the working directory.
            let elsewhere = TemporaryDirectory()
            #expect(chdir(directory.path) == 0)
            let path = try elsewhere.write(
                Array(
                    """
                    version: 1
                    levels: { Loud: debug, "Quiet*": error }
                    emitters:
                      all: { type: json, path: all.jsonl }
                      few: { type: json, path: few.jsonl, level: warn }
                      own: { type: json, path: own.jsonl, levels: { "*": none, Loud: trace } }
                    """.utf8
                )
            )
            let session = try startLogging(configuration: path)
            makeLogger("Loud").debug("one")
            makeLogger("Loud").warn("two")
            makeLogger("Other").debug("three")
            makeLogger("Other").info("four")
            makeLogger("Quiet.Type").warn("five")
            #expect(session.shutdown())

            func templates(_ name: String) throws -> [String] {
                try jsonLines("\(directory.path)/\(name).jsonl").map { $0["log_format"] as? String ?? "?" }
            }
            #expect(try templates("all") == ["one", "two", "four"])
            #expect(try templates("few") == ["two"])
            #expect(try templates("own") == ["one", "two"])
        }
    }

    @Test func aFileWithFaultsOpensNothingAndAGoodOneThenServes() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let log = directory.path + "/log.jsonl"
            let good = "version: 1\nemitters:\n  out: { type: json, path: \(log) }\n"
            for fault in ["levl: info", "levels: { A: debgu }", "limits: { record: 1 }"] {
                let path = try directory.write(Array((good + fault + "\n").utf8))
                #expect(throws: ConfigurationError.self) { try startLogging(configuration: path) }
                #expect(!FileManager.default.fileExists(atPath: log))
            }
            let session = try startLogging(configuration: directory.write(Array(good.utf8)))
            makeLogger("A").info("there")
            #expect(session.shutdown())
            #expect(try String(contentsOfFile: log, encoding: .utf8).contains("there"))
        }
    }

    @Test func aSecondStartReadsNothingAndReturnsTheSameSession() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let file = "version: 1\nemitters: { out: { type: json, path: \(directory.path)/one.jsonl } }\n"
            let first = try startLogging(configuration: directory.write(Array(file.utf8)))
            let second = try startLogging(configuration: "/nonexistent.yaml")
            #expect(first === second)
            let path = OptionEntry("path", "/nonexistent/x")
            let other = LoggingConfiguration.Emitter("x", type: "json", options: [path])
            #expect(try startLogging(LoggingConfiguration(emitters: [other])) === first)
        }
    }

    @Test func ifOneEmitterCannotBeMadeTheOthersAreClosed() async {
        await #expect(processExitsWith: .success) {
            func openDescriptors() -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? -1
            }
            let directory = TemporaryDirectory()
            let file = """
                version: 1
                emitters:
                  a: { type: json, path: \(directory.path)/a.jsonl }
                  b: { type: json, path: \(directory.path)/missing/b.jsonl }
                  c: { type: json, path: \(directory.path)/c.jsonl }
                """
            let path = try directory.write(Array(file.utf8))
            let before = openDescriptors()
            let error = #expect(throws: ConfigurationError.self) { try startLogging(configuration: path) }
            #expect(error?.faults.count == 1)
            #expect(error?.faults.first?.position?.line == 4)
            #expect(error?.description.hasPrefix("\(path): ") ?? false)
            #expect(openDescriptors() == before)
        }
    }

    @Test func emittersOfOneNameAreRefusedAndClosed() throws {
        Collected.register()
        let twin = LoggingConfiguration.Emitter("twin", type: "collected")
        let error = #expect(throws: ConfigurationError.self) {
            try startLogging(LoggingConfiguration(emitters: [twin, twin]))
        }
        #expect(error?.description == "two emitters are both called twin")
    }
}
#endif
