import CLogProbe
import Glibc
import Synchronization
import TxaioLog

/// Runs `body` on `count` threads of their own and waits for all.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    join(startThreads(count, body))
}

typealias Thread = pthread_t

func join(_ threads: [Thread]) { for thread in threads { pthread_join(thread, nil) } }

/// Starts `count` threads.
func startThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> [Thread] {
    final class Work {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.index = index
            self.body = body
        }
    }
    return (0..<count).map { index in
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(index, body)).toOpaque()
        let error = pthread_create(
            &thread,
            nil,
            { argument in
                let work = argument.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue() }
                if let work { work.body(work.index) }
                return nil
            },
            work
        )
        precondition(error == 0, "A test needs its threads")
        return thread
    }
}

func exitProcess(_ status: Int32) -> Never { exit(status) }
func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
/// Waits for what another thread is to bring about; `false` where it does not within 20 s.
func waitUntil(_ condition: () -> Bool) -> Bool {
    for _ in 0..<20_000 {
        if condition() { return true }
        pause(milliseconds: 1)
    }
    return false
}
func fork() -> Int32 { probe_fork() }
func wait(for child: Int32) -> Int32 { probe_wait(child) }
func profile(every microseconds: Int32, _ handler: @convention(c) (Int32) -> Void) {
    probe_profile(handler, microseconds)
}
func endProfile() { probe_profile_end() }
/// Kibibytes of memory that the process had in use at most.
func residentKibibytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}

/// Kibibytes of memory that the process has in use just now.
func residentNowKibibytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let pages = line.split(separator: 0x20).dropFirst().first ?? []
    return (Int(String(decoding: pages.map(UInt8.init(bitPattern:)), as: UTF8.self)) ?? 0) * Int(getpagesize()) / 1024
}

/// Prints a line at once: a child that is ended by a signal must not take it along.
func tell(_ name: String, _ value: some CustomStringConvertible) {
    let line = "\(name) \(value)\n"
    _ = line.withCString { write(1, $0, strlen($0)) }
}

/// Takes events without allocating, so that a signal handler may log: counts them and sums a field.
final class Counting: LogEmitter {
    let name: String
    let count = Atomic<Int>(0)
    let sum = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    let isClosed = Atomic<Bool>(false)
    let afterClose = Atomic<Int>(0)

    init(_ name: String = "counting") { self.name = name }

    func emit(_ event: borrowing LogEvent) -> Acceptance {
        if isClosed.load(ordering: .sequentiallyConsistent) { afterClose.wrappingAdd(1, ordering: .relaxed) }
        count.wrappingAdd(1, ordering: .relaxed)
        var reader = event.fields.reader
        var twice = 0
        while let field = reader.nextField() {
            guard case .int(let value) = field.value else { continue }
            sum.wrappingAdd(Int(value), ordering: .relaxed)
            // Each event carries its number twice: an event that another has overwritten shows two numbers.
            twice = twice == 0 ? Int(value) : twice - Int(value)
        }
        if twice != 0, event.fields.count == 2 { broken.wrappingAdd(1, ordering: .relaxed) }
        return .handedOver
    }

    func close(until deadline: Deadline) { isClosed.store(true, ordering: .sequentiallyConsistent) }
}

/// Prints the ledger's counts and whether they add up.
func tell(_ ledger: LoggingLedger) {
    tell("offered", ledger.offered)
    tell("delivered", ledger.delivered)
    tell("redirected", ledger.redirected)
    tell("waiting", ledger.waiting)
    tell("refused", ledger.refused)
    tell("balanced", ledger.isBalanced)
    for emitter in ledger.emitters {
        tell("\(emitter.name).filtered", emitter.filtered)
        tell("\(emitter.name).accepted", emitter.accepted)
        tell("\(emitter.name).refused", emitter.refused)
        tell("\(emitter.name).handedOver", emitter.handedOver)
        tell("\(emitter.name).offered-is-delivered", emitter.offered == ledger.delivered)
    }
}

/// The names of the process's threads.
func threadNames() -> [String] {
    guard let directory = opendir("/proc/self/task") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let task = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard let file = fopen("/proc/self/task/\(task)/comm", "r") else { continue }
        var line = [UInt8](repeating: 0, count: 64)
        let count = fread(&line, 1, line.count, file)
        fclose(file)
        names.append(String(decoding: line.prefix(count).filter { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
    return names
}
