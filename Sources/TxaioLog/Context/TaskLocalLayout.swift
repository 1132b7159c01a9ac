internal import CTxaio

/// Reads the innermost scope where a task keeps it: the value of a task-local is otherwise copied through its type's
/// witnesses, ten times as slow.
///
/// That the runtime finds a value by the address of its `TaskLocal`, and that an object lies there as its address, is no
/// promise of the library: it is checked once, and where it does not hold scopes are read the plain way.
internal enum TaskLocalLayout {
    /// By what the runtime finds the scopes; `nil` where they are to be read the plain way.
    @inline(__always)
    internal static var key: UnsafeRawPointer? { txaio_scope_key() }

    /// The object of the innermost scope.
    @inline(__always)
    internal static func object(_ key: UnsafeRawPointer) -> UnsafeRawPointer? {
        taskLocalValue(key)?.load(as: UnsafeRawPointer?.self)
    }

    /// Checks, at the first scope of the process.
    internal static func find() {
        if txaio_scopes_begin_check() { check() }
    }

    @inline(never)
    private static func check() {
        guard MemoryLayout<LogContext?>.size == MemoryLayout<UnsafeRawPointer>.size else { return }
        let key = UnsafeRawPointer(Unmanaged.passUnretained(LogContext.$current).toOpaque())
        func holds(_ expected: LogContext?) -> Bool {
            object(key) == expected.map { UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) }
        }
        guard holds(LogContext.current) else { return }
        let (outer, inner) = (LogContext(fields: nil, pipeline: nil), LogContext(fields: nil, pipeline: nil))
        let isSound = LogContext.$current.withValue(outer) {
            let within = LogContext.$current.withValue(inner) { holds(inner) }
            let without = LogContext.$current.withValue(nil) { holds(nil) }
            return within && without && holds(outer)
        }
        if isSound, holds(LogContext.current) { txaio_set_scope_key(key) }
    }
}

/// The runtime's own: where the value of a task-local lies, `nil` where none is bound.
@_silgen_name("swift_task_localValueGet")
private func taskLocalValue(_ key: UnsafeRawPointer) -> UnsafeRawPointer?
