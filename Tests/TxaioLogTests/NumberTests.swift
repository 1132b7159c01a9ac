import CTxaio
import Testing
import TxaioTesting

@testable import TxaioLog

/// What C writes and reads is what Swift says.
@Suite struct NumberTests {
    private func text(_ body: (inout ByteBuffer) -> Void) -> String {
        var buffer = ByteBuffer()
        body(&buffer)
        return buffer.string()
    }

    @Test func wholeNumbersOfEveryLengthAreWrittenAsSwiftWritesThem() {
        var generator = SeededGenerator(seed: 71)
        var numbers: [UInt64] = [0, .max]
        var power: UInt64 = 1
        for _ in 0..<19 {
            numbers += [power - 1, power, power + 1]
            numbers += (0..<50).map { _ in UInt64.random(in: power..<power * 10, using: &generator) }
            power = power < 1_000_000_000_000_000_000 ? power * 10 : power
        }
        for number in numbers { #expect(text { $0.append(decimal: number) } == "\(number)") }
        for number in [Int64.min, .max, -1, -99_999_999, -100_000_000] {
            #expect(text { $0.append(decimal: number) } == "\(number)")
        }
    }

    @Test func everyPairOfDigitsIsWritten() {
        for number in 0..<100 {
            #expect(text { $0.append(twoDigits: number) } == (number < 10 ? "0" : "") + "\(number)")
        }
    }

    @Test func doublesOfFewPlacesAreWrittenAsSwiftWritesThem() {
        var generator = SeededGenerator(seed: 72)
        var numbers = [0, -0.0, 0.001, 0.0009, 19.99, 0.5, 1e8, 999_999_999.99, 1e9, 100_000_000.25, 0.1 + 0.2]
        for scale in [1.0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
            for _ in 0..<300 {
                numbers.append(Double(Int.random(in: -10_000_000_000...10_000_000_000, using: &generator)) / scale)
                numbers.append(Double(Int.random(in: -10_000...10_000, using: &generator)) / scale)
            }
        }
        for number in numbers { #expect(text { $0.append(shortest: number) } == "\(number)") }
    }

    @Test func theRecordIsReadInCAsItIsWritten() {
        #expect(Int(TXAIO_RECORD_HEAD) == RecordLayout.level)
        #expect(RecordLayout.flags == RecordLayout.level + 1 && RecordLayout.fieldCount == RecordLayout.level + 2)
        #expect(Int(TXAIO_RECORD_TIME) == RecordLayout.time)
        #expect(Int(TXAIO_RECORD_CELL) == RecordLayout.cell)
        #expect(Int(TXAIO_RECORD_SEQUENCE) == RecordLayout.sequence)
        #expect(Int(TXAIO_RECORD_TEMPLATE) == RecordLayout.template)
        #expect(Int(TXAIO_RECORD_PLACE) == RecordLayout.templateLength)
        #expect(RecordLayout.line == RecordLayout.templateLength + 4)
        #expect(Int(TXAIO_RECORD_FUNCTION) == RecordLayout.function)
        #expect(Int(TXAIO_RECORD_CONTEXT_COUNT) == RecordLayout.contextCount)
        #expect(Int(TXAIO_RECORD_BOUND) == RecordLayout.bound)
        #expect(Int(TXAIO_RECORD_SCOPE) == RecordLayout.scope)
        #expect(Int(TXAIO_RECORD_HEADER) == RecordLayout.header)
        #expect(UInt8(TXAIO_RECORD_PREPARED) == RecordFlag.prepared)
        #expect(Int(TXAIO_BLOCK_SIZE) == ContextBlock.size)
        #expect(Int(TXAIO_BLOCK_HEADER) == ContextBlock.header)
        #expect(UInt8(TXAIO_TAG_NO) == RecordTag.no && UInt8(TXAIO_TAG_YES) == RecordTag.yes)
        #expect(UInt8(TXAIO_TAG_INT) == RecordTag.int && UInt8(TXAIO_TAG_UINT) == RecordTag.uint)
        #expect(UInt8(TXAIO_TAG_DOUBLE) == RecordTag.double && UInt8(TXAIO_TAG_STRING) == RecordTag.string)
        #expect(UInt8(TXAIO_TAG_OBJECT) == RecordTag.object)
    }
}
