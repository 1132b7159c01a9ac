internal import CTxaio
internal import TxaioLog

extension LinePlan {
    /// Larger records are not worth the room.
    internal static var largestRecord: Int { 16 << 10 }

    /// Appends an event's line.
    internal func append(_ event: borrowing LogEvent, with state: inout RenderWorkspace, for form: Form) {
        // Room for all that is copied as it is, and 64 bytes for each number. Whatever may need more makes its own room.
        let room = byteCount &+ state.shape.size &* uses &+ end &* 64
        var pen = Pen(at: state.line.tail(room), room: room)
        // In locals: the compiler cannot know that writing the line leaves the plan alone.
        let (steps, bytes, end) = (steps, bytes, end)
        let values = state.shape.values
        var at = 0
        var messageStart = 0
        while at < end {
            let step = steps[at]
            at &+= 1
            pen.place = txaio_put_fixed(pen.place, bytes + Int(step.start), Int(step.count))
            let value = values[Int(step.index)]
            var isDone = true
            // The commonest by themselves: see txaio_unknown.
            if Self.isCommon(step, .json) {
                fillJSON(value, step, &state, &pen)
            } else if Self.isCommon(step, .field) {
                fillField(value, step, &state, &pen)
            } else if Self.isCommon(step, .logfmt) {
                fillLogfmt(value, step, event, &state, &pen)
            } else if Self.isCommon(step, .quotedText) {
                isDone = fillText(value, step, for: .quoted, &state, &pen)
            } else if Self.isCommon(step, .nothing) {
                continue
            } else {
                switch step.filling {
                case .json, .field, .logfmt, .quotedText, .nothing: break
                case .message:
                    messageStart = state.line.count &+ pen.count
                    isDone = !hasWholeMessage
                case .plainText: isDone = fillText(value, step, for: .message, &state, &pen)
                case .time:
                    let time = event.time
                    if !state.timestamp.write(time, with: &pen) {
                        pen = pen.lifted(&state) { $0.timestamp.append(time, to: &$0.line) }
                    }
                case .rawText: isDone = fillRawText(value, step, &state, &pen)
                case .microseconds: pen.int(event.time / 1000)
                case .threadID: pen.int(Int64(event.threadID))
                case .thread: pen.int(Int64(event.threadNumber))
                case .number: pen.place = txaio_put_decimal(pen.place, event.sequence)
                case .epochTime, .sequence: fillSeldom(step, event, &state, &pen)
                }
            }
            guard !isDone else { continue }
            // The template is asked, for the message from its beginning.
            pen = pen.lifted(&state) { state in
                state.line.truncate(to: messageStart)
                event.withMessage { Self.append(message: $0, for: form, to: &state.line) }
            }
            at = messageEnd
        }
        state.line.advance(by: pen.count)
    }

    @inline(__always)
    private static func isCommon(_ step: Step, _ filling: Filling) -> Bool {
        txaio_unknown(UInt32(step.filling.rawValue)) == UInt32(filling.rawValue)
    }

    private static func append(message: UnsafeRawBufferPointer, for form: Form, to line: inout ByteBuffer) {
        switch form {
        case .json: ControlEscaper.append(message, for: .quoted, to: &line)
        case .text:
            if message.count > 0 { line.append("  ") }
            ControlEscaper.append(message, for: .message, to: &line)
        case .journal:
            line.append("MESSAGE")
            JournalValue.append(framed: message, to: &line)
        }
    }

    /// Writes where there is room enough, without looking at each byte whether there is.
    internal struct Pen {
        private let start: UnsafeMutableRawPointer
        private let room: Int
        /// Where the next byte goes.
        var place: UnsafeMutableRawPointer

        @inline(__always)
        init(at start: UnsafeMutableRawPointer, room: Int) {
            self.start = start
            self.room = room
            place = start
        }

        /// How many bytes it wrote that the line does not know of yet.
        @inline(__always)
        var count: Int { start.distance(to: place) }

        @inline(__always)
        mutating func byte(_ byte: UInt8) { place = txaio_put_byte(place, byte) }

        @inline(__always)
        mutating func int(_ number: Int64) {
            if number < 0 { byte(0x2D) }
            place = txaio_put_decimal(place, number.magnitude)
        }

        /// Bytes as they are.
        @inline(__always)
        mutating func copy(_ bytes: UnsafeRawBufferPointer) {
            guard let from = bytes.baseAddress else { return }
            place.copyMemory(from: from, byteCount: bytes.count)
            place += bytes.count
        }

        /// Lets others append to the line; the pen goes on behind, with room as before.
        @inline(never)
        func lifted(_ state: inout RenderWorkspace, _ body: (inout RenderWorkspace) -> Void) -> Pen {
            state.line.advance(by: count)
            body(&state)
            return Pen(at: state.line.tail(room), room: room)
        }

        /// A text; what is not clean is escaped by others.
        @inline(__always)
        mutating func text(
            _ text: UnsafeRawBufferPointer,
            for place: ControlEscaper.Place,
            _ state: inout RenderWorkspace
        ) {
            guard let from = text.baseAddress else { return }
            let clean = txaio_put_clean(self.place, from, text.count, place.code)
            self.place += clean
            if clean < text.count {
                let rest = UnsafeRawBufferPointer(rebasing: text[clean...])
                self = lifted(&state) { ControlEscaper.append(rest, for: place, to: &$0.line) }
            }
        }
    }

    @inline(__always)
    private func fillJSON(
        _ value: UnsafeRawPointer,
        _ step: Step,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) {
        if Self.isTag(value, RecordTag.string) {
            pen.byte(0x22)
            pen.text(Self.text(value), for: .quoted, &state)
            pen.byte(0x22)
            return
        }
        if Self.isTag(value, RecordTag.int) { return pen.int(value.loadUnaligned(fromByteOffset: 1, as: Int64.self)) }
        switch value.load(as: UInt8.self) {
        case RecordTag.double:
            let number = value.loadUnaligned(fromByteOffset: 1, as: Double.self)
            if let end = txaio_put_short_double(pen.place, number) {
                pen.place = end
                return
            }
            pen = pen.lifted(&state) { JSONValue.append(.double(number), to: &$0.line) }
        case RecordTag.yes: pen.place = txaio_put_fixed(pen.place, StaticString("true            ").utf8Start, 4)
        case RecordTag.no: pen.place = txaio_put_fixed(pen.place, StaticString("false           ").utf8Start, 5)
        default:
            let index = Int(step.index)
            pen = pen.lifted(&state) { JSONValue.append($0.shape.value(index), to: &$0.line) }
        }
    }

    /// A value within the message, as Python's `str` has it; `false` where it needs its template's whole care.
    @inline(__always)
    private func fillText(
        _ value: UnsafeRawPointer,
        _ step: Step,
        for place: ControlEscaper.Place,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) -> Bool {
        if Self.isTag(value, RecordTag.string) {
            pen.text(Self.text(value), for: place, &state)
            return true
        }
        if Self.isTag(value, RecordTag.int) {
            pen.int(value.loadUnaligned(fromByteOffset: 1, as: Int64.self))
            return true
        }
        switch value.load(as: UInt8.self) {
        case RecordTag.uint:
            pen.place = txaio_put_decimal(pen.place, value.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
        case RecordTag.yes: pen.place = txaio_put_fixed(pen.place, StaticString("True            ").utf8Start, 4)
        case RecordTag.no: pen.place = txaio_put_fixed(pen.place, StaticString("False           ").utf8Start, 5)
        case RecordTag.double:
            let number = value.loadUnaligned(fromByteOffset: 1, as: Double.self)
            if let end = txaio_put_short_double(pen.place, number) {
                pen.place = end
            } else {
                pen = pen.lifted(&state) { $0.line.append(python: number) }
            }
        default: return false
        }
        return true
    }

    @inline(__always)
    private func fillLogfmt(
        _ value: UnsafeRawPointer,
        _ step: Step,
        _ event: borrowing LogEvent,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) {
        if Self.isTag(value, RecordTag.string) {
            let text = Self.text(value)
            if text.count > 0, let from = text.baseAddress,
                txaio_put_clean(pen.place, from, text.count, ControlEscaper.Place.key.code) == text.count
            {
                pen.place += text.count
            } else {
                fillSeldom(step, event, &state, &pen)
            }
            return
        }
        if Self.isTag(value, RecordTag.int) { return pen.int(value.loadUnaligned(fromByteOffset: 1, as: Int64.self)) }
        switch value.load(as: UInt8.self) {
        case RecordTag.double, RecordTag.yes, RecordTag.no:
            // As in JSON, but for numbers that JSON lacks.
            if value.load(as: UInt8.self) == RecordTag.double,
                !value.loadUnaligned(fromByteOffset: 1, as: Double.self).isFinite
            {
                return fillSeldom(step, event, &state, &pen)
            }
            fillJSON(value, step, &state, &pen)
        default: fillSeldom(step, event, &state, &pen)
        }
    }

    /// The same in an entry of the journal, where nothing is escaped.
    @inline(__always)
    private func fillRawText(
        _ value: UnsafeRawPointer,
        _ step: Step,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) -> Bool {
        guard value.load(as: UInt8.self) == RecordTag.string else {
            return fillText(value, step, for: .message, &state, &pen)
        }
        let text = Self.text(value)
        if containsNewline(text) || text.count >= 1 << 14 { return false }
        pen.copy(text)
        return true
    }

    @inline(__always)
    private func fillField(
        _ value: UnsafeRawPointer,
        _ step: Step,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) {
        let tag = value.load(as: UInt8.self)
        if tag == RecordTag.string, !containsNewline(Self.text(value)) {
            pen.byte(0x3D)
            pen.copy(Self.text(value))
            pen.byte(0x0A)
        } else if tag == RecordTag.int {
            pen.byte(0x3D)
            pen.int(value.loadUnaligned(fromByteOffset: 1, as: Int64.self))
            pen.byte(0x0A)
        } else {
            let index = Int(step.index)
            pen = pen.lifted(&state) { JournalValue.append(framed: $0.shape.value(index), to: &$0.line) }
        }
    }

    @inline(__always)
    private static func isTag(_ value: UnsafeRawPointer, _ tag: UInt8) -> Bool {
        txaio_unknown(UInt32(value.load(as: UInt8.self))) == UInt32(tag)
    }

    @inline(__always)
    private static func text(_ value: UnsafeRawPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: value + 5, count: Int(value.loadUnaligned(fromByteOffset: 1, as: UInt32.self)))
    }

    @inline(never)
    private func fillSeldom(
        _ step: Step,
        _ event: borrowing LogEvent,
        _ state: inout RenderWorkspace,
        _ pen: inout Pen
    ) {
        let (time, thread, sequence) = (event.time, event.threadNumber, event.sequence)
        let start = event.startID
        pen = pen.lifted(&state) { state in
            switch step.filling {
            case .logfmt: LogfmtValue.append(state.shape.value(Int(step.index)), with: &state)
            case .epochTime: Timestamp.appendEpoch(time, to: &state.line)
            default:
                state.startID.append(start, to: &state.line)
                state.line.append(0x2D)
                state.line.append(decimal: UInt64(thread))
                state.line.append(0x2D)
                state.line.append(decimal: sequence)
            }
        }
    }
}

/// The text of a process's start id, which is the same in most events.
internal struct StartIDText {
    private var id: UInt64 = 0
    private var text = SIMD16<UInt8>(repeating: 0x30)

    /// Appends sixteen hexadecimal digits.
    @inline(__always)
    internal mutating func append(_ id: UInt64, to line: inout ByteBuffer) {
        if id != self.id {
            for digit in 0..<16 { text[digit] = hexDigit(UInt8(truncatingIfNeeded: id >> UInt64(60 - digit * 4)) & 15) }
            self.id = id
        }
        line.tail(16).storeBytes(of: text, as: SIMD16<UInt8>.self)
        line.advance(by: 16)
    }
}
