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
    public func dynamicallyCall(withKeywordArguments arguments: __owned LogArguments) {
        handle.log(level, arguments)
    }

    /// Logs values of which at least one is of a type that knows nothing of logging: such a value becomes its text.
    @_disfavoredOverload
    @inlinable
    public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<StaticString, Any>) {
        guard handle.passes(level) else { return }
        handle.logForeign(level, arguments)
    }
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
    public func dynamicallyCall(withKeywordArguments arguments: __owned LogArguments) -> TxaioLogger {
        handle.binding(arguments)
    }
}

extension LogHandle {
    /// A logger of the same namespace with more fields; destroys the list as ``log(_:_:)`` does.
    // It would take the space out of the attribute:
    // swift-format-ignore
    @usableFromInline @inline(never)
    @_effects(notEscaping arguments.value**)
    internal func binding(_ arguments: __owned LogArguments) -> TxaioLogger {
        var made: EncodedFields?
        LogArguments.consume(arguments) { pairs in
            made = EncodedFields.make(pairs, over: bound)
            return true
        }
        return TxaioLogger(LogHandle(cell: cell, bound: made))
    }
}
