import Testing
import TxaioCore
import TxaioTesting

@Suite struct BucketTableTests {
    @Test(arguments: [1, 7, 1 << 20, 1 << 40, 0x9E37_79B9] as [Int64])
    func aTableDoesWhatADictionaryDoes(step: Int64) {
        var random = SeededGenerator(seed: UInt64(step))
        var table = BucketTable()
        var model: [Int64: Bucket] = [:]
        for round in 0..<20_000 {
            let number = Int64.random(in: -300...300, using: &random) &* step
            // Grows first, shrinks later.
            if let bucket = model[number], Int.random(in: 0..<20_000, using: &random) < round {
                table.remove(bucket)
                model[number] = nil
                // Another time does nothing.
                table.remove(bucket)
            } else if model[number] == nil, Int.random(in: 0..<20_000, using: &random) > round {
                let bucket = Bucket(number: number)
                table.add(bucket)
                model[number] = bucket
            }
            #expect(table.find(number)?.takeUnretainedValue() === model[number])
            #expect(table.count == model.count)
        }
        for number in -300...300 as ClosedRange<Int64> {
            #expect(table.find(number &* step)?.takeUnretainedValue() === model[number &* step])
        }
        for bucket in model.values { table.remove(bucket) }
        #expect(table.count == 0)
    }

    @Test func extremeNumbersAreNumbersLikeOthers() {
        var table = BucketTable()
        let buckets = [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max].map { Bucket(number: $0) }
        for bucket in buckets { table.add(bucket) }
        for bucket in buckets { #expect(table.find(bucket.number)?.takeUnretainedValue() === bucket) }
        for bucket in buckets { table.remove(bucket) }
    }
}
