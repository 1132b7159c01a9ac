import Foundation
import Testing

@testable import TxaioLog

@Suite struct LedgerTests {
    /// Some ledgers have a counter in each thread, later ones count together: what threads count that have ended is there.
    @Test func eachLedgerAddsUpWhatAllThreadsHandedOver() {
        let ledgers = (0..<80).map { EmitterLedger(name: "ledger-\($0)") }
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for (index, ledger) in ledgers.enumerated() {
                for _ in 0...index { ledger.record(.handedOver) }
                ledger.record(.dropped(.overflow))
            }
        }
        for (index, ledger) in ledgers.enumerated() {
            let counts = ledger.snapshot
            #expect(counts.handedOver == UInt64(4 * (index + 1)) && counts.accepted == counts.handedOver + 4)
            #expect(counts.isBalanced && ledger.fates.handedOver == counts.handedOver)
        }
    }
}
