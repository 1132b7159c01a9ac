import CLibSystemd
import Glibc
import TxaioEmitters
import TxaioLog

/// J: events to a real journald, beside `sd_journal_sendv` of the same fields and a bare `send` of the same bytes.
///
/// All ways take turns within each round; the figures are the medians of the rounds.
func journal(_ run: Run) throws {
    guard let journald = Journald() else {
        complain("J needs libsystemd, and a journald of its own: scripts/with-journald")
        exit(69)
    }
    if let iterations = run.iterations {
        let emitter = try journalEmitter("bench-count", waits: true)
        return try logging(to: emitter) { log, _ in
            for number in 0..<iterations + 1_000 { logKeywords(log, number) }
        }
    }
    let rounds = Run.setting("BENCH_J_ROUNDS").flatMap { Int($0) } ?? 11
    let count = Run.setting("BENCH_J_EVENTS").flatMap { Int($0) } ?? 10_000
    try measureCost(run, journald, rounds: rounds * 6)
    try measureLatencies(run, rounds: max(1, rounds / 2))
    try measureThroughput(run, journald, rounds: rounds, count: count)
}

// ---------------------------------------------------------------------------------------------------- a call's cost

/// What a call costs while journald is stopped: it makes nobody wait, and takes no time of the processors.
private func measureCost(_ run: Run, _ journald: Journald, rounds: Int) throws {
    let burst = 200
    let sent = try capture("bench-cost", 1)
    let fields = sent.fields(of: 0)
    let socket = try JournalPeer()
    var figures: [String: [Double]] = [:]
    try logging(to: journalEmitter("bench-cost", waits: false)) { log, _ in
        let ways: [(String, (Int) -> Void)] = [
            ("ns_per_call", { logKeywords(log, $0) }),
            ("ns_per_call_tuple", { logTuples(log, $0) }),
            ("ns_sendv", { _ in _ = libsystemd_sendv(fields, Int32(fields.count)) }),
            ("ns_raw_send", { _ in socket.send(sent.entry(0)) }),
        ]
        for round in 0..<rounds {
            for step in ways.indices {
                let (name, operation) = ways[(step + round) % ways.count]
                journald.sync()
                journald.stop()
                for number in 0..<20 { operation(number) }
                let start = now()
                for number in 0..<burst { operation(number) }
                let time = now() - start
                journald.resume()
                figures[name, default: []].append(Double(time) / Double(burst))
            }
        }
        journald.sync()
        for (name, _) in ways { run.report(name, "ns", median(figures[name] ?? [])) }
    }
    run.report("bytes_per_entry", "bytes", Double(sent.entry(0).count))
    run.report("ns_per_call_of_sendv", "1", medianRatio(figures["ns_per_call"], figures["ns_sendv"]))
    run.report("ns_per_call_tuple_of_sendv", "1", medianRatio(figures["ns_per_call_tuple"], figures["ns_sendv"]))
}

// ---------------------------------------------------------------------------------------------------- queued delivery

/// What a caller waits in queued delivery, to the journal and, as in W5, to a file of JSON lines.
private func measureLatencies(_ run: Run, rounds: Int) throws {
    let path = Run.file("txaio.log")
    defer { unlink(path) }
    var figures: [String: [Double]] = [:]
    for round in 0..<rounds {
        for step in 0..<2 {
            let isJournal = (round + step) % 2 == 0
            let emitter: any LogEmitter =
                isJournal ? try journalEmitter("bench-latency", waits: true) : try freshFile(path)
            let suffix = isJournal ? "_queued" : "_queued_json"
            try logging(to: emitter, waitingQueue()) { log, _ in
                for (tier, samples) in [
                    ("", run.sampleLatency(bursts: 400) { logKeywords(log, $0) }),
                    ("_tuple", run.sampleLatency(bursts: 400) { logTuples(log, $0) }),
                ] {
                    for (name, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
                        let value = samples[Int(part * Double(samples.count - 1))]
                        figures["latency_\(name)\(suffix)\(tier)", default: []].append(value)
                    }
                }
            }
        }
    }
    for (name, values) in figures.sorted(by: { $0.key < $1.key }) { run.report(name, "ns", median(values)) }
}

// ---------------------------------------------------------------------------------------------------- throughput

/// Entries a second, until the last one is readable.
private func measureThroughput(_ run: Run, _ journald: Journald, rounds: Int, count: Int) throws {
    let socket = try JournalPeer()
    var figures: [String: [Double]] = [:]
    let names = ["entries_per_s", "entries_per_s_direct", "entries_per_s_sendv", "entries_per_s_raw"]
    for round in 0..<rounds {
        for step in names.indices {
            let name = names[(step + round) % names.count]
            let identifier = "bench-\(name)-\(round)"
            let first = (round * names.count + step) * count
            // Entries that journald has not seen: it stores a value that it knows for less.
            let isReplay = name.hasSuffix("raw") || name.hasSuffix("sendv")
            let sent = isReplay ? try capture(identifier, count, from: first) : CapturedEntries()
            let fields = name.hasSuffix("sendv") ? (0..<count).map { sent.fields(of: $0) } : []
            journald.sync()
            let start = now()
            switch name {
            case "entries_per_s_raw":
                for index in 0..<count { socket.send(sent.entry(index)) }
            case "entries_per_s_sendv":
                for entry in fields { _ = libsystemd_sendv(entry, Int32(entry.count)) }
            default:
                let delivery = name.hasSuffix("direct") ? LogDelivery.direct : waitingQueue()
                try logging(to: journalEmitter(identifier, waits: true), delivery) { log, _ in
                    for number in first..<first + count { logKeywords(log, number) }
                }
            }
            journald.sync()
            figures[name, default: []].append(Double(count) * 1e9 / Double(now() - start))
            let lost = count - journald.count("SYSLOG_IDENTIFIER=\(identifier)")
            if lost != 0 { run.report("entries_lost_\(name)", "1", Double(lost)) }
        }
    }
    for name in names { run.report(name, "1/s", median(figures[name] ?? [])) }
    run.report("entries_per_s_of_raw", "1", medianRatio(figures["entries_per_s"], figures["entries_per_s_raw"]))
    run.report("entries_per_s_of_sendv", "1", medianRatio(figures["entries_per_s"], figures["entries_per_s_sendv"]))
}

private func journalEmitter(_ identifier: String, waits: Bool) throws -> JournaldEmitter {
    var options = JournaldOptions()
    options.identifier = identifier
    if waits { options.whenFull = .wait(upTo: .seconds(60)) }
    return try JournaldEmitter(options: options)
}

private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
}

/// The median of the rounds' ratios.
private func medianRatio(_ values: [Double]?, _ others: [Double]?) -> Double {
    median(zip(values ?? [], others ?? []).map { $0 / $1 })
}
