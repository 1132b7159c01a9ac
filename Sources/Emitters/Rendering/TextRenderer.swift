internal import TxaioLog

/// Renders events for people. One event, one line, always:
///
/// ```
/// 2026-11-22T21:38:54.123456Z INFO  MyService.Gateway  Got 'pong' in 3.2 ms.  requestID=f3a9 user="Ada Lovelace"
/// ```
///
/// Time, level in five columns, namespace, two spaces, message, two spaces, and in logfmt the fields that the template does
/// not name: what it names can be read in the message. Everything that came from outside goes through ``ControlEscaper``.
internal struct TextRenderer: Sendable {
    /// Whether terminal colours are written.
    internal let isColoured: Bool

    internal init(isColoured: Bool) { self.isColoured = isColoured }

    /// Appends the event's line, with its line feed.
    internal func render(_ event: borrowing LogEvent, with state: inout RenderWorkspace) {
        if let plan = state.plan(of: event, orMake: { makePlan($0, with: &$1) }) {
            state.append(event, by: plan, for: .text)
        } else {
            renderFreely(event, with: &state)
        }
    }

    /// Works out what all events of the shape that was read last have in common.
    @inline(never)
    private func makePlan(
        _ event: borrowing LogEvent,
        with state: inout RenderWorkspace
    ) -> UnsafePointer<LinePlan>? {
        var plan = LinePlanBuilder()
        style(.faint, &plan.bytes)
        plan.fill(.time)
        style(.plain, &plan.bytes)
        renderHead(event, to: &plan.bytes)
        let isPlain = plan.message(event.plainParts(), of: state.shape, for: .text, after: "  ")
        let names = TemplateNames(event.template)
        var separator: StaticString = "  "
        var place = 0
        for index in 0..<state.shape.count where !state.shape.isHidden(index) {
            defer { place += 1 }
            let name = state.shape.names[index].bytes
            if names.contain(name), !isHidden(name, at: place, in: event) { continue }
            plan.bytes.append(separator)
            separator = " "
            renderKey(name, to: &plan.bytes)
            plan.fill(.value, index)
        }
        plan.bytes.append(0x0A)
        guard let made = plan.finish(for: state.shape, of: event.startID, hasWholeMessage: !isPlain) else { return nil }
        return state.plans.keep(made, for: state.shape)
    }

    /// Without a plan: an event whose names were made at run time, or that says something of itself.
    private func renderFreely(_ event: borrowing LogEvent, with state: inout RenderWorkspace) {
        style(.faint, &state.line)
        state.timestamp.append(event.time, to: &state.line)
        style(.plain, &state.line)
        renderHead(event, to: &state.line)
        // An event without a template has no message but its fields, which follow.
        if event.template != nil {
            event.withMessage { message in
                if message.count > 0 { state.line.append("  ") }
                ControlEscaper.append(message, for: .message, to: &state.line)
            }
        }
        renderFields(of: event, with: &state)
        state.line.append(0x0A)
    }

    /// Level and namespace.
    private func renderHead(_ event: borrowing LogEvent, to line: inout ByteBuffer) {
        line.append(0x20)
        style(TextStyle(event.level), &line)
        line.append(event.level.columns)
        style(.plain, &line)
        if event.namespace.count > 0 {
            line.append(0x20)
            style(.cyan, &line)
            ControlEscaper.append(event.namespace, for: .message, to: &line)
            style(.plain, &line)
        }
    }

    private func renderFields(of event: borrowing LogEvent, with state: inout RenderWorkspace) {
        let names = TemplateNames(event.isText ? nil : event.template)
        var reader = event.fields.reader
        var separator: StaticString = "  "
        var index = 0
        while let field = reader.nextField() {
            defer { index += 1 }
            if names.contain(field.name), !isHidden(field.name, at: index, in: event) { continue }
            state.line.append(separator)
            separator = " "
            renderKey(field.name, to: &state.line)
            LogfmtValue.append(field.value, with: &state)
        }
        if event.isCut {
            state.line.append(separator)
            state.line.append("log_cut=true")
            separator = " "
        }
        if event.isRecovered {
            state.line.append(separator)
            state.line.append("log_recovered=true")
        }
        if event.mayBeRepeated { state.line.append(" log_maybe_repeated=true") }
    }

    private func renderKey(_ name: UnsafeRawBufferPointer, to line: inout ByteBuffer) {
        style(.faint, &line)
        if name.count == 0 { line.append("\"\"") }
        ControlEscaper.append(name, for: .key, to: &line)
        line.append(0x3D)
        style(.plain, &line)
    }

    /// Whether the template finds something else under the field's name: an injected value, or an earlier field.
    private func isHidden(_ name: UnsafeRawBufferPointer, at index: Int, in event: borrowing LogEvent) -> Bool {
        if TemplateNames.isInjected(name) { return true }
        var reader = event.fields.reader
        for _ in 0..<index {
            guard let earlier = reader.nextField() else { return false }
            if sameBytes(earlier.name, name) { return true }
        }
        return false
    }

    // ------------------------------------------------------------------------------------------------ colour

    @inline(__always)
    private func style(_ style: TextStyle, _ line: inout ByteBuffer) {
        if isColoured { line.append(style.code) }
    }
}
