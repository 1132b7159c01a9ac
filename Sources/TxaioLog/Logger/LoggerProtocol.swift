public import CTxaio

/// What a logger can do; mirrors txaio's `ILogger`.
///
/// Each level is a property that is called: `log.info("Got '{result}'.", result: result)`. With `?` the call and all its
/// arguments are skipped while the level is off: `log.debug?("{state}", state: expensive())`. Pairs in parentheses are the
/// fastest spelling: `log.trace("tick {n}", ("n", n))`. All three make the same event.
///
/// A log call never throws, traps or blocks without bound, and is safe on any thread.
public protocol LoggerProtocol: OptionalLevels, ~Copyable, Sendable {}

/// The level properties that are `nil` while their level is off; what `log.debug?(...)` finds.
public protocol OptionalLevels: ~Copyable {
    /// The namespace's cell, which says what passes. Immortal.
    var cell: UnsafePointer<txaio_cell> { get }
    /// The fields bound to the logger.
    var bound: EncodedFields? { get }
}

extension OptionalLevels where Self: ~Copyable {
    // Apart from the check of the level, so that a call that is turned away touches no reference count.
    @inlinable
    internal var handle: LogHandle { @inline(__always) get { LogHandle(cell: cell, bound: bound) } }

    /// Logs at critical, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var critical: LevelCall? { isPassing(cell, .critical) ? LevelCall(handle, .critical) : nil }
    /// Logs at error, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var error: LevelCall? { isPassing(cell, .error) ? LevelCall(handle, .error) : nil }
    /// Logs at warn, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var warn: LevelCall? { isPassing(cell, .warn) ? LevelCall(handle, .warn) : nil }
    /// Logs at info, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var info: LevelCall? { isPassing(cell, .info) ? LevelCall(handle, .info) : nil }
    /// Logs at debug, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var debug: LevelCall? { isPassing(cell, .debug) ? LevelCall(handle, .debug) : nil }
    /// Logs at trace, or is `nil` while that level is off.
    @inlinable @inline(__always)
    public var trace: LevelCall? { isPassing(cell, .trace) ? LevelCall(handle, .trace) : nil }
}

extension LoggerProtocol where Self: ~Copyable {
    /// Logs at critical: the service cannot go on, or lost something.
    @inlinable @inline(__always)
    public var critical: LevelCall { LevelCall(handle, .critical) }
    /// Logs at error: an operation failed.
    @inlinable @inline(__always)
    public var error: LevelCall { LevelCall(handle, .error) }
    /// Logs at warn: something is wrong and was dealt with.
    @inlinable @inline(__always)
    public var warn: LevelCall { LevelCall(handle, .warn) }
    /// Logs at info: the normal course of events.
    @inlinable @inline(__always)
    public var info: LevelCall { LevelCall(handle, .info) }
    /// Logs at debug.
    ///
    /// Write `log.debug?(...)` and nothing is evaluated while it is off.
    @inlinable @inline(__always)
    public var debug: LevelCall { LevelCall(handle, .debug) }
    /// Logs at trace.
    ///
    /// Write `log.trace?(...)` and nothing is evaluated while it is off.
    @inlinable @inline(__always)
    public var trace: LevelCall { LevelCall(handle, .trace) }

    /// Logs an error at level error: `log.failure(error, "Upstream {name} failed.", name: name)`.
    ///
    /// The event carries `error`, `error_type`, and where there are any `error_causes` and `error_backtrace`. Without a
    /// template the message is `TYPE: TEXT`. See ``FailureDetails``.
    @inlinable
    public var failure: FailureCall { FailureCall(handle) }

    /// Makes a logger that puts fields into each of its events: `log.bind(service: "orders", shard: 7)`.
    ///
    /// They are encoded once, here. A field of the same name at a call wins.
    @inlinable
    public var bind: BindCall { BindCall(handle) }

    /// Whether events of a level pass: one load of one byte.
    @inlinable @inline(__always)
    public func isEnabled(_ level: LogLevel) -> Bool { level != .off && isPassing(cell, level) }

    /// The namespace: `Module.Type`, `Module.function`, `Module`, or the name given.
    public var namespace: String { handle.namespace }

    /// The most verbose level that passes at the moment.
    public var level: LogLevel { handle.level }

    /// Sets what this logger's namespace lets pass, for all its loggers.
    ///
    /// - Parameters:
    ///   - level: The threshold.
    ///   - keep: While true, rules and global changes pass the namespace by until ``setLevel(_:keep:)`` is called with
    ///     `keep: false`, which sets the level once and gives it up to the rules at their next change.
    public func setLevel(_ level: LogLevel, keep: Bool = true) {
        NamespaceRegistry.shared.setLevel(level, keep: keep, of: cell)
    }

    /// Logs at a level chosen at run time, with fields put together at run time.
    ///
    /// At ``LogLevel/off`` nothing happens. Allocates.
    public func emit(_ level: LogLevel, _ template: StaticString, _ fields: KeyValuePairs<String, any LogValue> = [:]) {
        handle.emit(level, template: .literal(template), fields: fields.lazy.map { ($0.key, $0.value) })
    }

    /// Logs at a level chosen at run time.
    ///
    /// A template made at run time reaches no attributes or items of values, and without fields it is text.
    @_disfavoredOverload
    public func emit(_ level: LogLevel, _ template: String, _ fields: KeyValuePairs<String, any LogValue> = [:]) {
        handle.emit(level, template: .string(template), fields: fields.lazy.map { ($0.key, $0.value) })
    }

    /// Logs at a level chosen at run time, with pairs in an array.
    public func emit(_ level: LogLevel, _ template: String, fields: [(String, any LogValue)]) {
        handle.emit(level, template: .string(template), fields: fields)
    }
}
