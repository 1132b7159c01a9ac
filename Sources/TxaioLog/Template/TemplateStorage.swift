/// A step from a value to a part of it: `.name` or `[item]`.
internal struct TemplateStep {
    internal enum Kind: UInt8 { case attribute, index, key, fault }
    internal let kind: Kind
    internal let fault: TemplateFault
    /// The name or the key, in the template.
    internal let start: Int
    internal let end: Int
    internal let index: Int
}

/// A part of a template: text, a field, or the place where it is malformed.
internal struct TemplatePiece {
    internal enum Kind: UInt8 { case literal, field, fault }
    /// What the field's first part is: a name, or a number, for which there never is an argument.
    internal enum First: UInt8 { case name, number, fault }

    internal let kind: Kind
    internal var first = First.name
    internal var fault = TemplateFault.none
    /// The text, or the field's first part.
    internal var start: Int
    internal var end: Int
    /// Where errors point.
    internal var position: Int
    /// Where the field's path ends.
    internal var pathEnd = 0
    internal var number = 0
    internal var firstStep = 0
    internal var stepCount = 0
    /// 0, or the scalar after `!`.
    internal var conversion: UInt32 = 0
    /// Whether no earlier field of the template has this name.
    internal var isFirstUse = false
    /// Whether the name begins as those do that the logger injects.
    internal var mayBeInjected = false

    internal var spec = FormatSpecification.none
    internal var specStart = 0
    internal var specEnd = 0
    /// Whether the specification has fields of its own, which are the nested pieces from `firstNested` on.
    internal var expands = false
    internal var isTooDeep = false
    internal var firstNested = 0
    internal var nestedCount = 0
}

/// A parsed template in memory of its own.
///
/// It never changes once made.
internal struct TemplateStorage {
    internal let source: UnsafeRawBufferPointer
    internal let pieces: UnsafeBufferPointer<TemplatePiece>
    internal let nested: UnsafeBufferPointer<TemplatePiece>
    internal let steps: UnsafeBufferPointer<TemplateStep>
    /// Whether fields may reach attributes and items.
    internal let traversal: Bool
    internal let hash: UInt64
    private let ownsSource: Bool

    /// Parses a template.
    ///
    /// - Parameters:
    ///   - source: Copied, unless it is a literal.
    ///   - hash: Of the bytes, for the cache.
    internal static func make(
        _ source: UnsafeRawBufferPointer,
        isLiteral: Bool,
        traversal: Bool,
        hash: UInt64 = 0
    ) -> UnsafePointer<TemplateStorage> {
        var parser = TemplateParser(source)
        parser.parse()
        let storage = UnsafeMutablePointer<TemplateStorage>.allocate(capacity: 1)
        storage.initialize(
            to: TemplateStorage(
                source: isLiteral ? source : copy(source),
                pieces: copy(parser.pieces),
                nested: copy(parser.nested),
                steps: copy(parser.steps),
                traversal: traversal,
                hash: hash,
                ownsSource: !isLiteral
            )
        )
        return UnsafePointer(storage)
    }

    /// Gives the memory back.
    ///
    /// Nobody may use the template any more.
    internal static func free(_ storage: UnsafePointer<TemplateStorage>) {
        let parts = storage.pointee
        if parts.ownsSource { parts.source.deallocate() }
        parts.pieces.deallocate()
        parts.nested.deallocate()
        parts.steps.deallocate()
        storage.deallocate()
    }

    private static func copy(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyMemory(from: bytes)
        return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }

    private static func copy<T: BitwiseCopyable>(_ parts: [T]) -> UnsafeBufferPointer<T> {
        let copy = UnsafeMutableBufferPointer<T>.allocate(capacity: parts.count)
        _ = copy.initialize(from: parts)
        return UnsafeBufferPointer(copy)
    }

    /// What the parser found wrong first, if anything.
    internal var firstError: TemplateError? {
        for piece in pieces {
            if let error = error(in: piece) { return error }
            for index in 0..<piece.nestedCount {
                if let error = error(in: nested[piece.firstNested + index]) { return error }
            }
        }
        return nil
    }

    private func error(in piece: TemplatePiece) -> TemplateError? {
        if piece.fault != .none { return error(piece.fault, piece) }
        for index in 0..<piece.stepCount where steps[piece.firstStep + index].kind == .fault {
            return error(steps[piece.firstStep + index].fault, piece)
        }
        if piece.isTooDeep { return error(.tooDeep, piece) }
        return nil
    }

    internal func error(_ fault: TemplateFault, _ piece: TemplatePiece) -> TemplateError {
        TemplateError(
            fault.code,
            fault.message(conversion: piece.conversion),
            at: piece.position,
            field: piece.kind == .field ? text(piece.start, piece.pathEnd) : ""
        )
    }

    internal func text(_ start: Int, _ end: Int) -> String { String(decoding: source[start..<end], as: UTF8.self) }
}
