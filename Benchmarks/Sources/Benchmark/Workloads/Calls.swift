import CBench
import TxaioEmitters
import TxaioLog

/// Prints event 42.
func sample() throws {
    try logging(to: JSONEmitter(format: peersFormat())) { log, _ in logKeywords(log, 42) }
}

/// W1: a call that is turned away, beside a loop that calls nothing.
func disabled(_ run: Run) throws {
    try logging(to: DiscardingJSON(peersFormat())) { log, _ in
        run.measure("ns_per_call", batch: 100_000, isFirst: true) {
            logDisabled(log, $0)
            bench_use(nil)
        }
        run.measure("ns_per_call_optional", batch: 100_000) {
            log.debug?("order {order_id} accepted for {customer}", order_id: orderID($0), customer: customer)
            bench_use(nil)
        }
        run.measure("ns_per_call_tuple", batch: 100_000) {
            log.debug("order {order_id} accepted for {customer}", ("order_id", orderID($0)), ("customer", customer))
            bench_use(nil)
        }
        run.measure("ns_empty_loop", batch: 100_000) { _ in bench_use(nil) }
    }
}

/// Not inlined: see ``logKeywords(_:_:)``.
@inline(never)
private func logDisabled(_ log: TxaioLogger, _ number: Int) {
    log.debug("order {order_id} accepted for {customer}", order_id: orderID(number), customer: customer)
}

/// W6: a logger with three fields of its own.
func children(_ run: Run) throws {
    try logging(to: DiscardingJSON(peersFormat())) { log, _ in
        run.measure("ns_child", batch: 1_000, isFirst: true) { _ in makeChild(log) }
        run.measure("ns_child_tuple", batch: 1_000) { _ in makeChildOfTuples(log) }
    }
}

/// Not inlined: see ``logKeywords(_:_:)``.
@inline(never)
private func makeChild(_ log: TxaioLogger) {
    let child = log.bind(service: "orders", shard: 7, req: req)
    withExtendedLifetime(child) { bench_use(child.cell) }
}

@inline(never)
private func makeChildOfTuples(_ log: TxaioLogger) {
    let child = log.bind(("service", "orders"), ("shard", 7), ("req", req))
    withExtendedLifetime(child) { bench_use(child.cell) }
}
