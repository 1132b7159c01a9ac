#if NIO
import NIOCore
import NIOPosix
import Synchronization
import Testing
import TxaioCore
import TxaioLog
import TxaioNIO

/// A runtime on an event loop that belongs to the test alone, and ends with it.
func withRuntime<R>(_ body: (TxaioRuntime, any EventLoop) async throws -> R) async throws -> R {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
        let result = try await body(TxaioRuntime(eventLoop: group.next()), group.next())
        try await group.shutdownGracefully()
        return result
    } catch {
        try await group.shutdownGracefully()
        throw error
    }
}

/// A list that several threads add to.
final class Notes<Element: Sendable>: Sendable {
    private let list = Lock<[Element]>([])
    func add(_ element: Element) { list.withLock { $0.append(element) } }
    var all: [Element] { list.withLock { $0 } }
}

/// A number that several threads add to.
final class Count: Sendable {
    private let number = Atomic(0)
    func add(_ more: Int = 1) { number.add(more, ordering: .relaxed) }
    var value: Int { number.load(ordering: .relaxed) }
}

/// Waits until something holds, for ten seconds at most.
func eventually(_ holds: () -> Bool) async throws -> Bool {
    for _ in 0..<5_000 {
        if holds() { return true }
        try await Task.sleep(for: .milliseconds(2))
    }
    return holds()
}

struct Trouble: Error, Equatable {}
#endif
