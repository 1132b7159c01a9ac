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

/// What becomes of events when the sink is in trouble: real pipes, devices and file systems.
@Suite struct DeliveryTests {
    private static let log = makeLogger("some.name")

    private func makePipe() -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        // Programs that other tests start at the same time must not keep an end open.
        for end in ends { #expect(fcntl(end, F_SETFD, FD_CLOEXEC) == 0) }
        return (ends[0], ends[1])
    }

    private func counts(_ emitter: any LogEmitter, _ body: () -> Void) -> EmitterCounts {
        let ledger = withLoggingLedger(to: emitter) { body() }
        #expect(ledger[0].isBalanced)
        return ledger[0]
    }

    // ------------------------------------------------------------------------------------------------ refused, gone

    @Test func aFullDeviceIsCountedAsASinkError() throws {
        let emitter = try JSONEmitter(to: LogFile("/dev/full"))
        let counts = counts(emitter) { for index in 0..<100 { Self.log.info("x", ("index", index)) } }
        #expect(counts.dropped == [.sinkError: 100])
    }

    @Test func aPipeWithoutAReaderIsGone() {
        let (reader, writer) = makePipe()
        let emitter = TextEmitter(to: .descriptor(writer))
        close(writer)
        close(reader)
        let counts = counts(emitter) { for index in 0..<100 { Self.log.info("x", ("index", index)) } }
        #expect(counts.dropped == [.sinkGone: 100])
    }

    @Test func aSocketWithoutAPeerIsGone() {
        var ends: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        let emitter = TextEmitter(to: .descriptor(ends[1]))
        let first = counts(emitter) { Self.log.info("x") }
        #expect(first.handedOver == 1)
        close(ends[0])
        let counts = counts(emitter) { for _ in 0..<10 { Self.log.info("x") } }
        #expect(counts.dropped == [.sinkGone: 10])
        close(ends[1])
    }

    @Test func aClosedDescriptorIsGone() {
        let (reader, writer) = makePipe()
        close(reader)
        close(writer)
        let emitter = TextEmitter(to: .descriptor(1_000_000))
        #expect(counts(emitter) { Self.log.info("x") }.dropped == [.sinkGone: 1])
    }

    @Test func aClosedEmitterDropsEventsAndHoldsNoDescriptor() throws {
        let (reader, writer) = makePipe()
        let emitter = TextEmitter(to: .descriptor(writer))
        close(writer)
        emitter.close(until: .after(.zero))
        #expect(counts(emitter) { Self.log.info("x") }.dropped == [.sinkGone: 1])
        // All writers are gone: the reader sees the end.
        var byte: UInt8 = 0
        #expect(read(reader, &byte, 1) == 0)
        close(reader)
    }

    @Test func afterTroubleEventsGoThroughAgain() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("fifo")
        #expect(mkfifo(path, 0o600) == 0)
        var reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let emitter = try TextEmitter(to: LogFile(path))
        #expect(counts(emitter) { Self.log.info("x") }.handedOver == 1)
        close(reader)
        #expect(counts(emitter) { Self.log.info("x") }.dropped == [.sinkGone: 1])
        reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        #expect(counts(emitter) { Self.log.info("x") }.handedOver == 1)
        close(reader)
    }

    // ------------------------------------------------------------------------------------------------ full

    @Test(arguments: [true, false])
    func aFullPipeCostsOneWaitThenDropsAtOnceAndNoLineIsMixed(isNonBlocking: Bool) throws {
        let (reader, writer) = makePipe()
        if isNonBlocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
        let emitter = JSONEmitter(to: .descriptor(writer), waitingAtMost: .milliseconds(300))
        let filler = String(repeating: "x", count: 4_900)
        let start = ContinuousClock.now
        let full = counts(emitter) {
            for index in 0..<1_000 { Self.log.info("", ("index", index), ("filler", filler)) }
        }
        let elapsed = ContinuousClock.now - start
        #expect(full.handedOver >= 10 && full.handedOver <= 13, "\(full)")
        #expect(full.dropped == [.overflow: 1_000 - full.handedOver])
        #expect(elapsed >= .milliseconds(300) && elapsed < .seconds(5), "\(elapsed)")
        // Our own descriptor is as it was: that mode is shared with whoever has the stream.
        #expect((fcntl(writer, F_GETFL) & O_NONBLOCK != 0) == isNonBlocking)

        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        var bytes = drain(reader)
        let after = counts(emitter) { for index in 1_000..<1_005 { Self.log.info("", ("index", index)) } }
        #expect(after.handedOver == 5)
        bytes += drain(reader)
        emitter.close(until: .after(.zero))
        close(writer)
        close(reader)
        // The line that was torn is one that was dropped; all others are whole.
        let lines = splitLines(bytes)
        let whole = lines.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }
        #expect(whole.count == Int(full.handedOver) + 5)
        #expect(lines.count - whole.count <= 1)
        #expect(whole.last?.contains("\"index\":1004") == true)
    }

    @Test(arguments: [Duration.zero, .seconds(-5), .nanoseconds(1), .seconds(Int64.max), .seconds(Int64.max) * 2])
    func anyDurationIsAWait(wait: Duration) throws {
        let directory = try TemporaryDirectory()
        let emitter = try TextEmitter(to: LogFile(directory.file("log")), waitingAtMost: wait)
        #expect(counts(emitter) { Self.log.info("x") }.handedOver == 1)
    }

    @Test func aSlowReaderLosesNothing() throws {
        let (reader, writer) = makePipe()
        let emitter = JSONEmitter(to: .descriptor(writer), waitingAtMost: .seconds(30))
        close(writer)
        let received = Received()
        let thread = Thread {
            var bytes: [UInt8] = []
            var room = [UInt8](repeating: 0, count: 3_000)
            while true {
                let count = read(reader, &room, room.count)
                if count <= 0 { break }
                bytes += room[..<count]
            }
            received.set(bytes)
        }
        thread.start()
        let filler = String(repeating: "x", count: 10_000)
        let counts = counts(emitter) {
            for index in 0..<500 { Self.log.info("", ("index", index), ("filler", filler)) }
        }
        emitter.close(until: .after(.zero))
        #expect(counts.handedOver == 500)
        let lines = splitLines(received.wait())
        #expect(lines.count == 500)
        for (index, line) in lines.enumerated() { #expect(line.contains("\"index\":\(index),")) }
        close(reader)
    }

    private final class Received: @unchecked Sendable {
        private let ready = DispatchSemaphore(value: 0)
        private var bytes: [UInt8] = []
        func set(_ bytes: [UInt8]) {
            self.bytes = bytes
            ready.signal()
        }
        func wait() -> [UInt8] {
            _ = ready.wait(timeout: .now() + 60)
            return bytes
        }
    }

    private func drain(_ reader: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &room, room.count)
            if count <= 0 { return bytes }
            bytes += room[..<count]
        }
    }

    @Test(.enabled(if: TemporaryFileSystem.isAvailable, "a file system of one's own needs root"))
    func aDiskThatFillsWithinALineDamagesThatLineAlone() throws {
        let disk = try #require(TemporaryFileSystem(bytes: 64 << 10))
        let filler = String(repeating: "x", count: 100)
        #expect(FileManager.default.createFile(atPath: disk.path + "/filler", contents: Data(count: 16 << 10)))
        let emitter = try JSONEmitter(to: LogFile(disk.path + "/log"))
        let full = counts(emitter) {
            for index in 0..<1_000 { Self.log.info("", ("index", index), ("filler", filler)) }
        }
        #expect(full.handedOver > 0)
        #expect(full.dropped == [.sinkError: 1_000 - full.handedOver])
        #expect(unlink(disk.path + "/filler") == 0)
        let after = counts(emitter) { for index in 1_000..<1_010 { Self.log.info("", ("index", index)) } }
        #expect(after.handedOver == 10)
        emitter.close(until: .after(.zero))
        let lines = splitLines(Array(try Data(contentsOf: URL(fileURLWithPath: disk.path + "/log"))))
        let whole = lines.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }
        #expect(whole.count == Int(full.handedOver) + 10)
        #expect(lines.count == whole.count + 1, "one torn line, which was dropped")
    }

    // ------------------------------------------------------------------------------------------------ files

    @Test func aFileThatCannotBeOpenedIsAnErrorThatSaysWhy() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("missing/log")
        let error = #expect(throws: LogFileError.self) { try TextEmitter(to: LogFile(path)) }
        #expect(error?.description == "cannot open '\(path)': No such file or directory")
        #expect(error?.code == ENOENT)
        #expect(throws: LogFileError.self) { try TextEmitter(to: LogFile(directory.path)) }
        _ = try TextEmitter(to: LogFile(path, makesDirectories: true))
        let file = directory.file("a file")
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        let blocked = #expect(throws: LogFileError.self) {
            try TextEmitter(to: LogFile(file + "/x/log", makesDirectories: true))
        }
        #expect(blocked?.description.hasSuffix("Not a directory") == true)
    }

    @Test func aFileIsMadeForItsOwnerAndGroupAndAppendedTo() throws {
        let directory = try TemporaryDirectory()
        for _ in 0..<2 {
            let emitter = try TextEmitter(to: LogFile(directory.file("log")))
            withLogging(to: emitter) { Self.log.info("x") }
        }
        #expect(try directory.lines(of: "log").count == 2)
        var status = stat()
        #expect(stat(directory.file("log"), &status) == 0)
        #expect(status.st_mode & 0o777 & ~0o640 == 0)
    }

    @Test func aFileThatEndsWithinALineIsContinuedOnANewOne() throws {
        let directory = try TemporaryDirectory()
        try Data("torn by a crash".utf8).write(to: URL(fileURLWithPath: directory.file("log")))
        let emitter = try TextEmitter(to: LogFile(directory.file("log")))
        withLogging(to: emitter) { Self.log.info("x") }
        let lines = try directory.lines(of: "log")
        #expect(lines.count == 2)
        #expect(lines.first == "torn by a crash")
    }

    @Test func descriptorsAreNotInheritedByOtherPrograms() throws {
        let directory = try TemporaryDirectory()
        let emitter = try TextEmitter(to: LogFile(directory.file("log")))
        let second = TextEmitter(to: .standardError)
        let listing = try Tools.run("/bin/sh", ["-c", "ls -l /proc/$$/fd"])
        #expect(!listing.output.contains(directory.file("log")))
        withLogging(to: emitter) { Self.log.info("x") }
        #expect(second.flush(until: .after(.zero)))
        #expect(try directory.lines(of: "log").count == 1)
    }
}
