import Glibc
import TxaioEmitters
import TxaioLog

/// W2: the event as a JSON line that nobody gets.
func jsonToNowhere(_ run: Run) throws {
    let emitter = DiscardingJSON(peersFormat())
    try everyTier(run, emitter, batch: 2_000)
    try logging(to: DiscardingJSON(JSONFormat())) { log, _ in
        run.measure("ns_per_call_with_log_format_and_log_seq", batch: 2_000) { logKeywords(log, $0) }
    }
    try everyTierQueued(run, emitter)
}

/// W2T: the event as a line for people that nobody gets.
func textToNowhere(_ run: Run) throws {
    try everyTier(run, DiscardingText(), batch: 2_000)
}

/// W4: the same to standard output.
///
/// `ns_bare_write` is write(2) of the same line to the same pipe.
func textToStandardOutput(_ run: Run) throws {
    try everyTier(run, TextEmitter(), batch: 1_000)
    let line = try KeepingLine.ofEvent(nil)
    run.measure("ns_bare_write", batch: 1_000) { _ in _ = write(1, line, line.count) }
    try everyTierQueued(run, TextEmitter())
}

private func everyTier(_ run: Run, _ emitter: any LogEmitter, batch: Int) throws {
    try logging(to: emitter) { log, _ in
        run.measure("ns_per_call", batch: batch, isFirst: true) { logKeywords(log, $0) }
        run.measure("ns_per_call_optional", batch: batch) { logOptional(log, $0) }
        run.measure("ns_per_call_tuple", batch: batch) { logTuples(log, $0) }
    }
}

private func everyTierQueued(_ run: Run, _ emitter: any LogEmitter) throws {
    try logging(to: emitter, waitingQueue()) { log, session in
        run.measure("ns_per_call_queued", batch: 1_000) {
            logKeywords(log, $0)
        } finish: {
            session.flush(within: .seconds(60))
        }
        run.measure("ns_per_call_queued_tuple", batch: 1_000) {
            logTuples(log, $0)
        } finish: {
            session.flush(within: .seconds(60))
        }
    }
}
