import CBench
import Glibc
import TxaioEmitters
import TxaioLog

/// W3: the JSON line to a file.
///
/// By default each event is one write, so `ns_default` and `ns_write1` measure the same. What is opted into for large
/// writes is queued delivery: `ns_buffered` and `ns_queued` both are its whole way to the file, with the flush at the end.
/// `ns_bare_write` is write(2) of the same line.
func jsonToFile(_ run: Run) throws {
    let path = Run.file("txaio.log")
    defer { unlink(path) }
    for metric in ["ns_default", "ns_write1"] {
        try logging(to: freshFile(path)) { log, _ in
            run.measure(metric, batch: 2_000, isFirst: metric == "ns_default") { logKeywords(log, $0) }
        }
        try logging(to: freshFile(path)) { log, _ in
            run.measure(metric + "_tuple", batch: 2_000) { logTuples(log, $0) }
        }
    }
    let line = try KeepingLine.ofEvent(peersFormat())
    let file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0o640)
    if file >= 0 { run.measure("ns_bare_write", batch: 2_000) { _ in _ = write(file, line, line.count) } }
    close(file)
    for metric in ["ns_buffered", "ns_queued"] {
        try logging(to: freshFile(path), waitingQueue()) { log, session in
            run.measure(metric, batch: 2_000) {
                logKeywords(log, $0)
            } finish: {
                session.flush(within: .seconds(60))
            }
        }
        try logging(to: freshFile(path), waitingQueue()) { log, session in
            run.measure(metric + "_tuple", batch: 2_000) {
                logTuples(log, $0)
            } finish: {
                session.flush(within: .seconds(60))
            }
        }
    }
}

/// W5: what a caller waits in queued delivery, then how many events a second reach the file.
func queued(_ run: Run) throws {
    let path = Run.file("txaio.log")
    defer { unlink(path) }
    // What the measuring itself takes.
    run.measureLatency("_empty") { _ in bench_use(nil) }
    try logging(to: freshFile(path), waitingQueue()) { log, _ in
        run.measureLatency("") { logKeywords(log, $0) }
        run.measureLatency("_tuple") { logTuples(log, $0) }
        withLogContext(["request_id": req]) { run.measureLatency("_scope") { logKeywords(log, $0) } }
        withLogContext(["request_id": req]) { run.measureLatency("_scope_tuple") { logTuples(log, $0) } }
    }
    for producers in 1...2 {
        try measureThroughput(run, path, producers, "") { logKeywords($0, $1) }
        try measureThroughput(run, path, producers, "_tuple") { logTuples($0, $1) }
    }
}

private func measureThroughput(
    _ run: Run,
    _ path: String,
    _ producers: Int,
    _ suffix: String,
    _ event: @escaping @Sendable (TxaioLogger, Int) -> Void
) throws {
    let count = Run.setting("BENCH_W5_EVENTS").flatMap { Int($0) } ?? 200_000
    let emitter = try freshFile(path)
    let start = now()
    try logging(to: emitter, waitingQueue()) { log, _ in
        onThreads(producers) { producer in
            for number in 0..<count { event(log, number + producer * count) }
        }
    }
    let end = now()
    run.report("events_per_s_\(producers)p\(suffix)", "1/s", Double(count * producers) * 1e9 / Double(end - start))
    let lost = count * producers - countLines(path)
    if lost != 0 { run.report("events_lost_\(producers)p\(suffix)", "1", Double(lost)) }
}

/// P: what the kernel charges for a line, to a file and to a pipe that a thread drains.
func bareWrites(_ run: Run) {
    let line = Array(
        (#"{"time":"2026-01-02T03:04:05.678901Z","level":"info","logger":"bench.orders","#
            + #""msg":"order 1000042 accepted for alice","qty":42,"price":19.99,"paid":true,"region":"eu-west","#
            + #""path":"\#(path)","req":"\#(req)"}"# + "\n").utf8
    )
    let name = Run.file("txaio.log")
    let file = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0o640)
    guard file >= 0 else { return }
    run.measure("write_file_per_event", batch: 2_000) { _ in _ = write(file, line, line.count) }
    close(file)
    unlink(name)

    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return }
    let (source, sink) = (ends[0], ends[1])
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        {
            var block = [UInt8](repeating: 0, count: 1 << 16)
            let source = Int32(Int(bitPattern: $0))
            while read(source, &block, block.count) > 0 {}
            return nil
        },
        UnsafeMutableRawPointer(bitPattern: Int(source))
    )
    run.measure("write_pipe_drained", batch: 1_000) { _ in _ = write(sink, line, line.count) }
    close(sink)
    pthread_join(thread, nil)
    close(source)
}

/// The emitter of a file that is empty at first.
func freshFile(_ path: String) throws -> JSONEmitter {
    unlink(path)
    return try JSONEmitter(to: LogFile(path), format: peersFormat())
}
