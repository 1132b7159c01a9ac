import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite("Lines written in batches") struct BatchTests {
    private static func queued(_ bytes: Int = 1 << 20) -> LogDelivery {
        var options = QueueOptions()
        options.ringBytes = bytes
        options.overflow = .block(upTo: .seconds(60))
        return .queued(options)
    }

    @Test func everyQueuedEventIsALineOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        let json = try JSONEmitter(to: LogFile(directory.file("queued.jsonl")))
        let text = try TextEmitter(to: LogFile(directory.file("queued.log")))
        let log = makeLogger("batch.lines")
        withLogging(to: json, text, delivery: Self.queued()) {
            for number in 0..<20_000 { log.info("number {number}", ("number", number)) }
        }
        let lines = try directory.lines(of: "queued.jsonl")
        #expect(lines.count == 20_000)
        #expect(lines.first?.contains("\"number\":0}") == true && lines.last?.contains("\"number\":19999}") == true)
        let plain = try directory.lines(of: "queued.log")
        #expect(plain.count == 20_000)
    }

    @Test func whatCameBeforeADirectStartIsWrittenByThen() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let log = makeLogger("batch.start")
            for number in 0..<300 { log.info("number {number}", ("number", number)) }
            let session = try startLogging(to: [JSONEmitter(to: LogFile(directory.file("start.jsonl")))])
            // Without a flush, or another event.
            #expect(try directory.lines(of: "start.jsonl").count == 300)
            #expect(session.shutdown())
        }
    }

    @Test func aBatchThatAFullDiskRefusesIsCountedWhole() throws {
        let full = try JSONEmitter(to: LogFile("/dev/full"))
        let log = makeLogger("batch.full")
        let counts = withLoggingLedger(to: full, delivery: Self.queued()) {
            for number in 0..<2_000 { log.info("number {number}", ("number", number)) }
        }
        #expect(counts.first?.accepted == 2_000 && counts.first?.handedOver == 0)
        #expect(counts.first?.dropped == [.sinkError: 2_000])
        #expect(counts.first?.isBalanced == true)
    }

    @Test(.enabled(if: TemporaryFileSystem.isAvailable, "a file system of one's own needs root"))
    func aDiskThatFillsWithinABatchKeepsWholeLinesAndCountsTheRest() throws {
        let disk = try #require(TemporaryFileSystem(bytes: 64 << 10))
        let json = try JSONEmitter(to: LogFile(disk.path + "/log.jsonl"))
        let log = makeLogger("batch.small")
        let counts = withLoggingLedger(to: json, delivery: Self.queued()) {
            for number in 0..<2_000 { log.info("number {number}", ("number", number)) }
        }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: disk.path + "/log.jsonl")))
        let written = bytes.count { $0 == 0x0A }
        #expect(written > 10 && written < 2_000)
        #expect(counts.first?.handedOver == UInt64(written))
        #expect(counts.first?.isBalanced == true)
    }
}
