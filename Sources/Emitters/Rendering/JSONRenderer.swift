internal import TxaioLog

/// Renders events as JSON, one object a line: valid for any input, with typed values.
///
/// What every event shares is encoded once, when the renderer is made.
internal final class JSONRenderer: Sendable {
    private let time: InjectedKey?
    private let level: InjectedKey?
    private let namespace: InjectedKey?
    private let message: InjectedKey?
    private let format: InjectedKey?
    private let sequence: InjectedKey?
    private let cut: InjectedKey?
    private let recovered: InjectedKey?
    private let repeated: InjectedKey?
    private let isEpoch: Bool

    internal init(_ format: JSONFormat) {
        var taken: Set<String> = []
        func key(_ name: String?) -> InjectedKey? {
            guard var name else { return nil }
            while !taken.insert(name).inserted { name = "data_" + name }
            return InjectedKey(name)
        }
        time = key(format.keys.time)
        level = key(format.keys.level)
        namespace = key(format.keys.namespace)
        message = key(format.keys.message)
        self.format = key(format.keys.format)
        sequence = key(format.keys.sequence)
        cut = key(format.keys.cut)
        recovered = key(format.keys.recovered)
        repeated = key(format.keys.repeated)
        isEpoch = format.time == .epoch
    }

    /// Appends the event's line, with its line feed.
    internal func render(_ event: borrowing LogEvent, with state: inout RenderWorkspace) {
        if let plan = state.plan(of: event, orMake: { makePlan($0, with: &$1) }) {
            state.append(event, by: plan, for: .json)
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
        state.keys.removeAll()
        if let time {
            time.open(with: &state.keys, to: &plan.bytes)
            if isEpoch {
                plan.fill(.epochTime)
            } else {
                plan.bytes.append(0x22)
                plan.fill(.time)
                plan.bytes.append(0x22)
            }
        }
        if let level {
            level.open(with: &state.keys, to: &plan.bytes)
            plan.bytes.append(0x22)
            plan.bytes.append(event.level.name)
            plan.bytes.append(0x22)
        }
        if let namespace {
            namespace.open(with: &state.keys, to: &plan.bytes)
            JSONValue.append(event.namespace, to: &plan.bytes)
        }
        var isPlain = true
        if let message {
            message.open(with: &state.keys, to: &plan.bytes)
            plan.bytes.append(0x22)
            isPlain = plan.message(event.plainParts(), of: state.shape, for: .json, after: "")
            plan.bytes.append(0x22)
        }
        if let format, let template = event.template {
            format.open(with: &state.keys, to: &plan.bytes)
            JSONValue.append(template, to: &plan.bytes)
        }
        if let sequence {
            sequence.open(with: &state.keys, to: &plan.bytes)
            plan.bytes.append(0x22)
            plan.bytes.append(hex: event.startID, width: 16)
            plan.bytes.append(0x2D)
            plan.fill(.thread)
            plan.bytes.append(0x2D)
            plan.fill(.number)
            plan.bytes.append(0x22)
        }
        cut?.reserve(in: &state.keys)
        for index in 0..<state.shape.count where !state.shape.isHidden(index) {
            let name = state.shape.names[index].bytes
            var prefixes = 0
            while !state.keys.insert(name, prefixes: prefixes) {
                prefixes += 1
                if prefixes > 16 { return nil }
            }
            plan.bytes.append(plan.bytes.count == 0 ? 0x7B : 0x2C, 0x22)
            for _ in 0..<prefixes { plan.bytes.append("data_") }
            ControlEscaper.append(name, for: .quoted, to: &plan.bytes)
            plan.bytes.append(0x22, 0x3A)
            plan.fill(.value, index)
        }
        if plan.bytes.count == 0 { plan.bytes.append(0x7B) }
        plan.bytes.append(0x7D, 0x0A)
        guard let made = plan.finish(for: state.shape, of: event.startID, hasWholeMessage: !isPlain) else { return nil }
        return state.plans.keep(made, for: state.shape)
    }

    /// Without a plan: an event whose names were made at run time, or that says something of itself.
    private func renderFreely(_ event: borrowing LogEvent, with state: inout RenderWorkspace) {
        state.keys.removeAll()
        // The object's brace takes the place of the first comma.
        let start = state.line.count
        renderInjected(event, with: &state)
        cut?.reserve(in: &state.keys)
        if event.isRecovered {
            recovered?.reserve(in: &state.keys)
            repeated?.reserve(in: &state.keys)
        }
        var isCut = event.isCut
        var reader = event.fields.reader
        while let field = reader.nextField() {
            if !render(field, with: &state) { isCut = true }
        }
        mark(isCut, cut, &state)
        mark(event.isRecovered, recovered, &state)
        mark(event.mayBeRepeated, repeated, &state)
        if state.line.count == start { state.line.append(0x2C) }
        state.line.replace(at: start, with: 0x7B)
        state.line.append(0x7D, 0x0A)
    }

    /// A key that is there only where it is true.
    private func mark(_ isSet: Bool, _ key: InjectedKey?, _ state: inout RenderWorkspace) {
        guard isSet, let key else { return }
        key.append(to: &state.line)
        state.line.append("true")
    }

    private func renderInjected(_ event: borrowing LogEvent, with state: inout RenderWorkspace) {
        if let time {
            time.open(with: &state)
            if isEpoch {
                Timestamp.appendEpoch(event.time, to: &state.line)
            } else {
                state.line.append(0x22)
                state.timestamp.append(event.time, to: &state.line)
                state.line.append(0x22)
            }
        }
        if let level {
            level.open(with: &state)
            state.line.append(0x22)
            state.line.append(event.level.name)
            state.line.append(0x22)
        }
        if let namespace {
            namespace.open(with: &state)
            JSONValue.append(event.namespace, to: &state.line)
        }
        if let message {
            message.open(with: &state)
            event.withMessage { JSONValue.append($0, to: &state.line) }
        }
        if let format {
            format.reserve(in: &state.keys)
            if !event.isText, let template = event.template {
                format.append(to: &state.line)
                JSONValue.append(template, to: &state.line)
            }
        }
        if let sequence {
            sequence.open(with: &state)
            state.line.append(0x22)
            state.line.append(hex: event.startID, width: 16)
            state.line.append(0x2D)
            state.line.append(decimal: UInt64(event.threadNumber))
            state.line.append(0x2D)
            state.line.append(decimal: event.sequence)
            state.line.append(0x22)
        }
    }

    /// Appends a field under the first key that is free; false where there is none.
    private func render(_ field: RecordField, with state: inout RenderWorkspace) -> Bool {
        var prefixes = 0
        while !state.keys.insert(field.name, prefixes: prefixes) {
            prefixes += 1
            if prefixes > 16 { return false }
        }
        state.line.append(0x2C, 0x22)
        for _ in 0..<prefixes { state.line.append("data_") }
        ControlEscaper.append(field.name, for: .quoted, to: &state.line)
        state.line.append(0x22, 0x3A)
        JSONValue.append(field.value, to: &state.line)
        return true
    }
}

/// A key that every event has, encoded: `,"log_time":`.
private struct InjectedKey: Sendable {
    private let name: [UInt8]
    private let encoded: [UInt8]

    init(_ name: String) {
        self.name = Array(name.utf8)
        var buffer = ByteBuffer(capacity: 64)
        buffer.append(0x2C)
        self.name.withUnsafeBytes { JSONValue.append($0, to: &buffer) }
        buffer.append(0x3A)
        encoded = buffer.withBytes { Array($0) }
    }

    /// Takes the key, so that no field gets it.
    func reserve(in keys: inout KeyTable) {
        // The name outlives the event's table: it belongs to the renderer.
        _ = name.withUnsafeBytes { keys.insert($0, prefixes: 0) }
    }

    func append(to line: inout ByteBuffer) { encoded.withUnsafeBytes { line.append($0) } }

    /// The same at the front of an object, if nothing is there yet.
    func open(with keys: inout KeyTable, to line: inout ByteBuffer) {
        reserve(in: &keys)
        line.append(line.count == 0 ? 0x7B : 0x2C)
        encoded.withUnsafeBytes { line.append(UnsafeRawBufferPointer(rebasing: $0[1...])) }
    }

    func open(with state: inout RenderWorkspace) {
        reserve(in: &state.keys)
        append(to: &state.line)
    }
}
