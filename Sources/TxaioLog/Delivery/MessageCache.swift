/// Keeps an event's rendered message while the emitters take it, one after the other, on one thread.
internal final class MessageCache {
    // Behind a pointer: one thread uses it, so nothing need be checked at each use.
    private let buffer: UnsafeMutablePointer<ByteBuffer>
    private var isRendered = false
    /// Whether the emitter at work may keep the event until its batch ends.
    internal var isBatched = false

    internal init() {
        buffer = .allocate(capacity: 1)
        buffer.initialize(to: ByteBuffer(capacity: 512))
    }

    deinit {
        buffer.deinitialize(count: 1)
        buffer.deallocate()
    }

    /// A new event follows.
    internal func reset() { isRendered = false }

    internal func withMessage<R, E: Error>(
        of event: borrowing LogEvent,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        if !isRendered {
            buffer.pointee.removeAll()
            event.renderMessage(into: &buffer.pointee)
            isRendered = true
        }
        return try buffer.pointee.withBytes(body)
    }
}

extension LogEvent {
    /// The parts of its template where that is a literal whose fields are plain names, else `nil`.
    package borrowing func plainParts() -> [CompiledTemplate.PlainPart]? {
        guard !isText, fields.isLiteral else { return nil }
        return TemplateCache.shared.template(fields.template, isLiteral: true, traversal: true).plainParts
    }

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
