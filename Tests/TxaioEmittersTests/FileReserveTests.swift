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

    @Test func aFileThatGrewByABlockSinceTheLastLookHasTheNextOneSetAside() {
        var reserve = FileReserve(size: 100)
        #expect(reserve.mark == 100 + Self.block)
        #expect(reserve.room(at: 50 + Self.block, adding: 51, ceiling: .max) == 50 + Self.block..<50 + 2 * Self.block)
        #expect(reserve.mark == 50 + 2 * Self.block)
        #expect(reserve.room(at: reserve.mark, adding: 0, ceiling: .max) == nil, "a whole block and not one byte more")
    }

    @Test func aFileThatGrowsSlowlyHasNothingSetAside() {
        var reserve = FileReserve(size: 0)
        for size in [0, Self.block - 10, 2 * Self.block - 20] {
            #expect(reserve.room(at: size, adding: 10, ceiling: .max) == nil)
        }
        #expect(reserve.room(at: 0, adding: 10, ceiling: .max) == nil, "it was emptied")
        #expect(reserve.mark == Self.block)
    }

    @Test func nothingIsSetAsideBeyondTheSizeThatAFileMayHave() {
        var reserve = FileReserve(size: 0)
        let size = Self.block
        #expect(reserve.room(at: size, adding: 10, ceiling: size + 50) == size..<size + 50)
        #expect(reserve.room(at: 2 * size, adding: 10, ceiling: size + 50) == nil)
    }

    @Test func whereItWasRefusedNobodyAsksAgain() {
        var reserve = FileReserve(size: 0)
        reserve.refused()
        #expect(reserve.mark == .max)
        #expect(reserve.room(at: 9 * Self.block, adding: .max, ceiling: .max) == nil)
    }

    // ------------------------------------------------------------------------------------------------ a real ext4

    private static let filler = String(repeating: "x", count: 8_000)

    /// The bytes on the disk beyond the end of a file; what writes have yet to find room for counts as there.
    private func beyondTheEnd(_ path: String) -> Int {
        var status = stat()
        #expect(stat(path, &status) == 0)
        return Int(status.st_blocks) * 512 - Int(status.st_size)
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aFileThatGrowsFastHasRoomOfWhichItsSizeShowsNothing() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 256 << 20))
        let path = disk.path + "/log"
        let emitter = try JSONEmitter(to: LogFile(path))
        var number = 0
        // On a machine that was busy elsewhere for a second it did not grow fast: then it goes on.
        for _ in 0..<20 where number == 0 || beyondTheEnd(path) < 1 << 16 {
            withLogging(to: emitter) {
                for _ in 0..<700 {
                    Self.log.info("", ("number", number), ("filler", Self.filler))
                    number += 1
                }
            }
        }
        let room = beyondTheEnd(path)
        #expect(room > 1 << 16 && room <= Int(Self.block) + 1 << 16)
        let lines = splitLines(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        #expect(lines.count == number)
        #expect(lines.last?.contains("\"number\":\(number - 1),") == true)
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aFileThatWasPutAsideHoldsNoRoomThatItWillNotUse() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 256 << 20))
        let emitter = try JSONEmitter(to: LogFile(disk.path + "/log", rotation: LogRotation(size: 6 << 20)))
        withLogging(to: emitter) {
            for number in 0..<4_000 { Self.log.info("", ("number", number), ("filler", Self.filler)) }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasPrefix("log.") }
        #expect(names.count >= 4)
        for name in names { #expect(beyondTheEnd(disk.path + "/" + name) < 1 << 16) }
    }

    @Test(.enabled(if: TemporaryFileSystem.hasExt4, "a file system of one's own needs root"))
    func aDiskThatIsTooFullForItLosesNothingThatWouldHaveFitted() throws {
        let disk = try #require(TemporaryFileSystem(ext4Bytes: 24 << 20))
        let path = disk.path + "/log"
        #expect(FileManager.default.createFile(atPath: disk.path + "/filler", contents: Data(count: 1 << 20)))
        let emitter = try JSONEmitter(to: LogFile(path))
        let full = withLoggingLedger(to: emitter) {
            for number in 0..<3_500 { Self.log.info("", ("number", number), ("filler", Self.filler)) }
        }
        let counts = try #require(full.first)
        #expect(counts.isBalanced)
        #expect(counts.dropped == [.sinkError: 3_500 - counts.handedOver])
        // 8 KB a line: all but the last few pages of the disk are used.
        var system = statvfs()
        #expect(statvfs(disk.path, &system) == 0)
        #expect(Int(system.f_bavail) * Int(system.f_frsize) < 1 << 17)
        #expect(unlink(disk.path + "/filler") == 0)
        let after = withLoggingLedger(to: emitter) { for number in 0..<10 { Self.log.info("", ("number", number)) } }
        #expect(after.first?.handedOver == 10)
        let lines = splitLines(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        let whole = lines.filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
        #expect(whole.count == Int(counts.handedOver) + 10)
    }
}
