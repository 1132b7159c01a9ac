import Foundation
import Synchronization
import Testing
import TxaioCore
import TxaioLog

/// How often what races is tried: more where `TXAIO_LONG` is set.
enum Rounds {
    static let isLong = ProcessInfo.processInfo.environment["TXAIO_LONG"] == "1"
    static func count(_ quick: Int, long: Int) -> Int { isLong ? long : quick }
}

/// Where threads wait for each other, so that they meet at the same future.
final class Barrier: Sendable {
    private let count: Int
    private let arrived = Atomic(0)
    private let generation = Atomic(0)

    init(_ count: Int) { self.count = count }

    func wait() {
        let mine = generation.load(ordering: .acquiring)
        if arrived.add(1, ordering: .acquiringAndReleasing).newValue == count {
            arrived.store(0, ordering: .relaxed)
            generation.add(1, ordering: .releasing)
        } else {
            while generation.load(ordering: .acquiring) == mine { sched_yield() }
        }
    }
}

/// Counts what lives.
final class Living: Sendable {
    private let number = Atomic(0)
    var count: Int { number.load(ordering: .acquiring) }

    func make() -> Probe { Probe(self) }

    final class Probe: Sendable {
        private let living: Living
        fileprivate init(_ living: Living) {
            self.living = living
            living.number.add(1, ordering: .relaxed)
        }
        deinit { living.number.subtract(1, ordering: .releasing) }
        func touch() {}
    }
}

final class Counter: Sendable { let value = Atomic(0) }

struct Boom: Error, Hashable { var number = 0 }

/// Waits until `condition` holds, for so long; returns whether it did.
func becomes(within limit: Duration = .seconds(30), _ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + limit
    while !condition() {
        if ContinuousClock.now > end { return false }
        await Task.yield()
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}

extension TxaioRuntime {
    /// Waits until all has run that was queued before.
    func settle() async throws { try await run {} }

    /// Makes something on the loop.
    ///
    /// It is handed over under a lock: the thread sanitizer does not see that a continuation, which is resumed before anybody
    /// waits for it, hands it over as well.
    func make<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        let made = Lock<T?>(nil)
        try await run {
            let value = try body()
            made.withLock { $0 = value }
        }
        return try #require(made.withLock { $0 })
    }
}
