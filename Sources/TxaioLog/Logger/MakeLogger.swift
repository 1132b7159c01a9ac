/// Makes a logger that knows where it was made.
///
/// In a type, as a property's initial value, its namespace is `Module.Type`; in a function `Module.function`; elsewhere
/// `Module`. Nested types give their innermost name, a `lazy var` its own: name the whole path yourself where that matters.
///
/// ```swift
/// struct Gateway {
///     static let log = makeLogger()
/// }
/// ```
///
/// - Parameters:
///   - name: The namespace in full, in place of the one found.
///   - level: Sets the namespace's level by hand, as ``LoggerProtocol/setLevel(_:keep:)`` does.
///   - capture: ``LogCapture/scope`` binds the fields of the open `withLogContext` scopes; by default none are taken.
///   - function: Leave it out.
///   - file: Leave it out.
public func makeLogger(
    _ name: String? = nil,
    level: LogLevel? = nil,
    capturing capture: LogCapture = .nothing,
    function: StaticString = #function,
    file: StaticString = #fileID
) -> TxaioLogger {
    let namespace = name ?? Namespace.derived(function: function, file: file)
    let cell = NamespaceRegistry.shared.cell(name: namespace, file: file)
    if let level { NamespaceRegistry.shared.setLevel(level, keep: true, of: cell) }
    let bound = capture == .scope ? LogContext.current?.fields : nil
    return TxaioLogger(LogHandle(cell: cell, bound: bound))
}

/// Makes a logger that is constant data; chosen by the type of what it is assigned to.
///
/// ```swift
/// static let log: StaticLogger = makeLogger()
/// ```
@_disfavoredOverload
@inlinable @inline(__always)
public func makeLogger(
    _ name: StaticString = "",
    function: StaticString = #function,
    file: StaticString = #fileID
) -> StaticLogger {
    StaticLogger(name: name, function: function, file: file)
}

/// What `makeLogger` takes over from where it is called.
public struct LogCapture: Sendable, Hashable {
    private let takesScope: Bool
    private init(takesScope: Bool) { self.takesScope = takesScope }

    /// Module, type and file, but no fields: a `static let` must not keep the request that touched it first.
    public static let nothing = LogCapture(takesScope: false)
    /// The fields of the open scopes as well.
    public static let scope = LogCapture(takesScope: true)
}
