import Glibc
import Synchronization
import TxaioEmitters
import TxaioLog

let identifier = "probe"

/// The second argument as a number.
func argument(_ fallback: Int) -> Int { CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? fallback }

func say(_ name: String, _ value: some BinaryInteger) { print("\(name) \(value)") }
func say(_ name: String, _ value: Bool) { print("\(name) \(value ? 1 : 0)") }

/// The process's logging, with one journald emitter in it.
struct Setup {
    let emitter: JournaldEmitter
    let session: LoggingSession
    let log = makeLogger("probe")

    init(recordLimit: Int = 64 << 20, _ change: (inout JournaldOptions) -> Void = { _ in }) throws {
        var options = JournaldOptions()
        options.identifier = identifier
        change(&options)
        emitter = try JournaldEmitter(options: options)
        session = try startLogging(
            LoggingSetup(
                emitters: [EmitterSetup(emitter)],
                rules: LevelRules(root: .trace),
                delivery: Self.isQueued ? waitingQueue() : .direct,
                recordLimit: recordLimit
            )
        )
    }

    /// Whether the scenario was asked to run with queued delivery.
    static var isQueued: Bool { getenv("TXAIO_PROBE_QUEUED") != nil }

    /// Has all that was logged reach the emitter.
    func deliver() { if Self.isQueued { session.flush(within: .seconds(60)) } }

    /// How many events the kernel has by now.
    var handedOver: UInt64 { session.ledger.emitters[0].handedOver }

    var counts: EmitterCounts {
        deliver()
        return session.ledger.emitters[0]
    }

    func sayLedger() {
        let counts = counts
        say("accepted", counts.accepted)
        say("handedOver", counts.handedOver)
        say("dropped", counts.droppedInAll)
        say("overflow", counts.dropped[.overflow] ?? 0)
        say("sinkGone", counts.dropped[.sinkGone] ?? 0)
        say("sinkError", counts.dropped[.sinkError] ?? 0)
        say("inFlight", counts.inFlight)
        say("balanced", session.ledger.isBalanced)
        say("announcements", emitter.counts.announcements)
        say("fallback", emitter.counts.fallback)
        say("cut", emitter.counts.cut)
        say("sealed", emitter.counts.sealed)
        say("connections", emitter.counts.connections)
    }
}

/// A queue in which callers wait for room.
func waitingQueue() -> LogDelivery {
    var options = QueueOptions()
    options.overflow = .block(upTo: .seconds(60))
    options.errorOverflow = options.overflow
    return .queued(options)
}

/// An emitter that counts.
final class Counter: LogEmitter {
    let name = "counter"
    let count = Atomic<Int>(0)
    func emit(_ event: borrowing LogEvent) -> Acceptance {
        count.wrappingAdd(1, ordering: .relaxed)
        return .handedOver
    }
}

// ------------------------------------------------------------------------------------------------ the system

func nanoseconds(_ clock: clockid_t = CLOCK_MONOTONIC) -> Int64 {
    var now = timespec()
    clock_gettime(clock, &now)
    return Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec)
}

@_silgen_name("fork") func systemFork() -> pid_t
@_silgen_name("gettid") func systemThread() -> pid_t
@_silgen_name("system") func systemShell(_ command: UnsafePointer<CChar>) -> Int32
@_silgen_name("popen") func openPipe(_ command: UnsafePointer<CChar>, _ mode: UnsafePointer<CChar>) -> OpaquePointer?

@discardableResult
func shell(_ command: String) -> Int32 {
    fflush(nil)
    return systemShell(command)
}

/// What a command prints.
func output(_ command: String) -> String {
    let path = "/tmp/journald-probe.\(getpid())"
    shell("\(command) > \(path)")
    defer { unlink(path) }
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var byte = fgetc(file)
    while byte >= 0 {
        bytes.append(UInt8(truncatingIfNeeded: byte))
        byte = fgetc(file)
    }
    return String(decoding: bytes, as: UTF8.self)
}

var journald: pid_t {
    let path = getenv("TXAIO_JOURNALD_PIDFILE").map { String(cString: $0) } ?? ""
    return pid_t(output("cat \(path)").filter(\.isNumber)) ?? 0
}

var descriptorCount: Int { Int(output("ls /proc/\(getpid())/fd | wc -l").filter(\.isNumber)) ?? -1 }

/// Values of a field in the journal, in order; empty ones where an entry lacks it.
func stored(_ field: String, _ matches: String = "SYSLOG_IDENTIFIER=probe") -> [String] {
    shell("journald-sync")
    let reader = "journalctl -D \"$TXAIO_JOURNAL_DIR\" -o json --all --output-fields=\(field) \(matches)"
    var lines = output("\(reader) | jq -r '.\(field) // \"\"'").split(separator: "\n", omittingEmptySubsequences: false)
        .map(String.init)
    if lines.last == "" { lines.removeLast() }
    return lines
}

/// Events and announcements in the journal.
func sayStored() {
    let numbers = stored("N").filter { !$0.isEmpty }
    say("stored", numbers.count)
    say("duplicates", numbers.count - Set(numbers).count)
    let announced = stored("TXAIO_DROPPED").compactMap { Int($0) }
    say("announcedEntries", announced.count)
    say("announced", announced.reduce(0, +))
}

func threads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Start {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }
    var handles: [pthread_t] = []
    for index in 0..<count {
        var handle = pthread_t()
        let start = Unmanaged.passRetained(Start(index, body)).toOpaque()
        pthread_create(
            &handle,
            nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                start.body(start.index)
                return nil
            },
            start
        )
        handles.append(handle)
    }
    for handle in handles { pthread_join(handle, nil) }
}
