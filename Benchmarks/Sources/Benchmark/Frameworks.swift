import Glibc
import NIOPosix
import TxaioCore
import TxaioNIO

/// A runtime on each framework, and what its metrics end with.
let frameworks: [(TxaioRuntime, String)] = [
    (TxaioRuntime(loop: ConcurrencyLoop(), isPermanent: true), ""),
    (TxaioRuntime(loop: NIOLoop(MultiThreadedEventLoopGroup.singleton.next()), isPermanent: true), "_nio"),
]

extension TxaioRuntime {
    /// Runs `body` on the loop and blocks until it says that it is done.
    ///
    /// No task is waited for: a main function that is async ends in Dispatch's own way, under which nothing can be counted.
    func wait(_ body: @escaping @Sendable (_ isDone: @escaping @Sendable () -> Void) -> Void) {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
        defer {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }
        nonisolated(unsafe) let shared = semaphore
        execute { body { sem_post(shared) } }
        while sem_wait(semaphore) != 0 {}
    }
}
