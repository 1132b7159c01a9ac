/// A template that was parsed once, ready to be filled in.
///
/// Filling it in counts no references.
package struct CompiledTemplate: ~Copyable {
    /// A message is cut, with a mark, once it is longer than this.
    package static let maximumOutput = 1 << 20

    private let storage: UnsafePointer<TemplateStorage>
    /// Whether nobody else knows the storage: it ends with this value.
    private let isOwned: Bool

    internal init(_ storage: UnsafePointer<TemplateStorage>, isOwned: Bool) {
        self.storage = storage
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { TemplateStorage.free(storage) }
    }

    /// What the parser found wrong first, if anything.
    internal var firstError: TemplateError? { storage.pointee.firstError }

    /// Whether the cache keeps it, so that the next event finds it parsed.
    package var isKept: Bool { !isOwned }

    /// Where it lies: one address for as long as it is kept.
    package var identity: UnsafeRawPointer { UnsafeRawPointer(storage) }

    /// The template as written.
    internal var source: UnsafeRawBufferPointer { storage.pointee.source }

    /// A part of a template whose fields all are names, without conversion, specification or path.
    package enum PlainPart {
        /// Text as it is.
        case literal(UnsafeRawBufferPointer)
        /// The name of a field.
        case field(UnsafeRawBufferPointer)
    }

    /// The parts in their order; `nil` where one is more than a plain name, or one that the logger injects.
    package var plainParts: [PlainPart]? {
        var parts: [PlainPart] = []
        for piece in storage.pointee.pieces {
            let bytes = source.part(piece.start, piece.end)
            switch piece.kind {
            case .literal: parts.append(.literal(bytes))
            case .field:
                guard piece.first == .name, piece.stepCount == 0, piece.conversion == 0, !piece.expands,
                    piece.spec.isEmpty, piece.fault == .none, !piece.mayBeInjected
                else { return nil }
                parts.append(.field(bytes))
            case .fault: return nil
            }
        }
        return parts
    }

    /// Fills in the fields.
    ///
    /// Where that fails, nothing is appended.
    ///
    /// - Parameter injecting: Whether the names that the logger injects are found.
    internal borrowing func format(
        _ fields: EventFields,
        injecting: Bool = true,
        into buffer: inout ByteBuffer
    ) throws(TemplateError) {
        let start = buffer.count
        var run = TemplateRun(storage, fields, injecting: injecting, limit: start + Self.maximumOutput)
        do throws(TemplateError) {
            try run.append(storage.pointee.pieces, to: &buffer)
        } catch {
            buffer.truncate(to: start)
            throw error
        }
        if buffer.count > start + Self.maximumOutput { TemplateRenderer.cut(&buffer, to: start + Self.maximumOutput) }
    }

    /// Fills in the fields, or shows the template, what is wrong, and the fields.
    ///
    /// Never fails.
    internal borrowing func render(_ fields: EventFields, injecting: Bool = true, into buffer: inout ByteBuffer) {
        do throws(TemplateError) {
            try format(fields, injecting: injecting, into: &buffer)
        } catch {
            TemplateRenderer.renderFailure(storage.pointee.source, error, fields, into: &buffer)
        }
    }
}

/// What is shown where there is no template, or none that works.
internal enum TemplateRenderer {
    /// Shows a call's fields in their order: `name=value, ...`.
    internal static func renderBare(_ fields: EventFields, into buffer: inout ByteBuffer) {
        let limit = buffer.count + CompiledTemplate.maximumOutput
        var reader = fields.reader
        for index in 0..<fields.callCount {
            guard buffer.count < limit, let field = reader.nextField() else { break }
            if index > 0 { buffer.append(", ") }
            append(field, to: &buffer, limit: limit)
        }
        if buffer.count > limit { cut(&buffer, to: limit) }
    }

    /// Shows a template, what is wrong with it, and the call's fields in order of name:
    /// `Unable to format "TEMPLATE": ERROR {name=value, ...}`.
    internal static func renderFailure(
        _ template: UnsafeRawBufferPointer,
        _ error: TemplateError,
        _ fields: EventFields,
        into buffer: inout ByteBuffer
    ) {
        let limit = buffer.count + template.count + CompiledTemplate.maximumOutput
        buffer.append("Unable to format \"")
        buffer.append(template)
        buffer.append("\": ")
        buffer.append(error.description)
        buffer.append(" {")
        var named: [RecordField] = []
        var reader = fields.reader
        for _ in 0..<fields.callCount {
            guard let field = reader.nextField() else { break }
            named.append(field)
        }
        // By bytes, which for UTF-8 is by scalars; fields of one name stay in their order.
        let order = named.indices.sorted { lhs, rhs in
            if named[lhs].name.lexicographicallyPrecedes(named[rhs].name) { return true }
            return lhs < rhs && sameBytes(named[lhs].name, named[rhs].name)
        }
        for (place, index) in order.enumerated() where buffer.count < limit {
            if place > 0 { buffer.append(", ") }
            append(named[index], to: &buffer, limit: limit)
        }
        buffer.append(0x7D as UInt8)
        if buffer.count > limit { cut(&buffer, to: limit) }
    }

    /// One that has no text loses nothing but its own.
    private static func append(_ field: RecordField, to buffer: inout ByteBuffer, limit: Int) {
        buffer.append(field.name)
        buffer.append(0x3D as UInt8)
        let start = buffer.count
        if !PythonText.append(representing: field.value, to: &buffer, ascii: false, limit: limit) {
            buffer.truncate(to: start)
            buffer.append("<unprintable>")
        }
    }

    /// Cuts a text where a scalar begins, and says so in place.
    internal static func cut(_ buffer: inout ByteBuffer, to length: Int) {
        buffer.truncate(to: buffer.withBytes { clip($0, to: length) })
        buffer.append("... (cut)")
    }
}
