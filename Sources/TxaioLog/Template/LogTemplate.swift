/// A template in PEP 3101's language, parsed once, for use without a logger.
///
/// ```swift
/// let template = try LogTemplate(parsing: "{name:>10} {ratio:.1%}")
/// try template.format(["name": "cache", "ratio": 0.975])   // "     cache 97.5%"
/// ```
///
/// The language and its results are CPython 3.11's `str.format` with keyword arguments, with these bounds: a width or a
/// precision of a number over 65,536 is refused, and a text is cut, with a mark, after 1 MiB. Python's attributes are those
/// that a value declares. Source: PEP 3101 and "Format String Syntax" in Python's documentation.
public struct LogTemplate: Sendable, CustomStringConvertible {
    private let owner: Owner

    /// The parsed template, which is freed with its last user.
    private final class Owner: @unchecked Sendable {
        // Unchecked: nothing changes after the initialiser.
        let template: CompiledTemplate

        init(_ text: String) {
            var text = text
            let storage = text.withUTF8 {
                TemplateStorage.make(UnsafeRawBufferPointer($0), isLiteral: false, traversal: true)
            }
            template = CompiledTemplate(storage, isOwned: true)
        }
    }

    /// Parses a template.
    ///
    /// - Throws: ``TemplateError`` of what is malformed, with its place. What depends on values shows in ``format(_:)``.
    public init(parsing text: String) throws(TemplateError) {
        self.init(text)
        if let error = owner.template.firstError { throw error }
    }

    /// Takes a template as it is: what is malformed shows when it is used, in the order in which CPython meets it.
    package init(_ text: String) { owner = Owner(text) }

    /// The template as written.
    public var description: String { String(decoding: owner.template.source, as: UTF8.self) }

    /// Fills in values by name.
    ///
    /// - Throws: ``TemplateError`` where a value is missing or does not suit its field.
    public func format(_ arguments: KeyValuePairs<String, any LogValue>) throws(TemplateError) -> String {
        try format(pairs: arguments.lazy.map { ($0.key, $0.value) })
    }

    /// Fills in values by name.
    ///
    /// - Throws: ``TemplateError`` where a value is missing or does not suit its field.
    public func format(_ arguments: [String: any LogValue]) throws(TemplateError) -> String {
        try format(pairs: arguments.lazy.map { ($0.key, $0.value) })
    }

    /// Fills in values by name as a logger does, which never fails.
    ///
    /// Where ``format(_:)`` would throw, the text is `Unable to format "TEMPLATE": ERROR {name=value, ...}`.
    public func render(_ arguments: KeyValuePairs<String, any LogValue>) -> String {
        render(pairs: arguments.lazy.map { ($0.key, $0.value) })
    }

    /// Fills in values by name as a logger does, which never fails.
    ///
    /// Where ``format(_:)`` would throw, the text is `Unable to format "TEMPLATE": ERROR {name=value, ...}`.
    public func render(_ arguments: [String: any LogValue]) -> String {
        render(pairs: arguments.lazy.map { ($0.key, $0.value) })
    }

    package func format(pairs: some Sequence<(String, any LogValue)>) throws(TemplateError) -> String {
        let record = DetachedRecord(pairs)
        var buffer = ByteBuffer(capacity: 256)
        try owner.template.format(record.fields, injecting: false, into: &buffer)
        return buffer.string()
    }

    package func render(pairs: some Sequence<(String, any LogValue)>) -> String {
        let record = DetachedRecord(pairs)
        var buffer = ByteBuffer(capacity: 256)
        owner.template.render(record.fields, injecting: false, into: &buffer)
        return buffer.string()
    }
}
