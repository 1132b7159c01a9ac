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

@Suite("Files that are put aside") struct RotationTests {
    private static let log = makeLogger("some.name")
    private static let stamp = "20261123T011500.123456Z"

    private let directory: TemporaryDirectory
    private let series: LogSeries
    private var path: String { directory.file("app.log") }

    init() throws {
        directory = try TemporaryDirectory()
        series = LogSeries(directory: directory, name: "app.log")
    }

    private func emitter(_ rotation: LogRotation) throws -> JSONEmitter {
        try JSONEmitter(to: LogFile(path, rotation: rotation))
    }

    private func make(_ name: String, _ content: String = "somebody else's\n") throws {
        try Data(content.utf8).write(to: URL(fileURLWithPath: directory.file(name)))
    }

    private func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat(directory.file(name), &status) == 0
    }

    /// Logs `each` numbers on each of four threads: `n` from 0 up, all different.
    private static func logOnThreads(_ emitters: [JSONEmitter], each: Int) {
        let done = DispatchGroup()
        for index in 0..<4 {
            done.enter()
            Thread.detachNewThread {
                withLogging(to: emitters[index % emitters.count]) {
                    for number in 0..<each { log.info("x", ("n", index * each + number), ("thread", index)) }
                }
                done.leave()
            }
        }
        done.wait()
    }

    // ------------------------------------------------------------------------------------------------ by size

    @Test func aHundredRotationsUnderFourThreadsLoseAndDoubleAndTearNothing() throws {
        let emitter = try emitter(LogRotation(size: 8 << 10))
        Self.logOnThreads([emitter], each: 2_000)
        let files = try series.names()
        #expect(files.count > 100)
        #expect(try series.numbers().sorted() == Array(0..<8_000))
        for file in files { #expect(try directory.bytes(of: file).count <= 8 << 10) }
        // Each thread's lines are in order over all files.
        let (threads, numbers) = (try series.numbers("thread"), try series.numbers())
        for thread in 0..<4 {
            let own = zip(threads, numbers).filter { $0.0 == thread }.map(\.1)
            #expect(own == own.sorted())
        }
    }

    @Test func batchesEndWhereAFileIsFull() async throws {
        var options = QueueOptions()
        options.overflow = .block(upTo: .seconds(60))
        let emitter = try emitter(LogRotation(size: 8 << 10))
        await withLogging(to: emitter, delivery: .queued(options)) {
            await withTaskGroup { group in
                for index in 0..<4 {
                    group.addTask { for number in 0..<2_000 { Self.log.info("x", ("n", index * 2_000 + number)) } }
                }
            }
        }
        #expect(try series.numbers().sorted() == Array(0..<8_000))
        let files = try series.names()
        #expect(files.count > 100)
        for file in files { #expect(try directory.bytes(of: file).count <= 8 << 10) }
    }

    @Test func twoThatWriteToOneFileFollowEachOther() throws {
        let pair = [try emitter(LogRotation(size: 8 << 10)), try emitter(LogRotation(size: 8 << 10))]
        Self.logOnThreads(pair, each: 2_000)
        #expect(try series.numbers().sorted() == Array(0..<8_000))
        #expect(try series.aside().count > 20)
    }

    @Test func aLongerLineHasAFileOfItsOwn() throws {
        let emitter = try emitter(LogRotation(size: 1 << 10))
        withLogging(to: emitter) {
            for number in 0..<6 {
                Self.log.info("x", ("n", number), ("filler", String(repeating: "x", count: number % 2 * 5_000)))
            }
        }
        #expect(try series.numbers() == Array(0..<6))
        for file in try series.names() { #expect(!(try series.lines(of: file).isEmpty)) }
        #expect(try series.names().filter { try directory.bytes(of: $0).count > 1 << 10 }.count == 3)
    }

    @Test func aNewFileHasThePermissionsOfTheOld() throws {
        let emitter = try emitter(LogRotation(size: 1 << 10))
        #expect(chmod(path, 0o604) == 0)
        withLogging(to: emitter) { for number in 0..<50 { Self.log.info("x", ("n", number)) } }
        for file in try series.names() {
            var status = stat()
            #expect(stat(directory.file(file), &status) == 0)
            #expect(status.st_mode & 0o777 == 0o604)
        }
    }

    // ------------------------------------------------------------------------------------------------ by time

    @Test func aPeriodEndsWithItsFirstEventAfterwards() throws {
        let emitter = try emitter(LogRotation(every: .seconds(1)))
        var written = 0
        let isDone = try withLogging(to: emitter) {
            try LogSeries.waits {
                Self.log.info("x", ("n", written))
                written += 1
                return try series.names().count >= 3
            }
        }
        #expect(isDone)
        #expect(try series.numbers() == Array(0..<written))
    }

    @Test func whatAnEarlierRunWroteBeforeThePeriodIsPutAside() throws {
        try make("app.log", "{\"n\":0}\n")
        var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000_000, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
        let emitter = try emitter(LogRotation(every: .seconds(86_400)))
        withLogging(to: emitter) { for number in 1..<4 { Self.log.info("x", ("n", number)) } }
        #expect(try series.numbers() == [0, 1, 2, 3])
        #expect(try series.lines(of: "app.log").count == 3)
    }

    // ------------------------------------------------------------------------------------------------ retention

    @Test func whatOnlyLooksLikeItSurvives() throws {
        let lookalikes = [
            "app.log.1", "app.log.old", "app.log.20010101", "app.log.20010101T000000.000000",
            "app.log-20010101T000000.000000Z", "app.log.20010101T000000.000000Z.bz2",
            "app.log.20010101T000000.000000Z~", "app.log.20011301T000000.000000Z",
            "other.log.20010101T000000.000000Z", "app.log.copy.20010101T000000.000000Z",
        ]
        for name in lookalikes { try make(name) }
        // What has the name, but is no file of one's own alone.
        let link = "app.log.20010102T000000.000000Z"
        let named = "app.log.20010103T000000.000000Z"
        let folder = "app.log.20010104T000000.000000Z"
        #expect(symlink(directory.file("app.log.1"), directory.file(link)) == 0)
        #expect(Glibc.link(directory.file("app.log.old"), directory.file(named)) == 0)
        #expect(mkdir(directory.file(folder), 0o700) == 0)
        var survivors = lookalikes + [link, named, folder]
        let foreign = "app.log.20010105T000000.000000Z"
        try make(foreign)
        if chown(directory.file(foreign), 1, 1) == 0 { survivors.append(foreign) }
        let own = ["app.log.20010106T000000.000000Z", "app.log.20010107T000000.000000Z.gz"]
        for name in own { try make(name) }

        let rotation = LogRotation(size: 1 << 10, keep: 0, keepBytes: 0, keepFor: .seconds(1), compresses: true)
        let emitter = try emitter(rotation)
        withLogging(to: emitter) { for number in 0..<50 { Self.log.info("x", ("n", number)) } }
        let isDone = try LogSeries.waits {
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            return names.count == survivors.count + 1
        }
        #expect(isDone)
        for name in survivors { #expect(exists(name), "\(name)") }
        for name in own { #expect(!exists(name), "\(name)") }
        #expect(try directory.lines(of: "app.log.old") == ["somebody else's"])
    }

    @Test func asManyAreKeptAsWasSaid() throws {
        let emitter = try emitter(LogRotation(size: 1 << 10, keep: 3))
        withLogging(to: emitter) { for number in 0..<200 { Self.log.info("x", ("n", number)) } }
        #expect(try LogSeries.waits { try series.aside().count == 3 })
        let numbers = try series.numbers()
        #expect(numbers == Array((200 - numbers.count)..<200), "the newest")
    }

    @Test func noMoreBytesAreKeptThanWasSaid() throws {
        let emitter = try emitter(LogRotation(size: 1 << 10, keepBytes: 5 << 10))
        withLogging(to: emitter) { for number in 0..<200 { Self.log.info("x", ("n", number)) } }
        let isDone = try LogSeries.waits {
            // (Some go while they are counted.)
            try series.aside().reduce(0) { $0 + ((try? directory.bytes(of: $1).count) ?? 0) } <= 5 << 10
        }
        #expect(isDone)
        #expect(try series.aside().count >= 4)
    }

    // ------------------------------------------------------------------------------------------------ gzip

    @Test func whatIsCompressedIsWholeAndTheOriginalGone() throws {
        let emitter = try emitter(LogRotation(size: 4 << 10, compresses: true))
        Self.logOnThreads([emitter], each: 250)
        #expect(try LogSeries.waits { try series.aside().allSatisfy { $0.hasSuffix(".gz") } })
        #expect(try series.aside().count > 10)
        #expect(try series.numbers().sorted() == Array(0..<1_000))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasSuffix(".part") }
        #expect(left.isEmpty)
    }

    @Test func whatAKilledCompressionLeftIsDoneAnew() throws {
        let half = "app.log.\(Self.stamp)"
        let both = "app.log.20261123T011500.123457Z"
        let taken = "app.log.20261123T011500.123458Z"
        for name in [half, both, taken] { try make(name, "{\"n\":1}\n") }
        // A name that a rotation took, and did not come to give its log.
        let empty = "app.log.20261123T011459.000000Z"
        try make(empty, "")
        try make(half + ".gz.part", "garbage")
        #expect(try Tools.run("/bin/sh", ["-c", "gzip -k \"$0\"", directory.file(both)]).status == 0)
        try make(taken + ".gz")
        _ = try emitter(LogRotation(size: 4 << 10, compresses: true))
        #expect(LogSeries.waits { !exists(half) && !exists(both) })
        #expect(try series.lines(of: half + ".gz") == ["{\"n\":1}"])
        #expect(try series.lines(of: both + ".gz") == ["{\"n\":1}"])
        #expect(!exists(half + ".gz.part"))
        #expect(exists(empty) && !exists(empty + ".gz"))
        // What is in the way and holds something else stays, and so does the original.
        #expect(try directory.lines(of: taken + ".gz") == ["somebody else's"])
        #expect(try directory.lines(of: taken) == ["{\"n\":1}"])
    }

    @Test func aFileThatSomebodyStillWritesToIsNotCompressed() throws {
        let held = "app.log.\(Self.stamp)"
        let writer = try JSONEmitter(to: LogFile(directory.file(held)))
        withLogging(to: writer) { Self.log.info("x", ("n", 0)) }
        let emitter = try emitter(LogRotation(size: 4 << 10, compresses: true))
        withLogging(to: emitter) { for number in 1..<100 { Self.log.info("x", ("n", number)) } }
        #expect(try LogSeries.waits { try series.aside().filter { !$0.hasSuffix(".gz") } == [held] })
        withLogging(to: writer) { Self.log.info("x", ("n", 100)) }
        writer.close(until: .after(.zero))
        #expect(try LogSeries.waits { try series.aside().allSatisfy { $0.hasSuffix(".gz") } })
        #expect(try series.numbers().sorted() == Array(0...100))
    }

    // ------------------------------------------------------------------------------------------------ refusals

    @Test func aFileThatIsNotOnesOwnAloneIsNotRotated() throws {
        try make("target")
        #expect(symlink(directory.file("target"), path) == 0)
        let linked = #expect(throws: LogFileError.self) { try emitter(LogRotation(size: 1)) }
        #expect(linked?.description == "cannot rotate '\(path)': it is a symbolic link")
        #expect(unlink(path) == 0 && Glibc.link(directory.file("target"), path) == 0)
        let named = #expect(throws: LogFileError.self) { try emitter(LogRotation(size: 1)) }
        #expect(named?.description == "cannot rotate '\(path)': it has several names")
        #expect(throws: LogFileError.self) { try JSONEmitter(to: LogFile("/dev/null", rotation: LogRotation(size: 1))) }
        #expect(unlink(path) == 0)
        try make("app.log")
        guard chown(path, 1, 1) == 0 else { return }
        let foreign = #expect(throws: LogFileError.self) { try emitter(LogRotation(size: 1)) }
        #expect(foreign?.description == "cannot rotate '\(path)': it belongs to another user")
        #expect(try directory.lines(of: "app.log") == ["somebody else's"])
    }

    @Test(.enabled(if: TemporaryFileSystem.isAvailable, "a file system of one's own needs root"))
    func aDiskWithoutRoomForOneMoreFileLosesNothing() throws {
        let disk = try #require(TemporaryFileSystem(bytes: 1 << 20, files: 3))
        let file = disk.path + "/app.log"
        let emitter = try JSONEmitter(to: LogFile(file, rotation: LogRotation(size: 4 << 10)))
        let spare = disk.path + "/spare"
        #expect(FileManager.default.createFile(atPath: spare, contents: nil))
        let counts = withLoggingLedger(to: emitter) { for number in 0..<200 { Self.log.info("x", ("n", number)) } }
        #expect(counts.first?.handedOver == 200)
        // The first time there was room for one more; then lines go on into the old file.
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasPrefix("app.log") }
        #expect(names.count == 2)
        let lines = try names.flatMap {
            splitLines([UInt8](try Data(contentsOf: URL(fileURLWithPath: disk.path + "/" + $0))))
        }
        #expect(lines.count == 200)
        // With room again the next look puts it aside.
        #expect(unlink(spare) == 0)
        let isPutAside = try LogSeries.waits {
            withLogging(to: emitter) { Self.log.info("x") }
            return try FileManager.default.contentsOfDirectory(atPath: disk.path).count == 3
        }
        #expect(isPutAside)
    }
}
