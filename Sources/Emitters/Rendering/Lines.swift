public import TxaioLog

/// Renders events as the lines of ``JSONEmitter``, for an emitter of your own that sends them elsewhere.
///
/// ```swift
/// func emit(_ event: borrowing LogEvent) -> Acceptance {
///     lines.withLine(of: event) { client.send($0) ? .handedOver : .dropped(.overflow) }
/// }
/// ```
///
/// Safe on any thread; allocates nothing once as many threads rendered at the same time as ever will.
public final class JSONLines: Sendable {
    private let renderer: JSONRenderer
    private let pool = RenderPool()

    /// Takes the keys and the form of the time.
    public init(_ format: JSONFormat = JSONFormat()) { renderer = JSONRenderer(format) }

    /// Lets `body` read the event's line, with its line feed.
    ///
    /// The pointer is valid only inside; no lock is held.
    public func withLine<R>(of event: borrowing LogEvent, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        pool.withWorkspace { workspace in
            renderer.render(event, with: &workspace)
            return workspace.line.withBytes(body)
        }
    }
}

/// Renders events as the lines of ``TextEmitter``, for an emitter of your own that sends them elsewhere.
///
/// Safe on any thread; allocates nothing once as many threads rendered at the same time as ever will.
public final class TextLines: Sendable {
    private let renderer: TextRenderer
    private let pool = RenderPool()

    /// Chooses whether lines are coloured.
    public init(isColoured: Bool = false) { renderer = TextRenderer(isColoured: isColoured) }

    /// Lets `body` read the event's line, with its line feed.
    ///
    /// The pointer is valid only inside; no lock is held.
    public func withLine<R>(of event: borrowing LogEvent, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        pool.withWorkspace { workspace in
            renderer.render(event, with: &workspace)
            return workspace.line.withBytes(body)
        }
    }
}
