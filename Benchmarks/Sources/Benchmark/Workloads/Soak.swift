import Glibc
import TxaioEmitters
import TxaioLog

/// SOAK: the resident set while two threads log as fast as they can, for `BENCH_SECS`, 600 unless set.
///
/// With loggers made for a moment, scopes, texts of many lengths, and a file that is rotated. Reports a tenth of the time
/// after the start, and the end.
func soak(_ run: Run) throws {
    let seconds = Run.setting("BENCH_SECS").flatMap { Double($0) } ?? 600
    let path = Run.file("soak.log")
    var file = LogFile(path)
    file.rotation = LogRotation(size: 32 << 20, keep: 2)
    let emitter = try JSONEmitter(to: file, format: peersFormat())
    let start = now()
    let end = start + Int(seconds * 1e9)
    try logging(to: emitter, waitingQueue()) { log, session in
        onThreads(3) { number in
            // The third looks on.
            if number == 2 { watch(run, from: start, until: end) } else { work(log, until: end) }
        }
        session.flush(within: .seconds(60))
        let counts = session.ledger
        run.report("events", "1", Double(counts.delivered))
        run.report("events_dropped", "1", Double(counts.dropped))
    }
    run.report("resident_end", "B", Double(residentBytes()))
    removeFiles(path + "*")
}

private func removeFiles(_ pattern: String) {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0, let paths = found.gl_pathv else { return }
    for index in 0..<Int(found.gl_pathc) { if let path = paths[index] { unlink(path) } }
}

private func work(_ log: TxaioLogger, until end: Int) {
    var number = 0
    while now() < end {
        withLogContext(["request_id": "\(number)", "tenant": "acme"]) {
            let child = log.bind(shard: number % 16, text: String(repeating: "x", count: number % 300))
            for _ in 0..<50 {
                logKeywords(child, number)
                logTuples(log, number)
                number += 1
            }
        }
    }
}

private func watch(_ run: Run, from start: Int, until end: Int) {
    var highest = 0
    let settled = start + (end - start) / 10
    var isSettled = false
    while now() < end {
        usleep(100_000)
        let bytes = residentBytes()
        highest = max(highest, bytes)
        if !isSettled, now() >= settled {
            isSettled = true
            run.report("resident_settled", "B", Double(bytes))
        }
    }
    run.report("resident_highest", "B", Double(highest))
}

private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, 128, file) != nil else { return 0 }
    let line = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let pages = line.split(separator: " ")
    return pages.count > 1 ? (Int(pages[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
}
