internal import CTxaio
internal import TxaioLog

/// A line worked out in advance for one shape of event: the bytes that are the same in all of them, and what goes between.
///
/// It lies in memory of its own, as C reads it; a ``PlanTable`` frees it.
internal typealias LinePlan = txaio_line_plan

/// What follows a run of fixed bytes; the numbers are those of C.
internal enum LineFilling: UInt8 {
    case nothing = 0
    /// The message begins.
    case message = 1
    case time = 2
    case epochTime = 3
    /// The time, in microseconds since 1970.
    case microseconds = 4
    /// The thread's id, the thread's number, the event's number on the thread.
    case threadID = 5
    case thread = 6
    case number = 7
    /// A value by itself, in the form of the line: as JSON, in logfmt, or what follows the name of a field of the journal's.
    case value = 8
    /// A value within the message.
    case text = 9
}

/// What lines are of.
internal enum LineForm {
    case json
    case text
    case journal
}

/// Puts a plan together.
internal struct LinePlanBuilder: ~Copyable {
    private var fixed = ByteBuffer(capacity: 512)
    private var steps: [txaio_line_step] = []
    private var start = 0
    private var messageEnd = 0
    /// Once as a field, and as often as the message names it.
    private var uses = 1
    private var isPossible = true

    internal init() {}

    /// Fixed bytes, to be appended to.
    internal var bytes: ByteBuffer {
        _read { yield fixed }
        _modify { yield &fixed }
    }

    /// What goes behind the bytes appended so far.
    internal mutating func fill(_ filling: LineFilling, _ index: Int = 0) {
        let count = fixed.count - start
        guard count <= Int(UInt16.max), index <= Int(UInt8.max) else {
            isPossible = false
            return
        }
        steps.append(
            txaio_line_step(
                start: UInt32(truncatingIfNeeded: start),
                count: UInt16(count),
                index: UInt8(index),
                filling: filling.rawValue
            )
        )
        start = fixed.count
    }

    /// The message, behind what stands before one that is not empty.
    ///
    /// Answers whether its parts are worked out: all are plain, each has a field, and there is a text among them, so that
    /// it is not empty.
    internal mutating func message(
        _ parts: [CompiledTemplate.PlainPart]?,
        of shape: borrowing EventShape,
        for form: LineForm,
        after opening: StaticString,
        before end: StaticString = ""
    ) -> Bool {
        fill(.message)
        defer { messageEnd = steps.count }
        guard let parts else { return false }
        var indices: [Int] = []
        var hasText = false
        for part in parts {
            guard case .field(let name) = part else {
                if form == .journal, case .literal(let text) = part, containsNewline(text) { return false }
                hasText = true
                continue
            }
            guard let index = (0..<shape.count).first(where: { sameBytes(shape.names[$0].bytes, name) }) else {
                return false
            }
            indices.append(index)
        }
        // So many texts cannot exceed what a message may have.
        guard hasText, indices.count <= EventShape.limit else { return false }
        uses = 1 + (indices.map { index in indices.count { $0 == index } }.max() ?? 0)
        fixed.append(opening)
        var fields = indices.makeIterator()
        for part in parts {
            switch part {
            case .literal(let text):
                ControlEscaper.append(text, for: form == .json ? .quoted : .message, to: &fixed)
            case .field: fill(.text, fields.next() ?? 0)
            }
        }
        fixed.append(end)
        fill(.nothing)
        return true
    }

    /// Ends it; `nil` where a part is larger than a plan can say.
    internal consuming func finish(
        for shape: borrowing EventShape,
        of startID: UInt64,
        hasWholeMessage: Bool
    ) -> UnsafeMutablePointer<LinePlan>? {
        fill(.nothing)
        guard isPossible, steps.count <= Int(UInt16.max), fixed.count <= Int(Int32.max) / 2 else { return nil }
        let namesSize = shape.count * MemoryLayout<txaio_line_name>.stride
        let stepsSize = steps.count * MemoryLayout<txaio_line_step>.stride
        let headSize = MemoryLayout<LinePlan>.stride
        let bytesStart = headSize + namesSize + stepsSize
        let size = bytesStart + fixed.count + Int(TXAIO_LINE_PADDING)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let names = (memory + headSize).bindMemory(to: txaio_line_name.self, capacity: max(1, shape.count))
        for index in 0..<shape.count {
            let name = shape.names[index]
            (names + index).initialize(to: txaio_line_name(address: name.address, length: name.length))
        }
        let places = (memory + headSize + namesSize).bindMemory(to: txaio_line_step.self, capacity: steps.count)
        places.initialize(from: steps, count: steps.count)
        fixed.withBytes { bytes in
            if let base = bytes.baseAddress { (memory + bytesStart).copyMemory(from: base, byteCount: bytes.count) }
        }
        let plan = memory.bindMemory(to: LinePlan.self, capacity: 1)
        plan.initialize(
            to: LinePlan(
                template_address: shape.template,
                cell: shape.cell,
                place: shape.place,
                function: shape.function,
                start_id: startID,
                head: shape.head,
                own: UInt16(shape.parts.own),
                bound: UInt16(shape.parts.bound),
                count: UInt16(shape.count),
                has_whole_message: hasWholeMessage,
                message_end: UInt16(messageEnd),
                end: UInt16(steps.count),
                uses: UInt16(uses),
                room: UInt32(fixed.count + steps.count * Int(TXAIO_LINE_STEP_ROOM)),
                names: UnsafePointer(names),
                steps: UnsafePointer(places),
                bytes: UnsafePointer((memory + bytesStart).assumingMemoryBound(to: UInt8.self))
            )
        )
        return plan
    }
}

/// The plans of one renderer, for one thread at a time.
///
/// A call site has its place, and one beside it; of a third the second is forgotten. So a program of many call sites
/// works some out again now and then, and memory stays bounded.
internal struct PlanTable: ~Copyable {
    private static var size: Int { Int(TXAIO_LINE_PLANS) }

    private let plans: UnsafeMutablePointer<UnsafePointer<LinePlan>?>

    internal init() {
        plans = .allocate(capacity: Self.size)
        plans.initialize(repeating: nil, count: Self.size)
    }

    deinit {
        for index in 0..<Self.size { forget(index) }
        plans.deallocate()
    }

    private func forget(_ index: Int) {
        guard let plan = plans[index] else { return }
        plan.deallocate()
        plans[index] = nil
    }

    /// The plan for an event, where it is known; then the shape knows where the event's values lie.
    @inline(__always)
    internal borrowing func find(
        _ event: borrowing LogEvent,
        _ shape: inout EventShape
    ) -> UnsafePointer<LinePlan>? {
        txaio_line_find(plans, event.record, event.startID, shape.values, &shape.size)
    }

    /// Keeps a plan for a shape that is not known.
    internal mutating func keep(
        _ plan: UnsafeMutablePointer<LinePlan>,
        for shape: borrowing EventShape
    ) -> UnsafePointer<LinePlan> {
        let place = Int(txaio_line_place(shape.template, shape.cell, UInt64(shape.callCount)))
        forget(place + 1)
        plans[place + 1] = plans[place]
        plans[place] = UnsafePointer(plan)
        return UnsafePointer(plan)
    }
}
