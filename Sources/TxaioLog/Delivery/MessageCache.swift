/// Keeps an event's rendered message while the emitters take it, one after the other, on one thread.
internal final class MessageCache {
    private var buffer = ByteBuffer(capacity: 512)
    private var isRendered = false
    /// Whether the emitter at work may keep the event until its batch ends.
    internal var isBatched = false

    /// A new event follows.
    internal func reset() { isRendered = false }

    internal func withMessage<R, E: Error>(
        of event: borrowing LogEvent,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        if !isRendered {
            buffer.removeAll()
            event.renderMessage(into: &buffer)
            isRendered = true
        }
        return try buffer.withBytes(body)
    }
}

extension LogEvent {
    /// Renders the message: the template with its values, or the text as it is, or the fields where there is neither.
    internal borrowing func renderMessage(into buffer: inout ByteBuffer) {
        if flags & RecordFlag.bare != 0 {
            TemplateRenderer.renderBare(fields, into: &buffer)
        } else if isText {
            buffer.append(fields.template)
        } else {
            TemplateCache.shared.template(
                fields.template,
                isLiteral: fields.isLiteral,
                traversal: flags & RecordFlag.runtime == 0
            ).render(fields, into: &buffer)
        }
    }
}
