internal import TxaioLog

/// A line worked out in advance for one shape of event: the bytes that are the same in all of them, and what goes between.
///
/// It lies in memory of its own and counts no references; a ``PlanTable`` frees it.
internal struct LinePlan {
    /// What follows a run of fixed bytes.
    internal enum Filling: UInt8 {
        case nothing
        /// The message begins.
        case message
        case time
        case epochTime
        case sequence
        /// A value as JSON.
        case json
        /// A value in logfmt.
        case logfmt
        /// A value within the message, between JSON's quotes.
        case quotedText
        /// A value within the message of a line for people.
        case plainText
        /// A value within the message of an entry of the journal.
        case rawText
        /// What follows the name of a field of the journal's.
        case field
        /// The time, in microseconds since 1970.
        case microseconds
        /// The thread's id, the thread's number, the event's number on the thread.
        case threadID
        case thread
        case number
    }

    /// What the lines are of.
    internal enum Form {
        case json
        case text
        case journal
    }

    /// Fixed bytes, then a filling.
    internal struct Step {
        var start: UInt32
        var count: UInt16
        var index: UInt8
        var filling: Filling
    }

    /// Behind the fixed bytes so many more may be read.
    internal static var padding: Int { 16 }

    internal let bytes: UnsafeRawPointer
    internal let byteCount: Int
    /// How often one value is written at most.
    internal let uses: Int
    internal let steps: UnsafePointer<Step>
    /// Where the message's own steps end.
    internal let messageEnd: Int
    internal let end: Int
    /// Whether the message is rendered whole, by its template.
    internal let hasWholeMessage: Bool
    /// What the plan is for.
    internal let names: UnsafePointer<EventShape.Name>
    internal let count: Int
    internal let parts: (own: Int, bound: Int)
    internal let callCount: Int
    internal let template: UInt64
    internal let cell: UInt64
    internal let level: LogLevel
    internal let function: UInt64
    internal let line: UInt32
    internal let startID: UInt64

    /// Whether an event is written by it; if so, the shape knows where its values lie.
    @inline(__always)
    internal func fits(_ event: borrowing LogEvent, _ shape: inout EventShape) -> Bool {
        template == shape.template && cell == shape.cell && level == shape.level && callCount == shape.callCount
            && line == shape.line && function == shape.function && startID == event.startID
            && shape.matches(names, count, parts, event)
    }

    internal func free() {
        bytes.deallocate()
        steps.deallocate()
        names.deallocate()
    }
}

/// Puts a plan together.
internal struct LinePlanBuilder: ~Copyable {
    private var fixed = ByteBuffer(capacity: 512)
    private var steps: [LinePlan.Step] = []
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
    internal mutating func fill(_ filling: LinePlan.Filling, _ index: Int = 0) {
        let count = fixed.count - start
        guard count <= Int(UInt16.max), index <= Int(UInt8.max) else {
            isPossible = false
            return
        }
        steps.append(
            LinePlan.Step(
                start: UInt32(truncatingIfNeeded: start),
                count: UInt16(count),
                index: UInt8(index),
                filling: filling
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
        as filling: LinePlan.Filling,
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
                if filling == .rawText, case .literal(let text) = part, containsNewline(text) { return false }
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
                ControlEscaper.append(text, for: filling == .quotedText ? .quoted : .message, to: &fixed)
            case .field: fill(filling, fields.next() ?? 0)
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
        guard isPossible else { return nil }
        let count = fixed.count
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: fixed.count + LinePlan.padding, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0, count: fixed.count + LinePlan.padding)
        fixed.withBytes { if let base = $0.baseAddress { bytes.copyMemory(from: base, byteCount: $0.count) } }
        let steps = UnsafeMutablePointer<LinePlan.Step>.allocate(capacity: self.steps.count)
        for (index, step) in self.steps.enumerated() { (steps + index).initialize(to: step) }
        let names = UnsafeMutablePointer<EventShape.Name>.allocate(capacity: max(1, shape.count))
        names.initialize(from: shape.names, count: shape.count)
        let plan = UnsafeMutablePointer<LinePlan>.allocate(capacity: 1)
        plan.initialize(
            to: LinePlan(
                bytes: UnsafeRawPointer(bytes),
                byteCount: count,
                uses: uses,
                steps: UnsafePointer(steps),
                messageEnd: messageEnd,
                end: self.steps.count,
                hasWholeMessage: hasWholeMessage,
                names: UnsafePointer(names),
                count: shape.count,
                parts: shape.parts,
                callCount: shape.callCount,
                template: shape.template,
                cell: shape.cell,
                level: shape.level,
                function: shape.function,
                line: shape.line,
                startID: startID
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
    private static var size: Int { 512 }

    private let plans: UnsafeMutablePointer<UnsafeMutablePointer<LinePlan>?>

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
        plan.pointee.free()
        plan.deallocate()
        plans[index] = nil
    }

    @inline(__always)
    private func place(_ shape: borrowing EventShape) -> Int {
        let hash = (shape.template ^ shape.cell &<< 20 ^ UInt64(shape.callCount)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: hash &>> 40) & (Self.size &- 2)
    }

    /// The plan for an event, where it is known.
    @inline(__always)
    internal borrowing func find(
        _ event: borrowing LogEvent,
        _ shape: inout EventShape
    ) -> UnsafePointer<LinePlan>? {
        let place = place(shape)
        if let plan = plans[place], plan.pointee.fits(event, &shape) { return UnsafePointer(plan) }
        if let plan = plans[place &+ 1], plan.pointee.fits(event, &shape) { return UnsafePointer(plan) }
        return nil
    }

    /// Keeps a plan for a shape that is not known.
    internal mutating func keep(
        _ plan: UnsafeMutablePointer<LinePlan>,
        for shape: borrowing EventShape
    ) -> UnsafePointer<LinePlan> {
        let place = place(shape)
        forget(place + 1)
        plans[place + 1] = plans[place]
        plans[place] = plan
        return UnsafePointer(plan)
    }
}
