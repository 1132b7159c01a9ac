#if NIO
public import NIOCore
public import TxaioCore

extension Txaio {
    /// Selects SwiftNIO, with one event loop.
    ///
    /// Does nothing where SwiftNIO is selected; throws `TxaioError.alreadySelected` where the other framework is, and changes
    /// nothing then.
    ///
    /// - Parameter group: An event loop; of a group the next one is taken.
    public static func useNIO(_ group: any EventLoopGroup) throws(TxaioError) {
        try select(.nio) { TxaioRuntime(loop: NIOLoop(group.next()), isPermanent: true) }
    }

    /// A runtime of its own on an event loop, which does not touch the process's.
    ///
    /// Throws `TxaioError.notSelected` before a selection; `TxaioRuntime(eventLoop:)` needs none.
    public static func withConfig(loop: any EventLoop) throws(TxaioError) -> TxaioRuntime {
        try withConfig(loop: NIOLoop.shared(loop))
    }
}

extension TxaioRuntime {
    /// Makes a runtime on one of SwiftNIO's event loops that selects nothing for the process.
    public convenience init(eventLoop: any EventLoop) { self.init(loop: NIOLoop.shared(eventLoop)) }
}
#endif
