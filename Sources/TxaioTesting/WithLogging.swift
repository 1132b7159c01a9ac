public import TxaioLog

/// Runs `body` with the events of the current task going to `emitters` alone, whatever logging the process has.
///
/// Safe in tests that run in parallel: other tasks are not affected, except that levels which nobody set by hand are
/// raised for the time being, so that events pass; the process's own emitters filter them as before. Threads that `body`
/// starts by hand are not in its task.
///
/// - Parameters:
///   - emitters: Flushed, not closed, when `body` has ended.
///   - level: What passes.
///   - delivery: Whether the caller delivers, or queues; what is queued is delivered before this returns.
/// - Returns: What `body` returns.
public func withLogging<R, E: Error>(
    to emitters: any LogEmitter...,
    level: LogLevel = .trace,
    delivery: LogDelivery = .direct,
    _ body: () throws(E) -> R
) throws(E) -> R {
    let setups = emitters.map { EmitterSetup($0, level: level) }
    return try Redirection(setups, level: level, delivery: delivery).run(body).0
}

/// Runs `body` with the events of the current task, and of its child tasks, going to `emitters` alone.
///
/// See the other form of this function.
public func withLogging<R, E: Error>(
    to emitters: any LogEmitter...,
    level: LogLevel = .trace,
    delivery: LogDelivery = .direct,
    _ body: () async throws(E) -> R
) async throws(E) -> R {
    let setups = emitters.map { EmitterSetup($0, level: level) }
    return try await Redirection(setups, level: level, delivery: delivery).runAsync(body).0
}

/// Runs `body` as `withLogging` does and returns what became of its events, emitter by emitter.
public func withLoggingLedger<E: Error>(
    to emitters: any LogEmitter...,
    level: LogLevel = .trace,
    delivery: LogDelivery = .direct,
    _ body: () throws(E) -> Void
) throws(E) -> [EmitterCounts] {
    let setups = emitters.map { EmitterSetup($0, level: level) }
    return try Redirection(setups, level: level, delivery: delivery).run(body).1
}
