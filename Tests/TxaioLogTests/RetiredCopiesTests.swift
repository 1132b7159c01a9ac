import Testing

@testable import TxaioLog

@Suite("Copies of fields that are gone") struct RetiredCopiesTests {
    private static func copy(_ ordinal: UInt64) throws -> RetiredCopies.Copy {
        RetiredCopies.Copy(
            place: try #require(UnsafeMutableRawPointer(bitPattern: Int(ordinal) * 64)),
            ordinal: ordinal
        )
    }

    /// Which copies one call frees.
    private static func freed(_ copies: inout RetiredCopies) -> [UInt64] {
        var freed: [UInt64] = []
        _ = copies.reclaim { freed.append($0.ordinal) }
        return freed
    }

    @Test func oneIsFreedOnceTheRingsWereEmptiedUpToWhereTheyWere() throws {
        var copies = RetiredCopies()
        #expect(!copies.isWaiting)
        copies.retire(try Self.copy(1))
        #expect(copies.isWaiting)
        #expect(Self.freed(&copies) == [])
        copies.retire(try Self.copy(2))
        #expect(Self.freed(&copies) == [1])
        #expect(Self.freed(&copies) == [2])
        #expect(!copies.isWaiting)
    }

    @Test func aPinHoldsWhatThereWasThenAndNothingMadeLater() throws {
        var copies = RetiredCopies()
        copies.pin(2)
        for ordinal in 1...4 as ClosedRange<UInt64> { copies.retire(try Self.copy(ordinal)) }
        #expect(Self.freed(&copies) == [])
        #expect(Self.freed(&copies) == [3, 4])
        copies.unpin(2)
        #expect(copies.isWaiting)
        #expect(Self.freed(&copies) == [1, 2])
    }

    @Test func whatOnlyABatchHoldsIsNotWeighedAgainBeforeOneWasRead() throws {
        var copies = RetiredCopies()
        copies.pin(9)
        copies.retire(try Self.copy(5))
        #expect(Self.freed(&copies) == [] && Self.freed(&copies) == [])
        #expect(!copies.isWaiting)
        // Another batch still holds it.
        copies.pin(6)
        copies.unpin(9)
        #expect(copies.isWaiting)
        #expect(Self.freed(&copies) == [])
        #expect(!copies.isWaiting)
        copies.unpin(6)
        #expect(Self.freed(&copies) == [5])
        #expect(!copies.isWaiting)
    }
}
