public import CTxaio
internal import TxaioLog

/// The log scope in which a callback or timer was added, and in which it runs.
@usableFromInline
internal struct CapturedContext: Sendable {
    @usableFromInline internal let scope: (any AnyObject & Sendable)?

    @inlinable
    internal init(scope: (any AnyObject & Sendable)?) { self.scope = scope }

    /// One that somebody else holds.
    internal init(held scope: Unmanaged<AnyObject>?) { self.scope = scope?.takeUnretainedValue() as? LogContext }

    /// The scope of the current task: one load of a flag while none was ever opened.
    @inlinable
    internal static var current: CapturedContext {
        @inline(__always) get { isPlain ? CapturedContext(scope: nil) : found() }
    }

    @usableFromInline @inline(never)
    internal static func found() -> CapturedContext { CapturedContext(scope: LogContext.current) }

    /// Whether no scope was ever opened: then there is none to go to.
    @inlinable
    internal static var isPlain: Bool { @inline(__always) get { !txaio_scopes_in_use() } }

    /// A call that goes to the current scope itself: the very one that was given where there is none.
    @inline(__always)
    internal static func binding(_ body: @escaping @Sendable () throws -> Void) -> @Sendable () throws -> Void {
        isPlain ? body : bound(body)
    }

    @inline(never)
    private static func bound(_ body: @escaping @Sendable () throws -> Void) -> @Sendable () throws -> Void {
        let context = found()
        guard context.scope != nil else { return body }
        return { () throws -> Void in try context.run(body) }
    }

    /// Runs `body` in it.
    @inlinable @inline(__always)
    internal func run<E: Error>(_ body: () throws(E) -> Void) throws(E) {
        if Self.isPlain { try body() } else { try runInScope(body) }
    }

    @usableFromInline @inline(never)
    internal func runInScope<T, E: Error>(_ body: () throws(E) -> T) throws(E) -> T {
        let scope = scope as? LogContext
        if LogContext.current === scope { return try body() }
        let result: Result<T, E> = LogContext.$current.withValue(scope) {
            do throws(E) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// A captured context that a callback holds: counted by hand, as callbacks are taken apart in place.
@usableFromInline
internal struct HeldContext: ~Copyable {
    @usableFromInline internal let scope: Unmanaged<AnyObject>?

    /// Holds the scope of the current task.
    @inlinable @inline(__always)
    internal init() {
        scope = CapturedContext.isPlain ? nil : Self.found()
    }

    @inlinable
    deinit {
        if let scope { scope.release() }
    }

    @usableFromInline @inline(never)
    internal static func found() -> Unmanaged<AnyObject>? { LogContext.current.map { Unmanaged.passRetained($0) } }

    /// Calls a callback in a scope that is held.
    @usableFromInline @inline(never)
    internal static func run<Value, Result>(
        _ callback: (Value) throws -> Result,
        with value: Value,
        in scope: Unmanaged<AnyObject>?
    ) throws -> Result {
        try CapturedContext(held: scope).runInScope { () throws in try callback(value) }
    }
}
