import Testing
import TxaioLog
import TxaioTesting

@testable import TxaioCore

/// Futures are made where others died.
struct FutureMemoryTests {
    private struct Boom: Error {}

    private let runtime = TxaioRuntime(loop: ConcurrencyLoop())

    /// How many dead futures' memory the loop keeps; asked on it.
    private static func kept(by runtime: TxaioRuntime) -> Int { runtime.state.own.pointee.memory.count }

    /// Where a future lay that is dead by now.
    private static func makeAndDrop(on runtime: TxaioRuntime) -> ObjectIdentifier {
        ObjectIdentifier(runtime.createFuture(of: Int.self))
    }

    @Test func aFutureIsMadeWhereAnotherDiedWhateverItsResult() async throws {
        let runtime = runtime
        try await runtime.run {
            let first = Self.makeAndDrop(on: runtime)
            #expect(Self.kept(by: runtime) == 1)
            let second = runtime.createFuture(of: [String].self)
            #expect(ObjectIdentifier(second) == first)
            #expect(Self.kept(by: runtime) == 0)
            try second.resolve(["its own"])
            #expect(try second.settledResult?.get() == ["its own"])
        }
    }

    @Test func itHasNothingOfWhoDiedThere() async throws {
        let runtime = runtime
        let capture = CapturingEmitter()
        try await withLogging(to: capture) {
            try await runtime.run {
                func cancelAndDrop() throws -> ObjectIdentifier {
                    let future = runtime.createFuture(of: Int.self)
                    future.cancel("no need")
                    try future.resolve(1)
                    return ObjectIdentifier(future)
                }
                let first = try cancelAndDrop()
                let second = runtime.createFuture(of: Int.self)
                #expect(ObjectIdentifier(second) == first)
                #expect(!second.isCalled && second.settledResult == nil)
                try second.resolve(2)
                #expect(throws: TxaioError.alreadyResolved) { try second.resolve(3) }
                #expect(throws: TxaioError.alreadyResolved) { try second.resolve(4) }
                func rejectAndDrop(_ isHandled: Bool) throws {
                    let future = runtime.createFuture(of: Int.self)
                    if isHandled { future.addCallbacks(nil) { _ in } }
                    try future.reject(Boom())
                }
                try rejectAndDrop(true)
                try rejectAndDrop(false)
            }
        }
        #expect(capture.events.filter { $0.level == .critical }.count == 1)
    }

    @Test func aWeakReferenceFindsNothingWhoeverIsMadeNext() async throws {
        let runtime = runtime
        try await runtime.run {
            weak var dead: TxaioFuture<Int>?
            func make() {
                let future = runtime.createFuture(of: Int.self)
                dead = future
                #expect(dead === future)
            }
            make()
            #expect(dead == nil)
            let next = (0..<8).map { _ in runtime.createFuture(of: Int.self) }
            #expect(dead == nil)
            for future in next { try future.resolve(1) }
            #expect(dead == nil)
        }
    }

    @Test func anUnownedReferenceKeepsItsMemoryFromOthers() async throws {
        let runtime = runtime
        try await runtime.run {
            func make() -> (ObjectIdentifier, () -> Bool) {
                let future = runtime.createFuture(of: Int.self)
                return (ObjectIdentifier(future), { [unowned future] in future.isCalled })
            }
            let (first, ask) = make()
            let others = (0..<8).map { _ in runtime.createFuture(of: Int.self) }
            #expect(!others.contains { ObjectIdentifier($0) == first })
            withExtendedLifetime(ask) {}
        }
    }

    @Test func aFutureThatDiesOnAnotherThreadLeavesNothing() async throws {
        let runtime = runtime
        for _ in 0..<3 {
            // The first time in memory of its own, then where the one below died.
            var future: TxaioFuture<Int>? = try await runtime.run { runtime.createFuture(of: Int.self) }
            #expect(future?.isCalled == false)
            future = nil
            try await runtime.run {
                #expect(Self.kept(by: runtime) == 0)
                _ = Self.makeAndDrop(on: runtime)
                #expect(Self.kept(by: runtime) == 1)
            }
        }
    }

    /// A result that makes a future when it dies.
    private final class Maker: Sendable {
        let runtime: TxaioRuntime
        init(_ runtime: TxaioRuntime) { self.runtime = runtime }
        deinit {
            let future = runtime.createFuture(of: Int.self)
            try? future.resolve(1)
        }
    }

    @Test func aResultThatDiesWithItsFutureMayMakeOthers() async throws {
        let runtime = runtime
        try await runtime.run {
            for _ in 0..<100 {
                let futures = try (0..<10).map { _ in
                    let future = runtime.createFuture(of: Maker.self)
                    try future.resolve(Maker(runtime))
                    return future
                }
                #expect(Set(futures.map { ObjectIdentifier($0) }).count == 10)
            }
            #expect((1...20).contains(Self.kept(by: runtime)))
        }
    }

    @Test func aLoopKeepsTheMemoryOfAThousandOrSo() async throws {
        let runtime = runtime
        try await runtime.run {
            for _ in 0..<3 {
                var futures = (0..<5_000).map { runtime.createFutureSuccess($0) }
                let results = try futures.map { try $0.settledResult?.get() }
                #expect(results == Array(0..<5_000))
                futures = []
                #expect(Self.kept(by: runtime) == 1_024)
            }
        }
    }
}
