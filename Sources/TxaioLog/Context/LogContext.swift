internal import CTxaio

/// What the open scopes of the current task add to its events.
package final class LogContext: Sendable {
    /// The innermost scope's, with all that it took over from those around it.
    @TaskLocal package static var current: LogContext?

    internal let fields: EncodedFields?
    /// What records refer to; see ``EncodedFields/reference``.
    internal let reference: UInt64
    internal let isCut: Bool
    /// Where events go in place of the process's pipeline; for tests.
    internal let pipeline: Pipeline?
    /// What the flight recorder keeps of the outermost scope, and of this one with it.
    internal let recording: ScopeRecording?

    internal init(fields: EncodedFields?, pipeline: Pipeline?, recording: ScopeRecording? = nil) {
        self.fields = fields
        self.recording = recording
        reference = fields?.reference ?? 0
        isCut = fields?.isCut ?? false
        self.pipeline = pipeline
        TaskLocalLayout.find()
        if pipeline == nil { txaio_scopes_use() } else { txaio_redirections_use() }
    }

    /// Hands the innermost scope of the current task to `body`.
    ///
    /// No reference is counted where the task's storage can be read in place: what lies there lives until its scope ends.
    @inline(__always)
    internal static func withCurrent(_ body: (LogContext?) -> Void) {
        guard txaio_scopes_in_use() else { return body(nil) }
        guard let key = TaskLocalLayout.key else { return body(current) }
        guard let found = TaskLocalLayout.object(key) else { return body(nil) }
        Unmanaged<LogContext>.fromOpaque(found)._withUnsafeGuaranteedRef { body($0) }
    }

    /// The context of a scope within those that are open, and what is to be told when an outermost one ends.
    fileprivate static func opening(_ fields: KeyValuePairs<String, any LogValue>) -> (LogContext, ScopeRecording?) {
        let outer = LogContext.current
        let fields = EncodedFields.make(fields.lazy.map { (.string($0.key), $0.value) }, over: outer?.fields)
        let isInner = outer?.recording != nil || outer?.pipeline != nil
        let recording = isInner ? outer?.recording : Recorder.begin(fields: fields)
        let context = LogContext(fields: fields, pipeline: outer?.pipeline, recording: recording)
        return (context, isInner ? nil : recording)
    }

    /// Runs `body` within this context.
    package func run<R, E: Error>(_ body: () throws(E) -> R) throws(E) -> R {
        let result: Result<R, E> = LogContext.$current.withValue(self) {
            do throws(E) { return .success(try body()) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Runs `body` within this context.
    package func runAsync<R, E: Error>(_ body: () async throws(E) -> R) async throws(E) -> R {
        let result: Result<R, E> = await LogContext.$current.withValue(self) {
            do throws(E) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try result.get()
    }
}

/// Adds fields to every event inside `body`, whichever logger makes it.
///
/// The scope is the task's: it reaches child tasks and what they call, not other threads. Inner scopes win over outer
/// ones, a logger's own fields over scopes, a call's over all. The fields are encoded once, here; while no scope was ever
/// opened in the process, events pay nothing for this.
///
/// ```swift
/// withLogContext(["requestID": id]) { handle(request) }
/// ```
public func withLogContext<R, E: Error>(
    _ fields: KeyValuePairs<String, any LogValue>,
    _ body: () throws(E) -> R
) throws(E) -> R {
    let (context, recording) = LogContext.opening(fields)
    defer { recording?.tape.end() }
    return try context.run(body)
}

/// Adds fields to every event inside `body`, whichever logger makes it, across its suspensions.
///
/// The scope is the task's: it reaches child tasks and what they call. Inner scopes win over outer ones, a logger's own
/// fields over scopes, a call's over all.
public func withLogContext<R, E: Error>(
    _ fields: KeyValuePairs<String, any LogValue>,
    _ body: () async throws(E) -> R
) async throws(E) -> R {
    let (context, recording) = LogContext.opening(fields)
    defer { recording?.tape.end() }
    return try await context.runAsync(body)
}
