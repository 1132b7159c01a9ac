#if Configuration
import Foundation
import Synchronization
import Testing
import TxaioConfiguration
import TxaioEmitters
import TxaioLog

/// The file changes, and the running service follows; logging is started once in a process, so each test has one of its own.
@Suite("Following a configuration file")
struct ReloadTests {
    /// A started service, its file, and where its events go.
    private struct Service {
        let directory = TemporaryDirectory()
        let session: LoggingSession
        let live: LiveConfiguration
        var path: String { directory.path + "/logging.yaml" }
        var log: String { directory.path + "/log.jsonl" }

        init(_ rest: String = "level: info") throws {
            let text = Self.text(rest, log: directory.path + "/log.jsonl")
            try text.write(toFile: directory.path + "/logging.yaml", atomically: false, encoding: .utf8)
            session = try startLogging(configuration: directory.path + "/logging.yaml")
            live = try #require(LiveConfiguration.running)
        }

        static func text(_ rest: String, log: String) -> String {
            "version: 1\nemitters:\n  out: { type: json, path: \"\(log)\" }\n\(rest)\n"
        }

        /// Writes the file in place.
        func write(_ rest: String) throws {
            try Self.text(rest, log: log).write(toFile: path, atomically: false, encoding: .utf8)
        }

        /// Puts another file in its place.
        func replace(_ rest: String) throws {
            try Self.text(rest, log: log).write(toFile: path + ".new", atomically: false, encoding: .utf8)
            #expect(rename(path + ".new", path) == 0)
        }

        func events() throws -> [[String: Any]] {
            #expect(session.flush())
            return try jsonLines(log)
        }

        func events(of template: String) throws -> [[String: Any]] {
            try events().filter { $0["log_format"] as? String == template }
        }
    }

    private static let refused = "Configuration refused, generation {generation} stays in force: {fault}"
    private static let inForce = "Configuration {generation} is in force: {changes}."

    @Test func aFileWrittenInPlaceOrReplacedIsInForceForLoggersThatExist() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let log = makeLogger("Reload.One")
            #expect(log.level == .info)
            try service.replace("level: debug")
            #expect(eventually { log.level == .debug })
            try service.write("level: info\nlevels: { Reload: trace }")
            #expect(eventually { log.level == .trace })
            #expect(makeLogger("Other").level == .info)
            #expect(eventually { service.live.generation == 3 })
            let told = try service.events(of: Self.inForce)
            #expect(told.map { $0["generation"] as? Int } == [2, 3])
            #expect(told.first?["changes"] as? String == "level is debug, not info")
            #expect(told.last?["changes"] as? String == "level is info, not debug; Reload=trace set")
            service.session.shutdown()
        }
    }

    /// The number under which this process has a file open.
    private static func descriptor(of path: String) -> String? {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        return numbers.first {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == real
        }
    }

    /// How many threads follow a file.
    private static var followers: Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count {
            (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "txaio-config\n"
        }
    }

    private static let hangups = Atomic<Int>(0)

    @Test func afterTheEndASignalWritesIntoNobodysFile() async {
        await #expect(processExitsWith: .success) {
            // The logger's handler calls it last.
            #expect(Self.hangups.load(ordering: .relaxed) == 0)
            signal(SIGHUP) { _ in _ = ReloadTests.hangups.wrappingAdd(1, ordering: .relaxed) }
            let service = try Service()
            #expect(eventually { Self.followers == 1 })
            service.session.shutdown()
            #expect(eventually { Self.followers == 0 })
            // They get the numbers that came free.
            let paths = (0..<8).map { service.directory.path + "/\($0)" }
            let files = paths.map { open($0, O_CREAT | O_RDWR, 0o600) }
            #expect(files.allSatisfy { $0 >= 0 })
            kill(getpid(), SIGHUP)
            #expect(eventually { Self.hangups.load(ordering: .relaxed) == 1 })
            #expect(try paths.allSatisfy { try Data(contentsOf: URL(fileURLWithPath: $0)).isEmpty })
        }
    }

    @Test func whatWaitsForTheNextStartIsTold() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            try service.replace("level: info\ndelivery: queued\nreload: { verbosity: true }")
            let template = "A change of '{key}' takes effect at the next start."
            #expect(try eventually { try service.events(of: template).count == 2 })
            #expect(try service.events(of: template).map { $0["key"] as? String } == ["delivery", "reload"])
            service.session.shutdown()
        }
    }

    @Test func aLinkThatIsMadeToLeadElsewhereIsFollowed() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let log = directory.path + "/log.jsonl"
            // As a cluster mounts it: the file is a link through a link to a directory.
            func make(_ number: Int, _ level: String) throws {
                let place = "\(directory.path)/..\(number)"
                try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
                try Service.text("level: \(level)", log: log)
                    .write(toFile: place + "/logging.yaml", atomically: false, encoding: .utf8)
                #expect(symlink("..\(number)", directory.path + "/..data_tmp") == 0)
                #expect(rename(directory.path + "/..data_tmp", directory.path + "/..data") == 0)
            }
            try make(1, "info")
            #expect(symlink("..data/logging.yaml", directory.path + "/logging.yaml") == 0)
            let session = try startLogging(configuration: directory.path + "/logging.yaml")
            let logger = makeLogger("Reload.Link")
            for (number, level) in ["debug", "trace", "error", "warn"].enumerated() {
                try make(number + 2, level)
                #expect(eventually { logger.level.description == level })
            }
            session.shutdown()
        }
    }

    @Test func aFaultLeavesTheLastGoodInForceAndIsToldOnce() async {
        await #expect(processExitsWith: .success) {
            let service = try Service("level: debug")
            try service.replace("levl: info")
            #expect(try eventually { try service.events(of: Self.refused).count == 1 })
            let log = makeLogger("Reload.Fault")
            #expect(log.level == .debug)
            let fault = try #require(try service.events(of: Self.refused).first?["fault"] as? String)
            #expect(fault.contains("unknown key 'levl' at 4:1; did you mean 'level'?"), "\(fault)")
            #expect(service.live.lastError != nil)
            // The same again, and again.
            for _ in 0..<3 {
                try service.replace("levl: info")
                #expect(!service.live.reload())
            }
            #expect(try service.events(of: Self.refused).count == 1)
            // Another content with the same fault is told as well.
            try service.replace("levl: debug")
            #expect(try eventually { try service.events(of: Self.refused).count == 2 })
            try service.replace("level: trace")
            #expect(eventually { log.level == .trace })
            #expect(eventually { service.live.lastError == nil })
            service.session.shutdown()
        }
    }

    @Test func aFileThatIsGoneChangesNothingUntilItIsBack() async {
        await #expect(processExitsWith: .success) {
            let service = try Service("level: debug")
            let log = makeLogger("Reload.Gone")
            #expect(unlink(service.path) == 0)
            #expect(try eventually { try service.events(of: Self.refused).count == 1 })
            #expect(log.level == .debug)
            try service.write("level: warn")
            #expect(eventually { log.level == .warn })
            service.session.shutdown()
        }
    }

    @Test func halfAFileIsNeverInForce() async {
        await #expect(processExitsWith: .success) {
            // Each of its beginnings that ends with a line is valid, and says something else.
            let service = try Service("level: info")
            let log = makeLogger("Reload.Half")
            let text = Array(Service.text("level: debug\nlevels:\n  Reload: info", log: service.log).utf8)
            let file = open(service.path, O_WRONLY | O_TRUNC)
            for byte in text {
                var byte = byte
                #expect(Foundation.write(file, &byte, 1) == 1)
                usleep(1_000)
                #expect(log.level == .info)
                #expect(service.live.generation == 1)
            }
            close(file)
            #expect(eventually { service.live.generation == 2 })
            #expect(makeLogger("Other").level == .debug)
            #expect(try service.events(of: Self.refused).isEmpty)
            service.session.shutdown()
        }
    }

    @Test func emittersThatDidNotChangeKeepTheirFilesAndOthersComeAndGo() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let second = service.directory.path + "/second.jsonl"
            let log = makeLogger("Reload.Emitters")
            log.info("one")
            let descriptor = Self.descriptor(of: service.log)
            #expect(descriptor != nil)
            let text = Service.text("  second: { type: json, path: \"\(second)\" }", log: service.log)
            try text.write(toFile: service.path + ".new", atomically: false, encoding: .utf8)
            #expect(rename(service.path + ".new", service.path) == 0)
            #expect(eventually { service.live.generation == 2 })
            log.info("two")
            try service.replace("level: info")
            #expect(eventually { service.live.generation == 3 })
            log.info("three")
            let ledger = service.session.ledger
            #expect(ledger.retired.map(\.name) == ["second"])
            #expect(Self.descriptor(of: service.log) == descriptor)
            #expect(Self.descriptor(of: second) == nil)
            #expect(
                try service.events().compactMap { $0["message"] as? String }.filter { $0.count < 6 } == [
                    "one", "two", "three",
                ]
            )
            #expect(service.session.shutdown())
            #expect(try String(contentsOfFile: second, encoding: .utf8).contains("\"two\""))
            #expect(try !String(contentsOfFile: second, encoding: .utf8).contains("\"three\""))
            #expect(service.session.ledger.isBalanced)
        }
    }

    @Test func theChangeToNothingIsItselfLogged() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            try service.replace("level: none")
            #expect(try eventually { try service.events(of: Self.inForce).count == 1 })
            let before = try service.events().count
            makeLogger("Reload.None").critical("turned away")
            #expect(try service.events().count == before)
            service.session.shutdown()
        }
    }

    @Test func temporaryLevelsSurviveAReloadUntilTheyAreTakenBack() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let log = makeLogger("Reload.Temporary")
            try setTemporaryLevels("Reload=trace for 1h")
            #expect(log.level == .trace)
            try service.replace("level: error")
            #expect(eventually { makeLogger("Other").level == .error })
            #expect(log.level == .trace)
            resetTemporaryLevels()
            #expect(log.level == .error)
            service.session.shutdown()
        }
    }

    @Test func signalsReloadAndShiftLevels() async {
        await #expect(processExitsWith: .success) {
            let service = try Service("level: info\nreload: { watch: false, verbosity: true }")
            let log = makeLogger("Reload.Signals")
            kill(getpid(), SIGUSR1)
            #expect(eventually { log.level == .debug })
            kill(getpid(), SIGUSR2)
            #expect(eventually { log.level == .info })
            try service.replace("level: error\nreload: { watch: false, verbosity: true }")
            kill(getpid(), SIGHUP)
            #expect(eventually { log.level == .error })
            service.session.shutdown()
        }
    }
}
#endif
