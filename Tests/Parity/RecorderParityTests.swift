import Dispatch
import Testing
import TxaioCore
import TxaioLog
import TxaioTesting

/// The flight recorder goes with futures and timers, on both frameworks.
@Suite struct RecorderParityTests {
    private static func check(_ framework: Framework) throws {
        let emitter = CapturingEmitter()
        let session = try startLogging(
            LoggingSetup(
                emitters: [EmitterSetup(emitter)],
                recorder: try FlightRecorder([LevelRule(pattern: "Recorded", level: .debug)])
            )
        )
        let (log, runtime) = (makeLogger("Recorded"), framework.makeRuntime())
        let batched = try runtime.makeBatchedTimer(secondsPerBucket: 0.001)
        let isOver = DispatchSemaphore(value: 0)
        withLogContext(["id": 7]) {
            log.debug("in the scope")
            let future = runtime.createFuture(of: Int.self)
            future.addCallbacks { value in
                log.debug("in a callback, {value}", value: value)
                _ = batched.callLater(.milliseconds(2)) {
                    log.debug("in a batched timer")
                    log.error("failed")
                    isOver.signal()
                }
            }
            runtime.callLater(.milliseconds(1)) {
                log.debug("in a timer")
                try future.resolve(1)
            }
        }
        isOver.wait()
        log.debug("outside of it")
        #expect(session.shutdown())
        #expect(
            emitter.events.filter { $0.namespace == "Recorded" }.map(\.message) == [
                "in the scope", "in a timer", "in a callback, 1", "in a batched timer", "failed",
            ]
        )
        let ledger = session.ledger
        #expect(ledger.isBalanced && ledger.recorded.kept == 4 && ledger.recorded.written == 4, "\(ledger)")
    }

    @Test func whatTimersAndCallbacksOfAScopeKeepIsWrittenWithIt() async {
        await #expect(processExitsWith: .success) { try Self.check(.concurrency) }
        #if NIO
        await #expect(processExitsWith: .success) { try Self.check(.nio) }
        #endif
    }
}
