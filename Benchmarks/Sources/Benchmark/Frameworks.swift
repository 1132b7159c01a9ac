import NIOPosix
import TxaioCore
import TxaioNIO

/// A runtime on each framework, and what its metrics end with.
let frameworks: [(TxaioRuntime, String)] = [
    (TxaioRuntime(loop: ConcurrencyLoop(), isPermanent: true), ""),
    (TxaioRuntime(loop: NIOLoop(MultiThreadedEventLoopGroup.singleton.next()), isPermanent: true), "_nio"),
]
