import Testing
import TxaioLog
import TxaioTesting

struct P {}
@Suite struct Smoke {
    @Test func tiersReachTheEmitterAlike() {
        let sink = CapturingEmitter()
        let log = makeLogger("smoke")
        withLogging(to: sink) {
            log.info("Got '{result}'.", result: 3)
            log.info("Got '{result}'.", ("result", 3))
            log.debug?("Got '{result}'.", result: 3)
            log.info("p {p}", p: P())
            withLogContext(["rid": "abc"]) { log.bind(service: "x").warn("hi") }
        }
        for e in sink.events { print(e) }
        #expect(sink.events.count == 5)
    }
}
