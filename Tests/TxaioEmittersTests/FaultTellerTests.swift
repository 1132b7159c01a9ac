import Testing
import TxaioEmitters
import TxaioLog

@Suite struct FaultTellerTests {
    private let minute: Int64 = 60_000_000_000

    @Test func eachKindOfFaultIsToldOnce() {
        var teller = FaultTeller()
        #expect(teller.lost(.sinkError, at: 0) == 1)
        #expect(teller.lost(.sinkError, at: 1) == nil)
        #expect(teller.lost(.overflow, at: 2) == 1)
        #expect(teller.lost(.sinkError, at: 10 * minute) == nil)
    }

    @Test func afterARecoveryItIsToldAgainAtMostOnceAMinute() {
        var teller = FaultTeller()
        #expect(teller.lost(.sinkError, at: 0) == 1)
        teller.recovered()
        #expect(teller.lost(.sinkError, at: minute - 1) == nil)
        #expect(teller.lost(.sinkError, at: minute) == 2)
        #expect(teller.lost(.sinkError, at: 3 * minute) == nil)
    }
}
