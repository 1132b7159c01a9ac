internal import CTxaio
internal import TxaioLog

// C writes what is common; a step that it leaves is written here, and it goes on with the next one.

extension RenderWorkspace {
    /// Appends an event's line by its plan, which was just found.
    @inline(__always)
    internal mutating func append(_ event: borrowing LogEvent, by plan: UnsafePointer<LinePlan>, for form: LineForm) {
        var lineEvent = txaio_line_event(
            record: event.record,
            values: UnsafePointer(shape.values),
            thread_id: event.threadID,
            thread: event.threadNumber,
            wants_whole_message: false,
            may_read_as_others: false
        )
        let start = line.count
        let place = tail(for: plan)
        let end = run(plan, &lineEvent, 0, place, form)
        line.advance(by: place.distance(to: end.place))
        if end.step < Int(plan.pointee.end) { finish(event, plan, form, &lineEvent, at: end.step, from: start) }
        hasTexts = lineEvent.may_read_as_others
    }

    /// Where the rest of a line goes, with room for all of it.
    @inline(__always)
    private mutating func tail(for plan: UnsafePointer<LinePlan>) -> UnsafeMutablePointer<UInt8> {
        let texts = Int(truncatingIfNeeded: shape.size) &* Int(plan.pointee.uses)
        return line.tail(Int(plan.pointee.room) &+ texts).assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    private mutating func run(
        _ plan: UnsafePointer<LinePlan>,
        _ event: inout txaio_line_event,
        _ step: Int,
        _ place: UnsafeMutablePointer<UInt8>,
        _ form: LineForm
    ) -> txaio_line_end {
        switch form {
        case .json: txaio_line_json(plan, &event, &timestamp.second, step, place)
        case .text: txaio_line_text(plan, &event, &timestamp.second, step, place)
        case .journal: txaio_line_journal(plan, &event, &timestamp.second, step, place)
        }
    }

    /// Writes the filling of a step, and the line's rest.
    @inline(never)
    private mutating func finish(
        _ event: borrowing LogEvent,
        _ plan: UnsafePointer<LinePlan>,
        _ form: LineForm,
        _ lineEvent: inout txaio_line_event,
        at first: Int,
        from start: Int
    ) {
        var step = first
        while step < Int(plan.pointee.end) {
            let next = write(plan.pointee.steps[step], event, form)
            if next == .wholeMessage {
                // From the line's beginning: where the message began is not known any more.
                lineEvent.wants_whole_message = true
                line.truncate(to: start)
                step = 0
            } else {
                step = next == .message ? Int(plan.pointee.message_end) : step + 1
            }
            let place = tail(for: plan)
            let end = run(plan, &lineEvent, step, place, form)
            line.advance(by: place.distance(to: end.place))
            step = end.step
        }
    }

    /// What was written in place of C.
    private enum Written {
        case filling
        /// The message, by its template.
        case message
        /// Nothing: the message is the template's affair.
        case wholeMessage
    }

    private mutating func write(_ step: txaio_line_step, _ event: borrowing LogEvent, _ form: LineForm) -> Written {
        switch LineFilling(rawValue: step.filling) {
        case .message:
            event.withMessage { append(message: $0, for: form) }
            return .message
        case .time: timestamp.append(event.time, to: &line)
        case .epochTime: Timestamp.appendEpoch(event.time, to: &line)
        case .value:
            let value = shape.value(Int(step.index))
            switch form {
            case .json: JSONValue.append(value, to: &line)
            case .text: LogfmtValue.append(value, with: &self)
            case .journal: JournalValue.append(framed: value, to: &line)
            }
        case .text: return write(text: shape.value(Int(step.index)), form) ? .filling : .wholeMessage
        // The others C writes itself.
        case .nothing, .microseconds, .threadID, .thread, .number, nil: break
        }
        return .filling
    }

    /// A value within the message, as Python's `str` has it; `false`, with nothing written, where it needs its template's
    /// whole care.
    private mutating func write(text value: RecordValue, _ form: LineForm) -> Bool {
        switch value {
        case .string(let text):
            if form == .journal { return false }
            ControlEscaper.append(text, for: form == .json ? .quoted : .message, to: &line)
        case .double(let number): line.append(python: number)
        default: return false
        }
        return true
    }

    private mutating func append(message: UnsafeRawBufferPointer, for form: LineForm) {
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
}
