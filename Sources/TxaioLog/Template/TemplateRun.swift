/// One filling-in of a template.
internal struct TemplateRun {
    internal let storage: UnsafePointer<TemplateStorage>
    private let fields: EventFields
    private let injecting: Bool
    /// The length of the buffer behind which nothing more is appended.
    internal let limit: Int

    // Fields mostly come in the order in which the template names them. While the hint holds, all fields before it bear
    // names that the template used before: a name's first use that matches the field at the hint is its first field.
    private var hint: RecordReader
    private var holds = true

    internal init(_ storage: UnsafePointer<TemplateStorage>, _ fields: EventFields, injecting: Bool, limit: Int) {
        self.storage = storage
        self.fields = fields
        self.injecting = injecting
        self.limit = limit
        hint = fields.reader
    }

    private var source: UnsafeRawBufferPointer { storage.pointee.source }

    internal mutating func append(
        _ pieces: UnsafeBufferPointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        guard let base = pieces.baseAddress else { return }
        for index in 0..<pieces.count {
            let piece = base + index
            switch piece.pointee.kind {
            case .literal: buffer.append(source.part(piece.pointee.start, piece.pointee.end))
            case .field: try append(piece, to: &buffer)
            case .fault: throw storage.pointee.error(piece.pointee.fault, piece.pointee)
            }
            if buffer.count > limit { return }
        }
    }

    private mutating func append(
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        var value = try first(piece)
        for index in 0..<piece.pointee.stepCount {
            value = try part(of: value, storage.pointee.steps[piece.pointee.firstStep + index], piece)
        }
        let conversion = piece.pointee.conversion
        if conversion != 0 || piece.pointee.expands { return try appendSlowly(value, piece, to: &buffer) }
        if piece.pointee.spec.isEmpty {
            guard PythonText.append(value, to: &buffer, limit: limit) else { throw unprintable(value, piece) }
        } else {
            let spec = piece.pointee.spec
            try append(value, spec, nil, piece, to: &buffer)
        }
    }

    /// A field with a conversion, or whose specification has fields.
    private mutating func appendSlowly(
        _ value: RecordValue,
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        let conversion = piece.pointee.conversion
        if piece.pointee.fault != .none { throw storage.pointee.error(piece.pointee.fault, piece.pointee) }
        let start = buffer.count
        if conversion != 0 {
            let hasText =
                switch conversion {
                case "s": PythonText.append(value, to: &buffer, limit: limit)
                case "r": PythonText.append(representing: value, to: &buffer, ascii: false, limit: limit)
                default: PythonText.append(representing: value, to: &buffer, ascii: true, limit: limit)
                }
            guard hasText else { throw unprintable(value, piece) }
        }
        var spec = piece.pointee.spec
        var text: String?
        if piece.pointee.expands {
            (spec, text) = try expanded(piece, to: &buffer)
        }
        if conversion == 0 {
            if spec.isEmpty {
                guard PythonText.append(value, to: &buffer, limit: limit) else { throw unprintable(value, piece) }
            } else {
                try append(value, spec, text, piece, to: &buffer)
            }
        } else if !spec.isEmpty {
            // The text is in place already.
            let resolved = try resolve(spec, type: "s", alignment: 0x3C, typeName: "str", text, piece)
            try checkText(resolved, typeName: "str", piece)
            buffer.arrange(textFrom: start, resolved)
        }
    }

    /// Fills in a specification's own fields.
    ///
    /// What it was is needed as a text only where it is malformed.
    private mutating func expanded(
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) -> (FormatSpecification, String?) {
        if piece.pointee.isTooDeep { throw storage.pointee.error(.tooDeep, piece.pointee) }
        let start = buffer.count
        let first = piece.pointee.firstNested
        let nested = storage.pointee.nested
        try append(UnsafeBufferPointer(rebasing: nested[first..<(first + piece.pointee.nestedCount)]), to: &buffer)
        defer { buffer.truncate(to: start) }
        return buffer.withBytes { bytes in
            let bytes = bytes.part(start, bytes.count)
            let spec = FormatSpecification(parsing: bytes)
            guard spec.fault == .malformed else { return (spec, nil) }
            return (spec, String(decoding: bytes.part(0, clip(bytes, to: 4096)), as: UTF8.self))
        }
    }

    // ------------------------------------------------------------------------------------------------ arguments

    /// The value that a field's name stands for.
    private mutating func first(_ piece: UnsafePointer<TemplatePiece>) throws(TemplateError) -> RecordValue {
        switch piece.pointee.first {
        case .name: break
        case .number:
            let number = piece.pointee.number
            throw error(.index, "Replacement index \(number) out of range for positional args tuple", piece.pointee)
        case .fault: throw storage.pointee.error(.tooManyDigits, piece.pointee)
        }
        let name = source.part(piece.pointee.start, piece.pointee.end)
        guard let value = value(named: name, piece) else {
            throw error(.key, quoted(name), piece.pointee)
        }
        return value
    }

    @inline(__always)
    private mutating func value(
        named name: UnsafeRawBufferPointer,
        _ piece: UnsafePointer<TemplatePiece>
    ) -> RecordValue? {
        if piece.pointee.mayBeInjected, injecting { return fields.value(named: name) }
        if holds, piece.pointee.isFirstUse {
            var reader = hint
            if let field = reader.nextField(), sameBytes(field.name, name) {
                hint = reader
                return field.value
            }
            holds = false
        }
        var reader = fields.reader
        while let field = reader.nextField() {
            if sameBytes(field.name, name) { return field.value }
        }
        return nil
    }

    // ------------------------------------------------------------------------------------------------ errors

    internal func error(_ code: TemplateError.Code, _ message: String, _ piece: TemplatePiece) -> TemplateError {
        TemplateError(
            code,
            message,
            at: piece.position,
            field: storage.pointee.text(piece.start, min(piece.pathEnd, piece.start + 256))
        )
    }

    private func unprintable(_ value: RecordValue, _ piece: UnsafePointer<TemplatePiece>) -> TemplateError {
        error(.value, "'\(PythonText.typeName(value))' object has no text", piece.pointee)
    }

    /// A key as Python shows it.
    internal func quoted(_ key: UnsafeRawBufferPointer) -> String {
        var buffer = ByteBuffer(capacity: 64)
        _ = PythonText.append(representing: .string(key), to: &buffer, ascii: false, limit: 4096)
        return buffer.string()
    }
}
