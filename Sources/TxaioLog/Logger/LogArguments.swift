internal import CTxaio

/// The named values of one call, in the order written.
@frozen
public struct LogArguments: ExpressibleByDictionaryLiteral {
    @usableFromInline internal var pairs: [(StaticString, any LogValue)]

    /// Takes the pairs as they are.
    @inlinable @inline(__always)
    public init(dictionaryLiteral elements: (StaticString, any LogValue)...) { pairs = elements }
}

extension LogArguments {
    /// Destroys the values and leaves an empty list, where the list lies on the stack and nobody else has it.
    ///
    /// The compiler keeps the list of a call on the stack, and lets the runtime destroy it, which asks witnesses for the
    /// way for each pair: 80 instructions a value. Here it is a comparison for the commonest types. A list on the
    /// stack has no memory that must be given back: to forget it is enough. Any other is left to the runtime.
    ///
    /// - Parameter mayCount: Whether a value may count a reference; otherwise there is nothing to destroy.
    @inline(__always)
    internal mutating func empty(mayCount: Bool = true) {
        withUnsafeMutablePointer(to: &pairs) { list in
            let object = UnsafeRawPointer(list).load(as: UnsafeRawPointer.self)
            guard ValueLayout.isReadable,
                object.load(fromByteOffset: 8, as: UInt64.self) == txaio_stack_references()
            else { return }
            if mayCount {
                let elements = UnsafeMutableRawPointer(mutating: object) + ValueLayout.elements
                ValueLayout.Types().destroy(elements, count: list.pointee.count)
            }
            list.initialize(to: [])
        }
    }
}
