internal import CTxaio

/// A callback that waits for a future: the link to the one added before it, and what to do; what that needs lies behind it.
///
/// Raw memory, so that a loop can keep what it used for the next, and so that what is run is specialised for the future's
/// result: methods of generic classes never are.
@usableFromInline
internal struct CallbackNode {
    /// The one added before, as an address, or 0.
    @usableFromInline internal var next: UInt
    /// Takes the node apart, and runs it with the future at an address, where there is one.
    @usableFromInline internal let operate: Operation

    @usableFromInline
    internal typealias Operation = (
        UnsafeMutablePointer<CallbackNode>, UnsafeMutablePointer<RuntimeState>, UnsafeRawPointer?
    ) -> Void

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

    @inlinable
    internal init(_ operate: @escaping Operation) {
        next = 0
        self.operate = operate
    }
}

extension AnyTxaioFuture {
    /// Hands the future at an address to `body`, and counts no reference: whoever has its callbacks run holds it.
    @inlinable @inline(__always)
    internal static func with(_ address: UnsafeRawPointer, _ body: (Self) -> Void) {
        Unmanaged<Self>.fromOpaque(address)._withUnsafeGuaranteedRef(body)
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
