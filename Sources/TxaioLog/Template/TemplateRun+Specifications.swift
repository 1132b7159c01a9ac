// A value under a specification that is not empty: CPython's `__format__` of each type, with its checks in its order.

extension TemplateRun {
    /// - Parameter text: The specification, where it is not the one in the template.
    internal func append(
        _ value: RecordValue,
        _ spec: FormatSpecification,
        _ text: String?,
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        switch value {
        case .string(let bytes):
            let spec = try resolve(spec, type: "s", alignment: 0x3C, typeName: "str", text, piece)
            try checkText(spec, typeName: "str", piece)
            let start = buffer.count
            buffer.append(bytes)
            buffer.arrange(textFrom: start, spec)
        case .bytes(let bytes):
            let spec = try resolve(spec, type: "s", alignment: 0x3C, typeName: "str", text, piece)
            try checkText(spec, typeName: "str", piece)
            let start = buffer.count
            PythonText.append(repaired: bytes, to: &buffer)
            buffer.arrange(textFrom: start, spec)
        case .int(let number):
            try append(UInt128(number.magnitude), number < 0, Double(number), "int", spec, text, piece, to: &buffer)
        case .uint(let number):
            try append(UInt128(number), false, Double(number), "int", spec, text, piece, to: &buffer)
        case .wideInt(let number):
            try append(number.magnitude, number < 0, Double(number), "int", spec, text, piece, to: &buffer)
        case .wideUInt(let number):
            try append(number, false, Double(number), "int", spec, text, piece, to: &buffer)
        case .bool(let value):
            try append(value ? 1 : 0, false, value ? 1 : 0, "bool", spec, text, piece, to: &buffer)
        case .double(let number): try append(number, spec, text, piece, to: &buffer)
        case .float(let number): try append(Double(number), spec, text, piece, to: &buffer)
        case .duration(let span): try append(PythonText.seconds(span), spec, text, piece, to: &buffer)
        case .null, .array, .dictionary, .object:
            let message = "unsupported format string passed to \(PythonText.typeName(value)).__format__"
            throw error(.type, message, piece.pointee)
        }
    }

    /// The specification with a type's defaults, if it is well formed.
    internal func resolve(
        _ spec: FormatSpecification,
        type: Unicode.Scalar,
        alignment: UInt8,
        typeName: String,
        _ text: String?,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) -> FormatSpecification {
        let resolved = spec.resolved(type: type.value, alignment: alignment)
        if resolved.fault == .none, resolved.separatorSuitsType { return resolved }
        let message =
            switch resolved.fault {
            case .none:
                "Cannot specify '\(printable(UInt32(resolved.separator)))' with '\(printable(resolved.type))'."
            case .tooManyDigits: "Too many decimal digits in format string"
            case .tooWide: "width \(resolved.width) is more than \(FormatSpecification.maximumWidth)"
            case .commaAndUnderscore: "Cannot specify both ',' and '_'."
            case .missingPrecision: "Format specifier missing precision"
            case .malformed:
                "Invalid format specifier '\(text ?? written(piece))' for object of type '\(typeName)'"
            }
        throw error(.value, message, piece.pointee)
    }

    private func written(_ piece: UnsafePointer<TemplatePiece>) -> String {
        storage.pointee.text(piece.pointee.specStart, piece.pointee.specEnd)
    }

    private func unknownType(
        _ spec: FormatSpecification,
        _ typeName: String,
        _ piece: UnsafePointer<TemplatePiece>
    ) -> TemplateError {
        let message = "Unknown format code '\(printable(spec.type))' for object of type '\(typeName)'"
        return error(.value, message, piece.pointee)
    }

    /// Refuses what makes no sense for a text.
    internal func checkText(
        _ spec: FormatSpecification,
        typeName: String,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) {
        let message: String
        if spec.type != 0x73 {
            throw unknownType(spec, typeName, piece)
        } else if spec.sign == 0x20 {
            message = "Space not allowed in string format specifier"
        } else if spec.sign != 0 {
            message = "Sign not allowed in string format specifier"
        } else if spec.coercesNegativeZero {
            message = "Negative zero coercion (z) not allowed in string format specifier"
        } else if spec.isAlternate {
            message = "Alternate form (#) not allowed in string format specifier"
        } else if spec.alignment == 0x3D {
            message = "'=' alignment not allowed in string format specifier"
        } else {
            return
        }
        throw error(.value, message, piece.pointee)
    }

    private func append(
        _ number: Double,
        _ spec: FormatSpecification,
        _ text: String?,
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        let spec = try resolve(spec, type: "\0", alignment: 0x3E, typeName: "float", text, piece)
        switch spec.type {
        case 0, "e", "E", "f", "F", "g", "G", "n", "%": break
        default: throw unknownType(spec, "float", piece)
        }
        if spec.precision > FormatSpecification.maximumPrecision {
            throw error(.value, "precision too big", piece.pointee)
        }
        buffer.append(number, spec)
    }

    private func append(
        _ magnitude: UInt128,
        _ isNegative: Bool,
        _ number: Double,
        _ typeName: String,
        _ spec: FormatSpecification,
        _ text: String?,
        _ piece: UnsafePointer<TemplatePiece>,
        to buffer: inout ByteBuffer
    ) throws(TemplateError) {
        let spec = try resolve(spec, type: "d", alignment: 0x3E, typeName: typeName, text, piece)
        switch spec.type {
        case "b", "c", "d", "o", "x", "X", "n": break
        case "e", "E", "f", "F", "g", "G", "%":
            if spec.precision > FormatSpecification.maximumPrecision {
                throw error(.value, "precision too big", piece.pointee)
            }
            return buffer.append(number, spec)
        default: throw unknownType(spec, typeName, piece)
        }
        if spec.precision != -1 {
            throw error(.value, "Precision not allowed in integer format specifier", piece.pointee)
        }
        if spec.coercesNegativeZero {
            let message = "Negative zero coercion (z) not allowed in integer format specifier"
            throw error(.value, message, piece.pointee)
        }
        if spec.type == 0x63 {
            let scalar = try character(magnitude, isNegative, spec, piece)
            let start = buffer.count
            buffer.append(scalar, count: 1)
            return buffer.arrange(numberFrom: start, head: 0, digits: 0, rest: 1, spec)
        }
        buffer.append(magnitude, isNegative: isNegative, spec)
    }

    /// The scalar that an integer of type `c` stands for.
    private func character(
        _ magnitude: UInt128,
        _ isNegative: Bool,
        _ spec: FormatSpecification,
        _ piece: UnsafePointer<TemplatePiece>
    ) throws(TemplateError) -> UInt32 {
        if spec.sign != 0 {
            throw error(.value, "Sign not allowed with integer format specifier 'c'", piece.pointee)
        }
        if spec.isAlternate {
            throw error(.value, "Alternate form (#) not allowed with integer format specifier 'c'", piece.pointee)
        }
        if magnitude > UInt128(Int64.max) + (isNegative ? 1 : 0) {
            throw error(.value, "Python int too large to convert to C long", piece.pointee)
        }
        guard !isNegative || magnitude == 0, magnitude <= 0x10FFFF else {
            throw error(.value, "%c arg not in range(0x110000)", piece.pointee)
        }
        guard let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: magnitude)) else {
            throw error(.value, "%c arg is a surrogate, which is no character", piece.pointee)
        }
        return scalar.value
    }
}
