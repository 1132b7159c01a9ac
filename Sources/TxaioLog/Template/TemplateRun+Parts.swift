// `.name` and `[item]`: a step reaches what the record holds, never into a live object.

extension TemplateRun {
    /// The part of a value that a step names.
    internal func part(
        of value: RecordValue,
        _ step: TemplateStep,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) -> RecordValue {
        if step.kind == .fault { throw storage.pointee.error(step.fault, piece.pointee) }
        guard storage.pointee.traversal else {
            throw error(.attribute, "templates made at run time reach no attributes and no items", piece.pointee)
        }
        let name = storage.pointee.source.part(step.start, step.end)
        switch (step.kind, value) {
        case (.attribute, .object(let object)):
            var reader = object.attributes
            while let field = reader.nextField() {
                if sameBytes(field.name, name) { return field.value }
            }
            fallthrough
        case (.attribute, _):
            let name = storage.pointee.text(step.start, step.end)
            let message = "'\(PythonText.typeName(value))' object has no attribute '\(name)'"
            throw error(.attribute, message, piece.pointee)
        case (_, .array(let array)): return try item(of: array, step, piece)
        case (_, .string(let bytes)), (_, .bytes(let bytes)): return try item(of: bytes, step, piece)
        case (_, .dictionary(let dictionary)):
            var reader = dictionary.keysAndValues
            while let key = reader.nextValue(), let value = reader.nextValue() {
                if step.kind == .index ? equals(key, step.index) : equals(key, name) { return value }
            }
            throw error(.key, step.kind == .index ? String(step.index) : quoted(name), piece.pointee)
        default:
            throw error(.type, "'\(PythonText.typeName(value))' object is not subscriptable", piece.pointee)
        }
    }

    private func item(
        of array: RecordArray,
        _ step: TemplateStep,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) -> RecordValue {
        guard step.kind == .index else {
            throw error(.type, "list indices must be integers or slices, not str", piece.pointee)
        }
        if step.index < array.count {
            var reader = array.values
            var index = 0
            while let value = reader.nextValue() {
                if index == step.index { return value }
                index += 1
            }
        }
        throw error(.index, "list index out of range", piece.pointee)
    }

    /// One scalar of a text.
    private func item(
        of bytes: UnsafeRawBufferPointer,
        _ step: TemplateStep,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) -> RecordValue {
        guard step.kind == .index else {
            throw error(.type, "string indices must be integers, not 'str'", piece.pointee)
        }
        var at = 0
        var index = 0
        while at < bytes.count {
            let start = at
            let scalar = bytes.scalar(at: &at)
            if index == step.index {
                // What was broken in raw bytes shows as the mark that it is repaired with.
                return .string(scalar == 0xFFFD ? UnsafeRawBufferPointer(literal: "\u{FFFD}") : bytes.part(start, at))
            }
            index += 1
        }
        throw error(.index, "string index out of range", piece.pointee)
    }

    private func equals(_ key: RecordValue, _ name: UnsafeRawBufferPointer) -> Bool {
        guard case .string(let bytes) = key else { return false }
        return sameBytes(bytes, name)
    }

    /// Whether a key equals a whole number, as Python compares numbers.
    private func equals(_ key: RecordValue, _ index: Int) -> Bool {
        switch key {
        case .int(let value): value == Int64(index)
        case .uint(let value): value == UInt64(clamping: index)
        case .wideInt(let value): value == Int128(index)
        case .wideUInt(let value): value == UInt128(clamping: index)
        case .bool(let value): (value ? 1 : 0) == index
        case .double(let value): Int(exactly: value) == index
        case .float(let value): Int(exactly: value) == index
        default: false
        }
    }
}
