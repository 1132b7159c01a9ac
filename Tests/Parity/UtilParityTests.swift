import Testing
import TxaioCore

/// txaio's `test_util.py`.
@Suite struct UtilParityTests {
    @Test(arguments: Framework.all)
    func q60TheTimeIsInNanosecondsSince1970(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        // After 2020, before 2200.
        #expect((1_577_836_800_000_000_000..<7_258_118_400_000_000_000).contains(runtime.timeNs()))
    }

    @Test(arguments: Framework.all)
    func q61TheCounterIsInNanosecondsAndNeverGoesBack(_ framework: Framework) {
        let runtime = Bench(framework).runtime
        let first = runtime.perfCounterNs()
        #expect(first > 0)
        #expect(runtime.perfCounterNs() >= first)
    }
}
