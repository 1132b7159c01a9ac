import Glibc
import Synchronization
import TxaioEmitters
import TxaioLog

/// What a caller's calls took, in nanoseconds.
private struct Calls: Sendable {
    private(set) var times: [Int64] = []

    mutating func note(_ time: Int64) { times.append(time) }

    static func + (lhs: Calls, rhs: Calls) -> Calls {
        var sum = lhs
        sum.times += rhs.times
        return sum
    }

    func say(as name: String) {
        let sorted = times.sorted()
        for (part, share) in [("P50", 0.5), ("P99_9", 0.999), ("Longest", 1)] {
            let index = Int(share * Double(sorted.count - 1))
            JournaldProbe.say("\(name)\(part)", sorted.isEmpty ? 0 : sorted[index])
        }
        JournaldProbe.say("\(name)Calls", sorted.count)
    }
}

/// journald is stopped for a while under load, with queued delivery that drops the newest: what that does to callers,
/// beside the same time with a healthy one before and after.
///
/// Two threads log 20 events every two milliseconds, each. Threads that run where nobody else does keep the processors from
/// sleeping: what a call takes after a pause depends on how deep they slept, and the busy journald is what else keeps them
/// awake. Under strace (`stall MILLISECONDS 1`) it is one, which does not sleep in between, and whose number is told: then it
/// makes no system call at all between two of `getppid`.
func stall() throws {
    let span = Int64(argument(5_000)) * 1_000_000
    let isTraced = CommandLine.arguments.count > 3
    var options = JournaldOptions()
    options.identifier = identifier
    let emitter = try JournaldEmitter(options: options)
    var queue = QueueOptions()
    queue.overflow = .dropNewest
    queue.errorOverflow = .dropNewest
    // Tracing makes everything slow: there is to be no room all the same.
    if isTraced { queue.ringBytes = 64 << 10 }
    let session = try startLogging(LoggingSetup(emitters: [EmitterSetup(emitter)], delivery: .queued(queue)))
    let log = makeLogger("probe.stall")
    let pid = journald
    let phase = Atomic<Int>(0)
    let figures = Guarded([Calls(), Calls()])
    let numbers = Atomic<Int>(0)
    threads(isTraced ? 2 : 3 + sysconf(Int32(_SC_NPROCESSORS_ONLN))) { thread in
        if thread > 2 { return keepProcessorAwake { phase.load(ordering: .relaxed) != 3 } }
        guard thread > 0 else {
            // Halves of a healthy time stand before and after.
            for (next, part) in [(1, span / 2), (2, span), (1, span / 2), (3, 0)] {
                if next == 2 { kill(pid, SIGSTOP) }
                phase.store(next, ordering: .sequentiallyConsistent)
                usleep(UInt32(part / 1_000))
                if next == 2 { kill(pid, SIGCONT) }
            }
            return
        }
        var own = [Calls(), Calls()]
        var number = 0
        // The first events make the thread's ring.
        for _ in 0..<100 {
            log.info("event {n} of {thread}", ("n", number), ("thread", thread))
            number += 1
        }
        while phase.load(ordering: .relaxed) == 0 { usleep(100) }
        if isTraced {
            say("caller", systemThread())
            fflush(nil)
            _ = getppid()
        }
        while true {
            let now = phase.load(ordering: .relaxed)
            if now == 3 { break }
            for _ in 0..<20 {
                let before = nanoseconds()
                log.info("event {n} of {thread}", ("n", number), ("thread", thread))
                let time = nanoseconds() - before
                if !isTraced { own[now - 1].note(time) }
                number += 1
            }
            if isTraced {
                let next = nanoseconds() + 2_000_000
                while nanoseconds() < next {}
            } else {
                usleep(2_000)
            }
        }
        if isTraced { _ = getppid() }
        numbers.wrappingAdd(number, ordering: .relaxed)
        figures.add(own)
    }
    for (name, calls) in zip(["healthy", "stopped"], figures.value) where !isTraced { calls.say(as: name) }
    session.flush(within: .seconds(60))
    log.info("the last")
    session.shutdown(within: .seconds(60))
    sayGap(session, logged: numbers.load(ordering: .relaxed))
}

/// Runs where no other thread wants to.
private func keepProcessorAwake(while isWanted: () -> Bool) {
    var parameters = sched_param()
    // SCHED_IDLE, which Glibc does not show.
    pthread_setschedparam(pthread_self(), 5, &parameters)
    while isWanted() {}
}

/// What was dropped, what the journal lacks, and what it says that it lacks.
private func sayGap(_ session: LoggingSession, logged: Int) {
    let ledger = session.ledger
    say("logged", logged)
    say("droppedInQueue", ledger.dropped)
    say("droppedAtEmitter", ledger.emitters[0].droppedInAll)
    say("inFlight", ledger.emitters[0].inFlight + ledger.waiting)
    say("balanced", ledger.isBalanced)
    let found = readBack()
    say("missing", logged - found.stored)
    say("announced", found.announced)
    let dropped = Int(ledger.dropped + ledger.emitters[0].droppedInAll)
    say("holds", ledger.isBalanced && dropped == logged - found.stored && dropped == found.announced)
}

/// How many of the numbered events the journal has, and how many it says that it lacks.
private func readBack() -> (stored: Int, announced: Int) {
    shell("journald-sync")
    let fields = "N,THREAD,COUNT,TXAIO_DROPPED"
    let reader = "journalctl -D \"$TXAIO_JOURNAL_DIR\" -o json --output-fields=\(fields) SYSLOG_IDENTIFIER=probe"
    let lines = output(
        "\(reader) | jq -r 'if .N then \"n \\(.N) \\(.THREAD)\" else (.COUNT // .TXAIO_DROPPED // 0) end'"
    )
    var stored: Set<Substring> = []
    var announced = 0
    for line in lines.split(separator: "\n") {
        if line.hasPrefix("n ") { stored.insert(line) } else { announced += Int(line) ?? 0 }
    }
    return (stored.count, announced)
}

/// A value that threads add to.
private final class Guarded: @unchecked Sendable {
    // Unchecked: the mutex guards it.
    private var mutex = pthread_mutex_t()
    private(set) var value: [Calls]

    init(_ value: [Calls]) {
        self.value = value
        pthread_mutex_init(&mutex, nil)
    }

    func add(_ other: [Calls]) {
        pthread_mutex_lock(&mutex)
        value = zip(value, other).map { $0 + $1 }
        pthread_mutex_unlock(&mutex)
    }
}
