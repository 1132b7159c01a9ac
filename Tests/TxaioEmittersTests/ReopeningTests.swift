import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

/// Children leave with status 0 where all was as it should be, else with the number of the step that was not.
@Suite("Files that were moved away, signals, killed processes") struct ReopeningTests {
    private static let log = makeLogger("some.name")

    private static func check(_ condition: Bool, _ step: Int32) {
        if !condition { _exit(step) }
    }

    @Test func aFileThatWasMovedAwayIsOpenedAnewWithinASecond() throws {
        let directory = try TemporaryDirectory()
        let emitter = try JSONEmitter(to: LogFile(directory.file("log")))
        var number = 0
        withLogging(to: emitter) {
            for name in ["log.1", "log.2"] {
                Self.log.info("x", ("n", number))
                number += 1
                #expect(rename(directory.file("log"), directory.file(name)) == 0)
                let isBack = LogSeries.waits {
                    Self.log.info("x", ("n", number))
                    number += 1
                    return access(directory.file("log"), F_OK) == 0
                }
                #expect(isBack)
            }
        }
        let lines = try ["log.1", "log.2", "log"].flatMap { try directory.lines(of: $0) }
        #expect(lines.count == number)
    }

    @Test func askedForItIsOpenedAnewBeforeTheNextLine() throws {
        let directory = try TemporaryDirectory()
        let emitter = try TextEmitter(to: LogFile(directory.file("log")))
        withLogging(to: emitter) {
            Self.log.info("old")
            #expect(rename(directory.file("log"), directory.file("log.1")) == 0)
            // What `create` of logrotate leaves.
            #expect(FileManager.default.createFile(atPath: directory.file("log"), contents: nil))
            reopenLogFiles()
            Self.log.info("new")
        }
        #expect(try directory.lines(of: "log.1").count == 1)
        #expect(try directory.lines(of: "log").count == 1)
        emitter.close(until: .after(.zero))
        #expect(unlink(directory.file("log")) == 0)
        reopenLogFiles()
        withLogging(to: emitter) { Self.log.info("closed") }
        #expect(access(directory.file("log"), F_OK) != 0, "a closed emitter opens nothing")
    }

    @Test func aHangupOpensItAnewAndReachesTheHandlerThatWasThere() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let directory = try TemporaryDirectory()
            signal(SIGHUP) { _ in hangups += 1 }
            let file = LogFile(directory.file("log"), reopensOnHangup: true)
            let session = try startLogging(to: [
                try JSONEmitter(to: file), try TextEmitter(to: LogFile(directory.file("log"), reopensOnHangup: true)),
            ])
            ReopeningTests.log.info("x")
            ReopeningTests.check(rename(directory.file("log"), directory.file("log.1")) == 0, 1)
            // (The threads that run tests hold signals back.)
            ReopeningTests.check(kill(getpid(), SIGHUP) == 0 && LogSeries.waits { hangups == 1 }, 4)
            ReopeningTests.log.info("x")
            ReopeningTests.check(try directory.lines(of: "log").count == 2, 2)
            ReopeningTests.check(try directory.lines(of: "log.1").count == 2, 3)
            ReopeningTests.check(session.ledger.emitters.allSatisfy { $0.isBalanced && $0.handedOver == 2 }, 5)
        }
    }

    @Test func aDirectoryThatVanishedIsToldOfOnceAndNothingIsLost() async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            let directory = try TemporaryDirectory()
            let folder = directory.file("logs")
            ReopeningTests.check(mkdir(folder, 0o700) == 0, 1)
            let session = try startLogging(to: [try JSONEmitter(to: LogFile(folder + "/log"))])
            ReopeningTests.log.info("x")
            let reader = open(folder + "/log", O_RDONLY)
            ReopeningTests.check(unlink(folder + "/log") == 0 && rmdir(folder) == 0, 2)
            for _ in 0..<10 {
                reopenLogFiles()
                ReopeningTests.log.info("x")
            }
            ReopeningTests.check(session.ledger.emitters[0].handedOver == 11, 3)
            var room = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(reader, &room, room.count)
            ReopeningTests.check(count > 0 && room[..<max(0, count)].count { $0 == 0x0A } == 11, 4)
            ReopeningTests.check(mkdir(folder, 0o700) == 0, 5)
            reopenLogFiles()
            ReopeningTests.log.info("x")
            ReopeningTests.check(try directory.lines(of: "logs/log").count == 1, 6)
        }
        let told = String(decoding: result.standardErrorContent, as: UTF8.self)
        let sentence = "'json' cannot open its file anew, and goes on with the old one: No such file or directory"
        #expect(told.components(separatedBy: sentence).count == 2, "\(told)")
    }

    @Test func aFileThatCannotBePutAsideGoesOnAndIsTriedAgain() async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardErrorContent]) {
            let directory = try TemporaryDirectory()
            let series = LogSeries(directory: directory, name: "app.log")
            let file = LogFile(directory.file("app.log"), rotation: LogRotation(size: 2 << 10))
            try startLogging(to: [try JSONEmitter(to: file)])
            // A second name makes it somebody else's too.
            ReopeningTests.check(link(directory.file("app.log"), directory.file("other")) == 0, 1)
            for number in 0..<100 { ReopeningTests.log.info("x", ("n", number)) }
            ReopeningTests.check(try series.names() == ["app.log"] && series.numbers() == Array(0..<100), 2)
            ReopeningTests.check(unlink(directory.file("other")) == 0, 3)
            var number = 100
            let isPutAside = try LogSeries.waits {
                ReopeningTests.log.info("x", ("n", number))
                number += 1
                return try series.names().count > 1
            }
            ReopeningTests.check(isPutAside, 4)
            ReopeningTests.check(try series.numbers() == Array(0..<number), 5)
        }
        let told = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(told.components(separatedBy: "cannot put its file aside").count == 2, "\(told)")
        #expect(told.contains("it has several names"))
    }

    @Test func aServiceThatIgnoresItsChildrenCompressesAllTheSame() async {
        await #expect(processExitsWith: .exitCode(0)) {
            signal(SIGCHLD, SIG_IGN)
            let directory = try TemporaryDirectory()
            let series = LogSeries(directory: directory, name: "app.log")
            let file = LogFile(directory.file("app.log"), rotation: LogRotation(size: 4 << 10, compresses: true))
            try startLogging(to: [try JSONEmitter(to: file)])
            for number in 0..<200 { ReopeningTests.log.info("x", ("n", number)) }
            let isDone = try LogSeries.waits { try series.aside().allSatisfy { $0.hasSuffix(".gz") } }
            ReopeningTests.check(isDone, 1)
            signal(SIGCHLD, SIG_DFL)
            ReopeningTests.check(try series.aside().count > 5, 2)
            ReopeningTests.check(try series.numbers() == Array(0..<200), 3)
        }
    }

    @Test(arguments: 0..<8)
    func aProcessThatIsKilledWhileItRotatesLosesAndDoublesNothing(round: Int) async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String, round] in
            // Noted by the thread that logs, after each call: a mapped file survives the process.
            let notes = open(path + "/notes", O_RDWR | O_CREAT, 0o600)
            ReopeningTests.check(notes >= 0 && ftruncate(notes, 4096) == 0, 1)
            let page = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, notes, 0)
            guard let noted = page?.assumingMemoryBound(to: Int.self) else { _exit(2) }
            let rotation = LogRotation(size: 1 << 10, compresses: round % 2 == 1)
            try startLogging(to: [try JSONEmitter(to: LogFile(path + "/app.log", rotation: rotation))])
            let address = UInt(bitPattern: noted)
            Thread.detachNewThread {
                guard let noted = UnsafePointer<Int>(bitPattern: address) else { return }
                while noted.pointee < 500 { usleep(100) }
                usleep(UInt32.random(in: 0..<20_000))
                kill(getpid(), SIGKILL)
            }
            for number in 0... {
                ReopeningTests.log.info("x", ("n", number))
                noted.pointee = number + 1
            }
        }
        let noted = try directory.bytes(of: "notes").prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let series = LogSeries(directory: directory, name: "app.log")
        let numbers = try series.numbers()
        #expect(noted >= 500)
        #expect(numbers == Array(0..<numbers.count))
        #expect(numbers.count == noted || numbers.count == noted + 1)
        #expect(try series.aside().count > 50)
    }
}

nonisolated(unsafe) private var hangups = 0
