import Glibc
import TxaioEmitters
import TxaioLog

/// What one event costs, with journald stopped so that the queue never makes anyone wait: bursts of 200, then it goes
/// on.
///
/// Prints figures; asserts nothing.
func cost() throws {
    let pid = journald
    let rounds = argument(60)
    func measure(_ body: (Int) -> Void) -> Int64 {
        var figures: [Int64] = []
        for _ in 0..<rounds {
            shell("journald-sync")
            kill(pid, SIGSTOP)
            for index in 0..<20 { body(index) }
            let begin = nanoseconds()
            for index in 0..<200 { body(index) }
            figures.append((nanoseconds() - begin) / 200)
            kill(pid, SIGCONT)
        }
        return figures.sorted()[rounds / 2]
    }
    let text = String(repeating: "m", count: 200)
    var all: [any LogEmitter] = [try JournaldEmitter(name: "native")]
    #if LibSystemd
    var options = JournaldOptions()
    options.transport = .libsystemd
    all.append(try JournaldEmitter(name: "libsystemd", options: options))
    #endif
    let log = makeLogger("probe.cost")
    for emitter in all {
        let session = try startLogging(to: [emitter], level: .info)
        say("\(emitter.name)Nanoseconds", measure { log.info("{text} {n}", ("text", text), ("n", $0)) })
        let begin = nanoseconds()
        for index in 0..<1_000_000 { log.debug?("{text} {n}", ("text", text), ("n", index)) }
        say("\(emitter.name)DisabledPicoseconds", (nanoseconds() - begin) / 1000)
        session.shutdown()
    }
}
