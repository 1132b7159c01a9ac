/// A pipeline of a test's own, in force within a scope of the current task.
///
/// See `withLogging` in TxaioTesting.
package struct Redirection: Sendable {
    private let pipeline: Pipeline
    private let level: LogLevel

    package init(_ emitters: [EmitterSetup], level: LogLevel, delivery: LogDelivery = .direct) {
        pipeline = Pipeline(emitters, usesCells: false, delivery: delivery)
        self.level = level
        pipeline.prepare()
        pipeline.start()
    }

    private var context: LogContext { LogContext(fields: LogContext.current?.fields, pipeline: pipeline) }

    /// Runs `body` with its events going to these emitters; then flushes them and returns their counters.
    package func run<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> (R, [EmitterCounts]) {
        NamespaceRegistry.shared.raise(to: level)
        defer { NamespaceRegistry.shared.lower(level) }
        let result: R
        do throws(E) { result = try context.run(body) } catch {
            _ = finish()
            throw error
        }
        return (result, finish())
    }

    /// Runs `body` with its events going to these emitters; then flushes them and returns their counters.
    package func runAsync<R, E: Error>(_ body: () async throws(E) -> R) async throws(E) -> (R, [EmitterCounts]) {
        NamespaceRegistry.shared.raise(to: level)
        defer { NamespaceRegistry.shared.lower(level) }
        let result: R
        do throws(E) { result = try await context.runAsync(body) } catch {
            _ = finish()
            throw error
        }
        return (result, finish())
    }

    private func finish() -> [EmitterCounts] {
        let deadline = Deadline.after(.seconds(60))
        _ = pipeline.flush(until: deadline)
        _ = pipeline.queue?.stop(until: deadline)
        return pipeline.slots.map(\.ledger.snapshot)
    }
}
