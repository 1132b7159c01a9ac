public import CTxaio

/// A callback that waits for a future: the link to the one added before it, and what to do; what that needs lies behind it.
///
/// Raw memory, so that a loop can keep what it used for the next, and so that what is run is specialised for the future's
/// result: methods of generic classes never are.
@usableFromInline
internal struct CallbackNode {
    /// The one added before, as an address, or 0.
    @usableFromInline internal var next: UInt
    /// The code of an ``Operation``.
    @usableFromInline internal let code: UnsafeRawPointer
    /// What that captured: nothing where it was specialised, else the types that it is for; released once it has run.
    @usableFromInline internal let captured: Unmanaged<AnyObject>?

    /// Takes the node apart, and runs it with the future at an address, where there is one.
    @usableFromInline
    internal typealias Operation = (
        UnsafeMutablePointer<CallbackNode>, UnsafeMutablePointer<RuntimeState>, UnsafeRawPointer?
    ) -> Void

    /// Keeps a closure in a field, where it lies as its two words; handed over by itself it may be wrapped in another.
    @usableFromInline
    internal struct Kept {
        @usableFromInline internal let operation: Operation
        @inlinable @inline(__always)
        internal init(_ operation: @escaping Operation) { self.operation = operation }
    }

    /// The memory of every node.
    @inlinable internal static var size: Int { 64 }

    @usableFromInline @inline(never)
    internal static func allocate() -> UnsafeMutablePointer<CallbackNode> {
        UnsafeMutableRawPointer(txaio_allocate(size)).assumingMemoryBound(to: CallbackNode.self)
    }

    @usableFromInline @inline(never)
    internal static func free(_ node: UnsafeMutablePointer<CallbackNode>) {
        txaio_free(UnsafeMutableRawPointer(node).assumingMemoryBound(to: UInt8.self))
    }

    @inlinable @inline(__always)
    internal init(_ operation: @escaping Operation) {
        next = 0
        let parts = unsafeBitCast(Kept(operation), to: (code: UnsafeRawPointer, captured: Unmanaged<AnyObject>?).self)
        code = parts.code
        captured = parts.captured
        // The node holds it from here on.
        if let captured { _ = captured.retain() }
    }

    /// Runs a node's operation; then the node is gone, unless many futures share it.
    @inlinable @inline(__always)
    internal static func operate(
        _ node: UnsafeMutablePointer<CallbackNode>,
        _ state: UnsafeMutablePointer<RuntimeState>,
        _ future: UnsafeRawPointer?
    ) {
        let captured = node.pointee.captured
        txaio_operate(node.pointee.code, captured?.toOpaque(), node, state, future)
        // Not before: the code may look at it until it returns.
        if let captured { captured.release() }
    }
}

extension UnsafeRawPointer {
    /// Hands the future at the address to `body`, and counts no reference: whoever has its callbacks run holds it.
    @inlinable @inline(__always)
    internal func with<Future: AnyTxaioFuture, T>(_ type: Future.Type, _ body: (Future) -> T) -> T {
        Unmanaged<Future>.fromOpaque(self)._withUnsafeGuaranteedRef(body)
    }
}

extension UnsafeMutablePointer<CallbackNode> {
    @inlinable @inline(__always)
    internal func body<Body: ~Copyable>(as type: Body.Type) -> UnsafeMutablePointer<Body> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<CallbackNode>.size).assumingMemoryBound(to: type)
    }

    /// The node at an address, or `nil` at 0.
    @inlinable @inline(__always)
    internal init?(list word: UInt) {
        guard let node = UnsafeMutableRawPointer(bitPattern: word) else { return nil }
        self = node.assumingMemoryBound(to: CallbackNode.self)
    }
}
