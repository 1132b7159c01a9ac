/// A logger at one level, ready to be called with a template and named values.
@dynamicCallable
@frozen
public struct LevelCall: @unchecked Sendable {
    @usableFromInline internal let handle: LogHandle
    @usableFromInline internal let level: LogLevel

    @inlinable @inline(__always)
    internal init(_ handle: LogHandle, _ level: LogLevel) {
        self.handle = handle
        self.level = level
    }

    /// Logs a template with named values: `log.info("Got '{result}'.", result: result)`.
    ///
    /// A `String` made at run time without values is text: nothing in it is parsed.
    @_disfavoredOverload
    @inlinable @inline(__always)
    public func dynamicallyCall(withKeywordArguments arguments: LogArguments) {
        guard handle.passes(level) else { return }
        arguments.pairs.withUnsafeBufferPointer { handle.log(level, $0) }
    }

    /// Logs values of which at least one is of a type that knows nothing of logging: such a value becomes its text.
    @_disfavoredOverload
    @inlinable
    public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<StaticString, Any>) {
        guard handle.passes(level) else { return }
        handle.logForeign(level, arguments)
    }
}

/// The named values of one call, in the order written.
@frozen
public struct LogArguments: ExpressibleByDictionaryLiteral {
    @usableFromInline internal let pairs: [(StaticString, any LogValue)]

    /// Takes the pairs as they are.
    @inlinable @inline(__always)
    public init(dictionaryLiteral elements: (StaticString, any LogValue)...) { pairs = elements }
}

/// A logger about to be given fields.
@dynamicCallable
@frozen
public struct BindCall: @unchecked Sendable {
    @usableFromInline internal let handle: LogHandle

    @inlinable
    internal init(_ handle: LogHandle) { self.handle = handle }

    /// Makes the logger with these fields besides those that it has; one of a name that it has replaces it.
    @inlinable @inline(__always)
    public func dynamicallyCall(withKeywordArguments arguments: LogArguments) -> TxaioLogger {
        arguments.pairs.withUnsafeBufferPointer { handle.binding($0) }
    }
}

extension LogHandle {
    /// A logger of the same namespace with more fields.
    @usableFromInline @inline(never)
    internal func binding(_ pairs: UnsafeBufferPointer<(StaticString, any LogValue)>) -> TxaioLogger {
        TxaioLogger(LogHandle(cell: cell, bound: .make(pairs, over: bound)))
    }
}
