internal import Synchronization
public import TxaioLog

/// What every emitter must hold, as a check to run on one's own.
///
/// It logs harmless and hostile events from several threads at once, then compares what the emitter answered with what its
/// sink holds:
///
/// ```swift
/// @Test func theEmitterKeepsItsPromises() throws {
///     let file = TemporaryFile()
///     try EmitterContract().check(FileEmitter(file), readBack: { try file.lines() })
/// }
/// ```
///
/// It needs no testing library: a promise that is broken is thrown.
public struct EmitterContract: Sendable {
    /// How many threads log at once.
    public var threads = 4
    /// How many events each of them logs.
    public var eventsPerThread = 250
    /// What one event may take, in the midst of the others.
    public var timeLimit: Duration = .seconds(5)
    /// What a flush and the end may take.
    public var flushLimit: Duration = .seconds(10)

    /// Makes a check of 1,000 events on four threads.
    public init() {}

    /// Logs to an emitter, then holds it to its promises.
    ///
    /// Takes as long as the emitter does for the events, twice with `fault`; the emitter is closed at the end.
    ///
    /// - Parameters:
    ///   - emitter: One that was not used yet.
    ///   - readBack: What the sink holds: one text for each event, in which the value of the event's field `mark` can be
    ///     found. Called once all is flushed.
    ///   - fault: Breaks the sink for good. If given, more events are logged afterwards: none may reach the code that logs
    ///     as an error or a delay, and other emitters must get them all.
    /// - Throws: ``EmitterContractViolation`` for the first promise that is broken, and what `readBack` and `fault` throw.
    public func check(
        _ emitter: any LogEmitter,
        readBack: () throws -> [String],
        fault: (() throws -> Void)? = nil
    ) throws {
        let run = ContractRun(self, emitter)
        let count = try run.log()
        let counts = try run.settle(count)
        try Self.reconcile(counts, sent: run.marks, found: readBack())
        if let fault {
            try fault()
            let more = try run.log()
            let all = try run.settle(count + more, mayKeep: true)
            guard all.handedOver >= counts.handedOver else {
                throw EmitterContractViolation(
                    .exactlyOnce,
                    "its counter of events handed over went back after a fault"
                )
            }
        }
        try run.close()
    }

    /// Every event that was handed over is there once, no other is.
    private static func reconcile(_ counts: EmitterCounts, sent: Set<String>, found texts: [String]) throws {
        var seen: [String: Int] = [:]
        for text in texts {
            guard let mark = ContractRun.mark(in: text) else { continue }
            seen[mark, default: 0] += 1
        }
        if let foreign = seen.keys.first(where: { !sent.contains($0) }) {
            throw EmitterContractViolation(.exactlyOnce, "the sink holds the event \(foreign), which nobody logged")
        }
        if let twice = seen.first(where: { $0.value > 1 }) {
            throw EmitterContractViolation(.exactlyOnce, "the event \(twice.key) is there \(twice.value) times")
        }
        guard UInt64(seen.count) == counts.handedOver else {
            throw EmitterContractViolation(
                .exactlyOnce,
                "it says that \(counts.handedOver) events were handed over, and the sink holds \(seen.count)"
            )
        }
    }
}

/// A promise of ``LogEmitter`` that an emitter broke.
public struct EmitterContractViolation: Error, Sendable, CustomStringConvertible {
    /// The promises, as ``LogEmitter`` has them.
    public enum Promise: Int, Sendable, Hashable {
        /// `emit` returns within a bounded time, whatever the event holds.
        case boundedTime = 1
        /// Each event has exactly one answer, and the answer is true.
        case exactlyOnce = 2
        /// A fault of the sink reaches neither the code that logs nor another emitter.
        case isolatedFaults = 3
    }

    /// Which promise it was.
    public let promise: Promise
    private let detail: String

    internal init(_ promise: Promise, _ detail: String) {
        self.promise = promise
        self.detail = detail
    }

    /// A sentence for people.
    public var description: String { "an emitter broke promise \(promise.rawValue): \(detail)" }
}
