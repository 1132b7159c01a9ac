internal import CTxaio

/// The named values of one call, in the order written.
@frozen
public struct LogArguments: ExpressibleByDictionaryLiteral {
    @usableFromInline internal let pairs: [(StaticString, any LogValue)]

    /// Takes the pairs as they are.
    @inlinable @inline(__always)
    public init(dictionaryLiteral elements: (StaticString, any LogValue)...) { pairs = elements }
}

extension LogArguments {
    /// Hands the pairs of a call's list to `body`, then destroys the list.
    ///
    /// The compiler keeps the list of a call on the stack, and lets the runtime destroy it, which asks witnesses for the
    /// way for each pair: 80 instructions a value. Where it lies there and nobody else has it, a comparison tells of the
    /// commonest types how to destroy a value where it is, and the list is forgotten: it has no memory that must be given
    /// back. Any other is left to the runtime.
    ///
    /// - Parameter body: Answers whether a value may count a reference; otherwise there is none to destroy.
    @inline(__always)
    internal static func consume(
        _ arguments: __owned LogArguments,
        _ body: (UnsafeBufferPointer<(StaticString, any LogValue)>) -> Bool
    ) {
        // From here on the reference is this one, which is let go of by hand or not at all.
        let list = Unmanaged.passRetained(unsafeBitCast(arguments.pairs, to: AnyObject.self))
        let pairs = arguments.pairs.withUnsafeBufferPointer { $0 }
        let mayCount = body(pairs)
        let object = list.toOpaque()
        if ValueLayout.isReadable, object.load(fromByteOffset: 8, as: UInt64.self) == txaio_stack_references() {
            if mayCount { ValueLayout.Types().destroy(object + ValueLayout.elements, count: pairs.count) }
        } else {
            list.release()
        }
    }
}
