#if NIO
internal import NIOCore
internal import TxaioLog

/// One ``NIOLoop`` for each event loop that is in use.
internal enum SharedLoops {
    private struct Entry {
        weak var loop: NIOLoop?
    }

    private static let loops = Lock<[ObjectIdentifier: Entry]>([:])

    internal static func loop(of eventLoop: any EventLoop) -> NIOLoop {
        let key = ObjectIdentifier(eventLoop)
        if let known = loops.withLock({ $0[key]?.loop }) { return known }
        // Made outside the lock, as that calls NIO: whoever is second takes the first one's.
        let made = NIOLoop(eventLoop)
        return loops.withLock { loops in
            if let known = loops[key]?.loop { return known }
            loops[key] = Entry(loop: made)
            return made
        }
    }

    /// A loop is gone, and with it perhaps its event loop, whose address another may get.
    internal static func forget(_ key: ObjectIdentifier) {
        // What is found is released outside the lock: it may be the last to hold that loop.
        let found = loops.withLock { loops in
            let loop = loops[key]?.loop
            if loop == nil { loops[key] = nil }
            return loop
        }
        _ = found
    }
}
#endif
