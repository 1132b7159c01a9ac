public import CTxaio

/// An event's rendered message, kept while the emitters take it, one after the other, on one thread.
///
/// Whoever lends the event holds the memory: a thread's slot, or a ``MessageCache``. It is a structure of C, as Swift ends
/// the process where a signal handler touches a property that the code it interrupted is about to change.
@usableFromInline
internal struct EventMessage {
    @usableFromInline internal let state: UnsafeMutablePointer<txaio_message>

    /// That of a thread's event at a depth of deliveries.
    internal init(of thread: UnsafeMutablePointer<txaio_thread>, depth: UInt32) {
        state = txaio_thread_message(thread, depth)
    }

    fileprivate init(_ state: UnsafeMutablePointer<txaio_message>) { self.state = state }

    /// Whether the emitter at work may keep the event until its batch ends.
    @inlinable
    internal var isBatched: Bool {
        get { state.pointee.is_batched }
        nonmutating set { state.pointee.is_batched = newValue }
    }

    /// A new event follows.
    internal func reset() { state.pointee.is_rendered = false }

    internal func withMessage<R, E: Error>(
        of event: borrowing LogEvent,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        let buffer = buffer
        if !state.pointee.is_rendered {
            buffer.pointee.removeAll()
            event.renderMessage(into: &buffer.pointee)
            state.pointee.is_rendered = true
        }
        return try buffer.pointee.withBytes(body)
    }

    private var buffer: UnsafeMutablePointer<ByteBuffer> {
        if let buffer = state.pointee.buffer { return buffer.assumingMemoryBound(to: ByteBuffer.self) }
        let buffer = UnsafeMutablePointer<ByteBuffer>.allocate(capacity: 1)
        buffer.initialize(to: ByteBuffer(capacity: 512))
        state.pointee.buffer = UnsafeMutableRawPointer(buffer)
        return buffer
    }

    /// Gives back what rendering took.
    internal func free() {
        guard let buffer = state.pointee.buffer else { return }
        state.pointee.buffer = nil
        buffer.assumingMemoryBound(to: ByteBuffer.self).deinitialize(count: 1)
        buffer.deallocate()
    }
}

/// A message's memory for whoever lends events of others' threads.
internal final class MessageCache {
    internal let message: EventMessage

    internal init() {
        let state = UnsafeMutablePointer<txaio_message>.allocate(capacity: 1)
        state.initialize(to: txaio_message())
        message = EventMessage(state)
    }

    deinit {
        message.free()
        message.state.deallocate()
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
