/// Splits a template into pieces, step for step as CPython's `MarkupIterator_next` and `parse_field` do.
///
/// A fault ends the run of pieces that it lies in: formatting reports it when it gets there.
internal struct TemplateParser {
    private let source: UnsafeRawBufferPointer
    internal var pieces: [TemplatePiece] = []
    internal var nested: [TemplatePiece] = []
    internal var steps: [TemplateStep] = []
    /// Ranges of the names seen so far, for telling a name's first use.
    ///
    /// Only so many are looked at.
    private var names: [Range<Int>] = []
    private static let comparedNames = 32

    internal init(_ source: UnsafeRawBufferPointer) { self.source = source }

    internal mutating func parse() { pieces = run(0, source.count, depth: 2) }

    private mutating func run(_ start: Int, _ end: Int, depth: Int) -> [TemplatePiece] {
        var pieces: [TemplatePiece] = []
        var at = start
        while at < end {
            let begin = at
            while at < end, source[at] != 0x7B, source[at] != 0x7D { at += 1 }
            if at == end {
                pieces.append(TemplatePiece(kind: .literal, start: begin, end: at, position: begin))
                break
            }
            let brace = source[at]
            let isDoubled = at + 1 < end && source[at + 1] == brace
            if isDoubled {
                pieces.append(TemplatePiece(kind: .literal, start: begin, end: at + 1, position: begin))
                at += 2
                continue
            }
            if at > begin { pieces.append(TemplatePiece(kind: .literal, start: begin, end: at, position: begin)) }
            if brace == 0x7D || at + 1 == end {
                pieces.append(fault(brace == 0x7D ? .singleClosingBrace : .singleOpeningBrace, at))
                break
            }
            at += 1
            let piece = field(&at, end, depth: depth)
            pieces.append(piece)
            if piece.kind == .fault { break }
        }
        return pieces
    }

    private func fault(_ fault: TemplateFault, _ position: Int) -> TemplatePiece {
        TemplatePiece(kind: .fault, fault: fault, start: position, end: position, position: position)
    }

    /// Parses a field; `at` is behind its opening brace, and ends behind the closing one.
    private mutating func field(_ at: inout Int, _ end: Int, depth: Int) -> TemplatePiece {
        let start = at
        var last: UInt8 = 0
        search: while at < end {
            last = source[at]
            at += 1
            switch last {
            case 0x7B: return fault(.openingBraceInName, at - 1)
            case 0x5B: while at < end, source[at] != 0x5D { at += 1 }
            case 0x7D, 0x3A, 0x21: break search
            default: break
            }
        }
        guard last == 0x7D || last == 0x3A || last == 0x21 else { return fault(.openField, end) }
        var piece = TemplatePiece(kind: .field, start: start, end: at - 1, position: start - 1)
        piece.pathEnd = at - 1
        var ends = last == 0x7D
        if last == 0x21 {
            if at >= end { return fault(.endInConversion, end) }
            piece.conversion = source.scalar(at: &at)
            if at < end {
                let next = source[at]
                if next == 0x7D {
                    ends = true
                } else if next != 0x3A {
                    return fault(.noColonAfterConversion, at)
                }
                at += 1
            }
        }
        if !ends {
            piece.specStart = at
            var open = 1
            while at < end, open > 0 {
                if source[at] == 0x7B {
                    piece.expands = true
                    open += 1
                } else if source[at] == 0x7D {
                    open -= 1
                }
                at += 1
            }
            if open > 0 { return fault(.openSpecification, end) }
            piece.specEnd = at - 1
        }
        path(&piece)
        specification(&piece, depth: depth)
        return piece
    }

    private mutating func specification(_ piece: inout TemplatePiece, depth: Int) {
        switch piece.conversion {
        case 0, "r", "s", "a": break
        // Reported once the field's value is found, like all that follows.
        default: piece.fault = .unknownConversion
        }
        if !piece.expands {
            piece.spec = FormatSpecification(parsing: source.part(piece.specStart, piece.specEnd))
        } else if depth <= 1 {
            piece.isTooDeep = true
        } else {
            let inner = run(piece.specStart, piece.specEnd, depth: depth - 1)
            piece.firstNested = nested.count
            piece.nestedCount = inner.count
            nested.append(contentsOf: inner)
        }
    }

    /// Parses the field's name and the steps after it.
    private mutating func path(_ piece: inout TemplatePiece) {
        let end = piece.pathEnd
        var at = piece.start
        while at < end, source[at] != 0x5B, source[at] != 0x2E { at += 1 }
        piece.end = at
        let (number, isTooLong) = number(piece.start, at)
        if isTooLong {
            piece.first = .fault
        } else if at == piece.start || number != nil {
            piece.first = .number
            piece.number = number ?? 0
        } else {
            noteUse(&piece)
        }
        piece.firstStep = steps.count
        while at < end {
            let step = step(&at, end)
            steps.append(step)
            if step.kind == .fault { break }
        }
        piece.stepCount = steps.count - piece.firstStep
    }

    private func step(_ at: inout Int, _ end: Int) -> TemplateStep {
        func fault(_ fault: TemplateFault) -> TemplateStep {
            TemplateStep(kind: .fault, fault: fault, start: at, end: at, index: 0)
        }
        let opening = source[at]
        at += 1
        let start = at
        if opening == 0x2E {
            while at < end, source[at] != 0x5B, source[at] != 0x2E { at += 1 }
            if at == start { return fault(.emptyAttribute) }
            return TemplateStep(kind: .attribute, fault: .none, start: start, end: at, index: 0)
        }
        guard opening == 0x5B else { return fault(.textAfterBracket) }
        while at < end, source[at] != 0x5D { at += 1 }
        guard at < end else { return fault(.openBracket) }
        let stop = at
        at += 1
        let (number, isTooLong) = number(start, stop)
        if isTooLong { return fault(.tooManyDigits) }
        if stop == start { return fault(.emptyAttribute) }
        return TemplateStep(
            kind: number == nil ? .key : .index,
            fault: .none,
            start: start,
            end: stop,
            index: number ?? 0
        )
    }

    /// The number that a name is if all of it is decimal digits.
    private func number(_ start: Int, _ end: Int) -> (number: Int?, isTooLong: Bool) {
        let name = source.part(start, end)
        var at = 0
        guard let number = decimalNumber(name, &at) else { return (nil, true) }
        return (number.digits > 0 && at == name.count ? number.value : nil, false)
    }

    private mutating func noteUse(_ piece: inout TemplatePiece) {
        let name = source.part(piece.start, piece.end)
        piece.mayBeInjected = name.starts(with: UnsafeRawBufferPointer(literal: "log_"))
        guard names.count < Self.comparedNames else { return }
        piece.isFirstUse = !names.contains { sameBytes(source.part($0.lowerBound, $0.upperBound), name) }
        names.append(piece.start..<piece.end)
    }
}
