import Glibc
import NIOPosix
import TxaioCore
import TxaioNIO

/// Runs a workload on each framework, with what its metrics end with there; the second is made when the first is done, since a
/// peer has a process of its own.
func onEachFramework(_ workload: (TxaioRuntime, String) throws -> Void) rethrows {
    try workload(TxaioRuntime(loop: ConcurrencyLoop(), isPermanent: true), "")
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
    try workload(TxaioRuntime(loop: NIOLoop(eventLoop), isPermanent: true), "_nio")
}

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
