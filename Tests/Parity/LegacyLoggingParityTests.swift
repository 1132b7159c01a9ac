import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// txaio's `test_legacy_logging.py`.
@Suite struct LegacyLoggingParityTests {
    private static func check(_ framework: Framework) throws {
        let bench = Bench(framework)
        bench.runtime.createFutureSuccess("bar").addCallbacks { makeLogger("legacy").info("foo={foo}", foo: $0) }
        let emitter = CapturingEmitter()
        let session = try startLogging(to: [emitter])
        #expect(emitter.messages == ["foo=bar"])
        session.shutdown()
    }

    @Test func q38WhatIsLoggedBeforeAStartReachesWhoeverListensLater() async {
        await #expect(processExitsWith: .success) { try Self.check(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.check(.nio) }
        #endif
    }
}
