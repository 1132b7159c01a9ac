import Testing

@testable import TxaioLog

@Suite("Records of a batch that are meant") struct BatchSelectionTests {
    /// A batch of so many records, every tenth of which is an error.
    private static func batch(_ count: Int) -> EventBatch {
        let size = 128
        let batch = EventBatch(bytes: size * max(1, count))
        for number in 0..<count {
            let level: LogLevel = number % 10 == 9 ? .error : .info
            batch.room.storeBytes(of: level.rawValue, toByteOffset: RecordLayout.level, as: UInt8.self)
            batch.append(size: size, threadNumber: 1, threadID: 1)
        }
        return batch
    }

    @Test(arguments: [0, 1, 63, 64, 65, 128, 200, 255, 256])
    func theyComeInOrderWhateverTheirNumber(_ count: Int) {
        let batch = Self.batch(count)
        let all = EventBatch.Selection(allOf: batch)
        #expect(Array(all) == Array(0..<count) && all.count == count)
        let few = EventBatch.Selection(of: batch) { number, _ in number % 3 == 1 }
        #expect(Array(few) == (0..<count).filter { $0 % 3 == 1 } && few.count == Array(few).count)
        #expect((0..<count).allSatisfy { few.contains($0) == ($0 % 3 == 1) })
        #expect(Array(EventBatch.Selection()) == [])
    }

    @Test func itKnowsWhetherThereAreErrorsAmongThem() {
        let batch = Self.batch(256)
        #expect(EventBatch.Selection(allOf: batch).hasErrors)
        #expect(!EventBatch.Selection(of: batch) { _, level in level == .info }.hasErrors)
        #expect(EventBatch.Selection(of: batch) { number, _ in number == 249 }.hasErrors)
        #expect(!EventBatch.Selection(of: batch) { number, _ in number == 250 }.hasErrors)
    }
}
