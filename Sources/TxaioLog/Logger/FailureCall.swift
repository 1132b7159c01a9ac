/// An error that says more of itself than its text when it is logged with `log.failure`.
public protocol FailureDetails: Error {
    /// The error that led to this one.
    var cause: (any Error)? { get }
    /// Where it was made, one frame a line, if that is known.
    var backtrace: String? { get }
}

extension FailureDetails {
    /// None.
    public var cause: (any Error)? { nil }
    /// None.
    public var backtrace: String? { nil }
}

/// A logger about to log an error.
@dynamicCallable
@frozen
public struct FailureCall: @unchecked Sendable {
    @usableFromInline internal let handle: LogHandle

    @usableFromInline
    internal init(_ handle: LogHandle) { self.handle = handle }

    /// Logs an error, with a template and named values if they are given: `log.failure(error, "{step} failed", step: 3)`.
    ///
    /// The first value without a name that is an `Error` is the error, the first text without a name the template.
    public func dynamicallyCall(withKeywordArguments arguments: KeyValuePairs<StaticString, Any>) {
        guard handle.passes(.error) else { return }
        // Texts and causes are the error's own code, which may log: counted as what it is, so that a circle ends.
        guard RecordWriter.beginPreparing() else { return }
        let (pairs, template) = Self.pairs(of: arguments)
        RecordWriter.endPreparing()
        let all = [("" as StaticString, template as any LogValue)] + pairs
        all.withUnsafeBufferPointer { handle.log(.error, plainly: $0) }
    }

    private static func pairs(
        of arguments: KeyValuePairs<StaticString, Any>
    ) -> ([(StaticString, any LogValue)], template: String) {
        var error: (any Error)?
        var template: String?
        var pairs: [(StaticString, any LogValue)] = []
        for (name, value) in arguments {
            if name.utf8CodeUnitCount == 0, error == nil, let found = value as? any Error {
                error = found
            } else if name.utf8CodeUnitCount == 0, template == nil, let found = value as? String {
                template = found
            } else {
                pairs.append((name, loggable(value)))
            }
        }
        if let error { pairs += Failure.fields(of: error) }
        let standard = error == nil ? "a failure without an error" : "{error_type}: {error}"
        return (pairs, template ?? standard)
    }
}

internal enum Failure {
    /// A chain of causes is followed this far.
    private static let maximumDepth = 16

    /// What an event says of an error: text, type, causes, backtrace.
    internal static func fields(of error: any Error) -> [(StaticString, any LogValue)] {
        var fields: [(StaticString, any LogValue)] = [
            ("error", String(describing: error)),
            ("error_type", String(describing: type(of: error))),
        ]
        let causes = causes(of: error).map { "\(type(of: $0)): \($0)" }
        if !causes.isEmpty { fields.append(("error_causes", causes)) }
        if let backtrace = (error as? any FailureDetails)?.backtrace { fields.append(("error_backtrace", backtrace)) }
        return fields
    }

    private static func causes(of error: any Error) -> [any Error] {
        var chain: [any Error] = []
        var current = error
        while chain.count < maximumDepth, let cause = cause(of: current) {
            chain.append(cause)
            current = cause
        }
        return chain
    }

    /// What the error says itself, else the first error that it holds.
    private static func cause(of error: any Error) -> (any Error)? {
        if let details = error as? any FailureDetails { return details.cause }
        return held(by: Mirror(reflecting: error), depth: 0)
    }

    private static func held(by mirror: Mirror, depth: Int) -> (any Error)? {
        guard depth < 3 else { return nil }
        for child in mirror.children {
            if let error = child.value as? any Error { return error }
            let inner = Mirror(reflecting: child.value)
            // An enum's case, and an optional, hold their values one level down.
            let isWrapper = inner.displayStyle == .tuple || inner.displayStyle == .optional
            if isWrapper, let error = held(by: inner, depth: depth + 1) { return error }
        }
        return nil
    }
}
