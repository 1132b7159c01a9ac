public import CTxaio
internal import TxaioLog

/// The log scope in which a callback or timer was added, and in which it runs.
@usableFromInline
internal struct CapturedContext: Sendable {
    @usableFromInline internal let scope: (any AnyObject & Sendable)?

    @inlinable
    internal init(scope: (any AnyObject & Sendable)?) { self.scope = scope }

    /// The scope of the current task: one load of a flag while none was ever opened.
    @inlinable
    internal static var current: CapturedContext {
        @inline(__always) get { txaio_scopes_in_use() ? found() : CapturedContext(scope: nil) }
    }

    @usableFromInline @inline(never)
    internal static func found() -> CapturedContext { CapturedContext(scope: LogContext.current) }

    /// Runs `body` in it.
    @inlinable @inline(__always)
    internal func run<E: Error>(_ body: () throws(E) -> Void) throws(E) {
        if txaio_scopes_in_use() { try runInScope(body) } else { try body() }
    }

    @usableFromInline @inline(never)
    internal func runInScope<E: Error>(_ body: () throws(E) -> Void) throws(E) {
        let scope = scope as? LogContext
        if LogContext.current === scope { return try body() }
        let result: Result<Void, E> = LogContext.$current.withValue(scope) {
            do throws(E) { return .success(try body()) } catch { return .failure(error) }
        }
        try result.get()
    }
}
