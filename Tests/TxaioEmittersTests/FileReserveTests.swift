import Foundation
import Testing
import TxaioLog
import TxaioTesting

@testable import TxaioEmitters

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

@Suite("Disk that is set aside for files that grow fast") struct FileReserveTests {
    private static let log = makeLogger("some.name")
    private static let block = FileReserve.block

    // ------------------------------------------------------------------------------------------------ what is decided

    private static let second: Int64 = 1_000_000_000

    @Test func aFileThatGrewByABlockWithinASecondHasAnEighthOfItSetAside() {
        var reserve = FileReserve(size: 100)
        #expect(reserve.mark == 100 + Self.block)
        #expect(reserve.room(at: 5, size: 100, adding: 10, ceiling: .max) == nil, "the first look of all")
        let size = 50 + Self.block
        let room = reserve.room(at: 5 + Self.second, size: size, adding: 50, ceiling: .max)
        #expect(room == size..<size + size / 8)
        #expect(reserve.mark == room?.upperBound)
    }

    @Test func whatIsSetAsideIsABlockAtMostAndComesAsFastAsTheFileGrows() {
        var (reserve, time, size) = (FileReserve(size: 0), Int64(0), Int64(0))
        var beyond: [Int64] = []
        for _ in 0..<100 {
            if let room = reserve.room(at: time, size: size, adding: 0, ceiling: .max) {
                beyond.append(room.upperBound - size)
            }
            size = reserve.mark
            time += 1_000_000
        }
        #expect(beyond.count == 99)
        #expect(beyond.first == Self.block / 8)
        #expect(beyond.last == Self.block)
        #expect(beyond == beyond.sorted())
        // A step that is an eighth of a block is to take an eighth of a second.
        var slow = FileReserve(size: 0)
        #expect(slow.room(at: 0, size: 0, adding: 0, ceiling: .max) == nil)
        #expect(slow.room(at: Self.second, size: Self.block, adding: 0, ceiling: .max) != nil)
        #expect(slow.room(at: Self.second + Self.second / 8 + 1, size: slow.mark, adding: 0, ceiling: .max) == nil)
    }

    @Test func aFileThatGrowsSlowlyHasNothingSetAside() {
        var reserve = FileReserve(size: 0)
        for (time, size) in [(0, 0), (1, Self.block - 11), (2, 2 * Self.block - 30)] as [(Int64, Int64)] {
            #expect(reserve.room(at: time, size: size, adding: 10, ceiling: .max) == nil)
        }
        #expect(reserve.room(at: 3, size: 0, adding: 10, ceiling: .max) == nil, "it was emptied")
        #expect(reserve.mark == Self.block)
        #expect(
            reserve.room(at: 4 + Self.second, size: Self.block, adding: 10, ceiling: .max) == nil,
            "others filled it slowly"
        )
        #expect(
            reserve.room(at: 3 + Self.second, size: 3 * Self.block, adding: 10, ceiling: .max) == nil,
            "time went back"
        )
    }

    @Test func nothingIsSetAsideBeyondTheSizeThatAFileMayHave() {
        let size = 8 * Self.block
        for (ceiling, room) in [(size + 50, size..<size + 50), (size, nil), (size - 1, nil)] {
            var reserve = FileReserve(size: size - Self.block)
            #expect(reserve.room(at: 0, size: size - Self.block, adding: 10, ceiling: ceiling) == nil)
            #expect(reserve.room(at: 1, size: size, adding: 10, ceiling: ceiling) == room)
        }
    }

    @Test func whereItWasRefusedNobodyAsksAgain() {
        var reserve = FileReserve(size: 0)
        #expect(reserve.room(at: 0, size: 0, adding: 0, ceiling: .max) == nil)
        reserve.refused()
        #expect(reserve.mark == .max)
        #expect(reserve.room(at: 1, size: 9 * Self.block, adding: .max, ceiling: .max) == nil)
        #expect(reserve.mark == .max)
    }

    @Test func whereItTakesLongTwiceInARowNobodyAsksAgain() {
        var reserve = FileReserve(size: 0)
        for time in [2_000_000, 30_000, 1_000_000, 1_000_001, 0] as [Int64] { reserve.took(time) }
        #expect(reserve.mark == Self.block)
        reserve.took(1_000_001)
        reserve.took(.max)
        #expect(reserve.mark == .max)
    }

    @Test func aSizeAtTheEndOfAllSizesIsNoReasonToLook() {
        var reserve = FileReserve(size: .max - 10)
        #expect(reserve.mark == .max)
        #expect(reserve.room(at: 0, size: .max - 5, adding: 100, ceiling: .max) == nil)
        #expect(reserve.room(at: 1, size: .max, adding: .max, ceiling: .max) == nil)
        #expect(reserve.room(at: .max, size: .min, adding: 0, ceiling: .max) == nil)
        #expect(reserve.room(at: .min, size: .max, adding: 0, ceiling: .max) == nil)
    }

    // ------------------------------------------------------------------------------------------------ a real ext4

    private static let filler = String(repeating: "x", count: 60_000)

    /// Writes so many lines of 64 KiB to a file, a millisecond of events after the other, however long that takes.
    private func write(_ lines: Int, to file: LogFile) throws {
        let sink = try LineSink(file, emitter: "test", waitsAtMost: .seconds(1))
        defer { sink.close() }
        var line = ByteBuffer(capacity: 1 << 16)
        line.append(String(repeating: "x", count: 1 << 16 - 1) + "\n")
        for number in 0..<lines {
            #expect(sink.write(line, at: Int64(number) * 1_000_000) == .handedOver)
        }
    }

    /// The bytes on the disk beyond the end of a file; what writes have yet to find room for counts as there.
    private func beyondTheEnd(_ path: String) -> Int {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return Int(status.st_blocks) * 512 - Int(status.st_size)
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aFileThatGrowsFastHasRoomOfWhichItsSizeShowsNothing() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 1 << 30))
        // On a machine that is busy elsewhere the call may take too long: then it is tried with another file.
        for attempt in 0..<50 {
            let path = disk.path + "/log\(attempt)"
            try write(84, to: LogFile(path))
            let room = beyondTheEnd(path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(bytes.count == 84 << 16)
            #expect(unlink(path) == 0)
            #expect(room <= Int(Self.block) + 1 << 16)
            if room > 1 << 16 { return }
        }
        Issue.record("nothing was set aside")
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aFileThatWasPutAsideHoldsNoRoomThatItWillNotUse() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 1 << 30))
        try write(500, to: LogFile(disk.path + "/log", rotation: LogRotation(size: 6 << 20)))
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasPrefix("log.") }
        #expect(names.count >= 4)
        for name in names { #expect(beyondTheEnd(disk.path + "/" + name) < 1 << 16) }
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aDiskThatIsNearlyFullHasNothingSetAsideAndIsUsedToTheEnd() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 24 << 20))
        let path = disk.path + "/log"
        #expect(FileManager.default.createFile(atPath: disk.path + "/filler", contents: Data(count: 1 << 20)))
        let emitter = try JSONEmitter(to: LogFile(path))
        withLogging(to: emitter) {
            for number in 0..<100 { Self.log.info("", ("number", number), ("filler", Self.filler)) }
        }
        #expect(beyondTheEnd(path) < 1 << 16)
        let full = withLoggingLedger(to: emitter) {
            for number in 0..<450 { Self.log.info("", ("number", number), ("filler", Self.filler)) }
        }
        let counts = try #require(full.first)
        #expect(counts.isBalanced)
        #expect(counts.dropped == [.sinkError: 450 - counts.handedOver])
        // 60 KB a line: all but the last few pages of the disk are used.
        var system = statvfs()
        #expect(statvfs(disk.path, &system) == 0)
        #expect(Int(system.f_bavail) * Int(system.f_frsize) < 1 << 17)
        #expect(unlink(disk.path + "/filler") == 0)
        let after = withLoggingLedger(to: emitter) { for number in 0..<10 { Self.log.info("", ("number", number)) } }
        #expect(after.first?.handedOver == 10)
        let lines = splitLines(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        let whole = lines.filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
        #expect(whole.count == 100 + Int(counts.handedOver) + 10)
    }
}
