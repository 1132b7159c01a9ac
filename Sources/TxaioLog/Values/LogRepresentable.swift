/// A type of your own whose values events carry.
///
/// Conforming asks for nothing: the text is `String(describing:)`. Declare ``logAttributes`` and templates can name them:
///
/// ```swift
/// extension User: LogRepresentable {
///     var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["name": name, "id": id] }
/// }
/// log.info("{user.name} came back", user: user)
/// ```
///
/// A template reaches what is declared here and nothing else. All of it runs on the thread that logs, while no lock is held.
public protocol LogRepresentable: LogValue {
    /// What `{value}` shows. By default `String(describing:)`.
    var logText: String { get }
    /// What `{value!r}` shows. By default `String(reflecting:)`.
    var logRepresentation: String { get }
    /// What `{value.name}` reaches, and what JSON shows as an object. By default nothing.
    var logAttributes: KeyValuePairs<StaticString, any LogValue> { get }
}

extension LogRepresentable {
    /// `String(describing:)`.
    public var logText: String { String(describing: self) }
    /// `String(reflecting:)`.
    public var logRepresentation: String { String(reflecting: self) }
    /// None.
    public var logAttributes: KeyValuePairs<StaticString, any LogValue> { [:] }

    /// Writes texts and attributes.
    public func encode(into writer: inout RecordWriter) {
        writer.object(
            type: String(describing: Self.self),
            text: logText,
            representation: logRepresentation,
            isError: self is any Error,
            attributes: logAttributes.lazy.map { (key: $0.key, value: $0.value) }
        )
    }
}

/// A value of a type that knows nothing of logging: it becomes its text.
internal struct ForeignValue: LogValue {
    private let value: Any

    internal init(_ value: Any) { self.value = value }

    internal func encode(into writer: inout RecordWriter) {
        if let optional = value as? any AnyOptional {
            guard let wrapped = optional.wrapped else {
                if writer.hasRoomForScalar() { writer.null() }
                return
            }
            return loggable(wrapped).encode(into: &writer)
        }
        if let error = value as? any Error { return ErrorValue(error).encode(into: &writer) }
        // Containers of mixed types: their elements keep their own.
        if let values = value as? [Any] { return writer.array(values.lazy.map { AnyLogValue(describing: $0) }) }
        if let pairs = value as? [String: Any] {
            let sorted = pairs.sorted { $0.key < $1.key }
            return writer.dictionary(sorted.lazy.map { ($0.key, AnyLogValue(describing: $0.value)) })
        }
        writer.object(
            type: String(describing: Swift.type(of: value)),
            text: String(describing: value),
            representation: String(reflecting: value),
            attributes: EmptyCollection()
        )
    }
}

/// An optional of whatever type.
private protocol AnyOptional {
    var wrapped: Any? { get }
}

extension Optional: AnyOptional {
    fileprivate var wrapped: Any? { self }
}

/// An error as a value: its text, its type, and its cause.
internal struct ErrorValue: LogValue {
    private let error: any Error

    internal init(_ error: any Error) { self.error = error }

    internal func encode(into writer: inout RecordWriter) {
        writer.object(
            type: String(describing: Swift.type(of: error)),
            text: String(describing: error),
            representation: String(reflecting: error),
            isError: true,
            attributes: EmptyCollection()
        )
    }
}
