import Glibc
import TxaioEmitters
import TxaioLog

/// A file of JSON lines, alone and beside an emitter that is stuck, in turns: how many events a second reach it.
///
/// `stuck ROUNDS EVENTS`. Stuck is the text emitter on a pipe that nobody reads, and a stopped journald.
func stuck() throws {
    let rounds = argument(11)
    let count = CommandLine.arguments.dropFirst(3).first.flatMap { Int($0) } ?? 200_000
    let path = "/tmp/journald-probe.\(getpid()).jsonl"
    defer { unlink(path) }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    let pipePath = "/proc/self/fd/\(ends[1])"
    let pid = journald
    var figures: [[Double]] = [[], [], []]
    var lost = 0
    var holds = true
    for round in 0..<rounds {
        for step in 0..<3 {
            let way = (round + step) % 3
            unlink(path)
            var emitters: [any LogEmitter] = [try JSONEmitter(to: LogFile(path), name: "file")]
            if way == 1 { emitters.append(try TextEmitter(to: LogFile(pipePath), name: "stuck")) }
            if way == 2 {
                emitters.append(try JournaldEmitter(name: "stuck"))
                kill(pid, SIGSTOP)
            }
            let session = try startLogging(
                LoggingSetup(emitters: emitters.map { EmitterSetup($0) }, delivery: waitingQueue())
            )
            let log = makeLogger("probe.stuck")
            // Until the stuck one has fallen behind.
            for number in 0..<20_000 { log.info("before {n}", ("n", number), ("path", path)) }
            var delivered = session.ledger.emitters[0].handedOver
            while delivered < 20_000 {
                usleep(200)
                delivered = session.ledger.emitters[0].handedOver
            }
            let start = nanoseconds()
            for number in 0..<count { log.info("event {n}", ("n", number), ("path", path)) }
            while session.ledger.emitters[0].handedOver < UInt64(20_000 + count) { usleep(100) }
            figures[way].append(Double(count) * 1e9 / Double(nanoseconds() - start))
            if way == 2 { kill(pid, SIGCONT) }
            session.shutdown(within: .milliseconds(way == 1 ? 200 : 10_000))
            let ledger = session.ledger
            holds = holds && ledger.isBalanced && ledger.dropped == 0 && ledger.emitters[0].droppedInAll == 0
            // Announcements about the stuck one are in the file too.
            lost += 20_000 + count - (Int(output("grep -c '\"path\":' \(path)").filter(\.isNumber)) ?? 0)
        }
    }
    for (name, values) in zip(["alone", "besidePipe", "besideJournald"], figures) {
        say("\(name)PerSecond", Int(values.sorted()[values.count / 2]))
    }
    for (name, way) in [("besidePipe", 1), ("besideJournald", 2)] {
        let ratios = zip(figures[way], figures[0]).map { $0 / $1 }.sorted()
        say("\(name)Percent", Int((100 * ratios[ratios.count / 2]).rounded()))
    }
    say("lost", lost)
    say("holds", holds && lost == 0)
}
