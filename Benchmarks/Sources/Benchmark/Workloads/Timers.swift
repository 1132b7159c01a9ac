import CBench
import Glibc
import TxaioCore

/// T1 to T3: what timers cost, scheduled on the loop itself; `suffix` says which framework.
func timers(_ run: Run, on runtime: TxaioRuntime, suffix: String) throws {
    let count = max(1, Run.setting("BENCH_TIMERS").flatMap { Int($0) } ?? 200_000)
    let batched = try runtime.makeBatchedTimer(secondsPerBucket: 0.2, chunkSize: 1_000, rounding: .up)
    if run.workload == "T1" {
        runtime.wait { isDone in
            outstanding(run, count, "_batched\(suffix)") { batched.callLater($0, $1) }
            outstanding(run, count, suffix) { runtime.callLater($0, $1) }
            isDone()
        }
        return
    }
    let span = Run.setting("BENCH_TIMER_SPAN").flatMap { Double($0) } ?? 2
    let fine = try runtime.makeBatchedTimer(secondsPerBucket: 0.001, chunkSize: 1_000, rounding: .up)
    fired(run, runtime, count, span, "_batched\(suffix)") { fine.callLater($0, $1) }
    fired(run, runtime, count, span, suffix) { runtime.callLater($0, $1) }
}

private typealias Schedule = @Sendable (Duration, @escaping @Sendable () throws -> Void) -> any DelayedCall

/// So many timers are scheduled, then cancelled in the same order; the last of three rounds counts, the first for memory.
private func outstanding(_ run: Run, _ count: Int, _ suffix: String, _ schedule: Schedule) {
    var handles: [any DelayedCall] = []
    handles.reserveCapacity(count)
    // What was measured before has left memory behind, which would be taken again unseen.
    bench_trim()
    for round in 0..<3 {
        let before = residentSet()
        let start = now()
        for number in 0..<count {
            handles.append(schedule(.milliseconds(10_000 + number * 7919 % 50_000)) {})
        }
        let scheduled = now() - start
        let bytes = residentSet() - before
        let (cancelled, took) = cancel(handles, like: handles[0])
        if cancelled != count { complain("\(cancelled) of \(count) timers were cancelled") }
        if round == 0 { run.report("bytes_per_timer\(suffix)", "B", Double(bytes) / Double(count), workload: "T3") }
        if round == 2 {
            run.report("schedule\(suffix)", "ns", Double(scheduled) / Double(count))
            run.report("cancel\(suffix)", "ns", Double(took) / Double(count))
        }
        handles.removeAll(keepingCapacity: true)
    }
}

/// Cancels each, and answers how many could be, and in which time.
///
/// Uncounted, as from the `let` of whoever holds a handle: out of an array each would be retained and released, which costs as
/// much as to cancel it.
private func cancel<Call: DelayedCall>(_ handles: [any DelayedCall], like _: Call) -> (count: Int, nanoseconds: Int) {
    let calls = handles.map { Unmanaged.passUnretained(unsafeDowncast($0, to: Call.self)) }
    let start = now()
    var count = 0
    for call in calls where call._withUnsafeGuaranteedRef({ $0.cancel() }) { count += 1 }
    return (count, now() - start)
}

/// So many timers are scheduled over a span of time, and all fire.
private func fired(
    _ run: Run,
    _ runtime: TxaioRuntime,
    _ count: Int,
    _ span: Double,
    _ suffix: String,
    _ schedule: @escaping Schedule
) {
    let late = Lateness(count)
    let before = processorTime()
    runtime.wait { isDone in
        let base = now() + count * 3_000 + 200_000_000
        for number in 0..<count {
            let due = base + Int(span * 1e9 * Double(number * 7919 % count) / Double(count))
            _ = schedule(.nanoseconds(due - now())) {
                if late.note(now() - due) { isDone() }
            }
        }
    }
    run.report("cpu_per_timer\(suffix)", "ns", Double(processorTime() - before) / Double(count))
    let sorted = late.sorted()
    run.report("lateness_p50\(suffix)", "us", Double(sorted[count / 2]) / 1_000)
    run.report("lateness_p99\(suffix)", "us", Double(sorted[count * 99 / 100]) / 1_000)
}

/// How late each timer was; written on the loop alone.
private final class Lateness: @unchecked Sendable {
    private var samples: [Int] = []
    private let count: Int

    init(_ count: Int) {
        self.count = count
        samples.reserveCapacity(count)
    }

    /// Whether that was the last.
    func note(_ nanoseconds: Int) -> Bool {
        samples.append(nanoseconds)
        return samples.count == count
    }

    func sorted() -> [Int] { samples.sorted() }
}

/// Bytes of the process that are in memory.
private func residentSet() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var (size, resident) = (0, 0)
    return withUnsafeMutablePointer(to: &size) { size in
        withUnsafeMutablePointer(to: &resident) { resident in
            withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) } == 2 ? resident.pointee * 4_096 : 0
        }
    }
}

/// Nanoseconds that the process's threads have run.
private func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
