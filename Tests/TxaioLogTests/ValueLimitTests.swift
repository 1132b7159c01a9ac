import Testing
import TxaioLog
import TxaioTesting

/// No value, however deep, wide, long or circular, takes more than a bounded time and room.
@Suite("Limits of values")
struct ValueLimitTests {
    private func event(_ body: (TxaioLogger) -> Void) -> CapturedEvent? {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body(makeLogger("limits")) }
        return sink.events.first
    }

    private func depth(_ value: CapturedValue?) -> Int {
        switch value {
        case .array(let values): 1 + (values.map { depth($0) }.max() ?? 0)
        case .dictionary(let pairs): 1 + (pairs.flatMap { $0 }.map { depth($0) }.max() ?? 0)
        case .object(_, _, let attributes): 1 + (attributes.map { depth($0.value) }.max() ?? 0)
        default: 0
        }
    }

    private func nodes(_ value: CapturedValue?) -> Int {
        guard case .array(let values) = value else { return 1 }
        return 1 + values.reduce(0) { $0 + nodes($1) }
    }

    private func nested(_ depth: Int) -> AnyLogValue {
        var value: AnyLogValue = 1
        for _ in 0..<depth { value = [value] }
        return value
    }

    @Test func nestingEndsAtDepth32WithAMark() {
        #expect(depth(event { $0.info("t", v: nested(31)) }?["v"]) == 31)
        #expect(depth(event { $0.info("t", v: nested(32)) }?["v"]) == 32)
        let deep = event { $0.info("t", v: nested(500)) }
        #expect(depth(deep?["v"]) == 32)
        #expect("\(deep as Any)".contains("... (too deep)"))
    }

    @Test func aRecordHoldsTenThousandNodes() {
        let event = event { $0.info("t", v: Array(0..<10_001), w: [1], x: 7) }
        #expect(nodes(event?["v"]) == 10_001)
        #expect(event?["w"] == .array([]))
        #expect(event?["x"] == .int(7))
        #expect(event?.isCut == true)
        #expect(self.event { $0.info("t", v: Array(0..<10_000)) }?.isCut == false)
    }

    final class Node: LogRepresentable, @unchecked Sendable {
        var others: [Node] = []
        var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["others": others] }
    }

    @Test func aCircleOfObjectsEnds() {
        let node = Node()
        node.others = [node]
        let single = event { $0.info("t", v: node, after: 1) }
        #expect(depth(single?["v"]) == 32)
        #expect(single?["after"] == .int(1))
        // Each refers to all: without a limit on nodes that is 8 to the power of 16.
        let nodes = (0..<8).map { _ in Node() }
        for node in nodes { node.others = nodes }
        let many = event { $0.info("t", v: nodes[0], after: 1) }
        #expect(many?.isCut == true)
        #expect(many?["after"] == .int(1))
        node.others = []
        for node in nodes { node.others = [] }
    }

    @Test func aTextBeyondTheBudgetIsCutWithAMark() {
        let long = String(repeating: "ä", count: 3 << 20)
        let event = event { $0.info("t", v: long, after: 1, text: "x") }
        guard case .string(let text) = event?["v"] else {
            Issue.record("no text")
            return
        }
        #expect(event?.isCut == true)
        #expect(text.utf8.count < 4 << 20 && text.utf8.count > (4 << 20) - 2_048)
        #expect(text.hasSuffix("ä... (cut)"))
        #expect(event?.fields.map(\.name).first == "v")
    }

    @Test func bytesAndDescriptionsAreCutWithAMarkToo() {
        let bytes = event { $0.info("t", v: LogBytes(repeatElement(0xFF, count: 5 << 20))) }
        guard case .bytes(let kept) = bytes?["v"] else {
            Issue.record("no bytes")
            return
        }
        #expect(bytes?.isCut == true)
        #expect(kept.suffix(9).elementsEqual("... (cut)".utf8))

        struct Talkative: CustomStringConvertible {
            var description: String { String(repeating: "word ", count: 1 << 20) }
        }
        let object = event { $0.info("t", v: Talkative()) }
        guard case .object(_, let text?, _) = object?["v"] else {
            Issue.record("no object")
            return
        }
        #expect(object?.isCut == true)
        #expect(text.hasSuffix("... (cut)") && text.utf8.count > 3 << 20)
    }

    /// Notes the fields' names alone: to copy values of megabytes takes long.
    private final class Names: LogEmitter {
        let name = "names"
        private let seen = Lock([[String]]())
        func emit(_ event: borrowing LogEvent) -> Acceptance {
            var names: [String] = []
            var reader = event.fields.reader
            while let field = reader.nextField() { names.append(String(decoding: field.name, as: UTF8.self)) }
            seen.withLock { $0.append(names) }
            return .handedOver
        }
        var all: [[String]] { seen.withLock { $0 } }
    }

    @Test func atTheLimitEveryKindOfFieldLeavesAReadableRecord() {
        // Fills the record to within a few bytes of its limit, then writes all kinds of things.
        let (longName, otherName) = (String(repeating: "n", count: 256), String(repeating: "m", count: 256))
        let known: Set = ["", "filler", longName, "array", "pairs", "own", "wide", otherName]
        let filler = LogBytes(repeatElement(1, count: (4 << 20) - 64 - 512))
        let sink = Names()
        let log = makeLogger("limits.edge")
        withLogging(to: sink) {
            for spare in stride(from: 0, through: 1_400, by: 7) {
                log.emit(
                    .info,
                    "t",
                    fields: [
                        ("filler", LogBytes(filler.bytes.dropLast(spare))), (longName, 1),
                        ("array", [["a", "b"], ["c"]]), ("pairs", ["key": "value"]), ("own", ValueTests.Config()),
                        ("wide", Int128.max), (otherName, "text of some length that may not fit any more"),
                    ]
                )
            }
        }
        #expect(sink.all.count == 201)
        #expect(sink.all.allSatisfy { $0.first == "filler" && known.isSuperset(of: $0) })
        #expect(Set(sink.all.map(\.count)).count > 1)
    }

    @Test func boundAndScopeFieldsHaveLimitsToo() {
        let long = String(repeating: "x", count: 5 << 20)
        let bound = event { $0.bind(long: long, after: 1).info("t", own: 1) }
        #expect(bound?["own"] == .int(1))
        #expect(bound?.isCut == true)
        let scoped = event { log in withLogContext(["long": long, "after": 1]) { log.info("t", own: 1) } }
        #expect(scoped?["own"] == .int(1))
        #expect(scoped?.isCut == true)
    }

    @Test func longNamesAreCut() {
        let name = String(repeating: "ü", count: 1_000)
        let event = event { $0.emit(.info, "t", fields: [(name, 1)]) }
        #expect(event?.fields.map(\.name) == [String(repeating: "ü", count: 128)])
    }

    // ---------------------------------------------------------------------------------------- values that write at will

    /// Writes what its values are, one after the other, in place of one value.
    struct AtWill: LogValue {
        var values: [any LogValue]
        func encode(into writer: inout RecordWriter) { for value in values { value.encode(into: &writer) } }
    }

    @Test func aValueThatWritesNothingIsNullAndOneThatWritesSeveralAnArray() {
        let nothing = AtWill(values: [])
        let several = AtWill(values: [1, "two", [3]])
        let event = event { $0.info("t", ("a", nothing), ("b", several), ("c", 4), ("d", [several, nothing])) }
        let array = CapturedValue.array([.int(1), .string("two"), .array([.int(3)])])
        #expect(event?["a"] == .null && event?["b"] == array && event?["c"] == .int(4))
        #expect(event?["d"] == .array([array, .null]) && event?.isCut == false)
        let keyword = self.event { $0.info("t", a: nothing, b: several, c: AtWill(values: [7])) }
        #expect(keyword?["a"] == .null && keyword?["b"] == array && keyword?["c"] == .int(7))
        let bound = self.event { $0.bind(("a", nothing), ("b", several)).info("t", c: 4) }
        #expect(bound?["a"] == .null && bound?["b"] == array && bound?["c"] == .int(4))
        let pairs = self.event { $0.info("t", v: ["k": several] as KeyValuePairs, w: 1) }
        #expect(pairs?["v"] == .dictionary([[.string("k"), array]]) && pairs?["w"] == .int(1))
    }

    private struct Unknown {}

    @Test func whatWritesWithoutEndIsCutAndWhatFollowsIsThere() {
        let kinds: [any LogValue] = [
            0.5, Int128.max, UInt8(1), Float(1), true, Duration.seconds(1), Int?.none, "text", LogBytes([1, 2]),
            [1, 2],
            nested(40), ValueTests.Config(), AnyLogValue(describing: Node?.none as Any),
            AnyLogValue(describing: Unknown()),
        ]
        for kind in kinds {
            let endless = AtWill(values: Array(repeating: kind, count: 500_000))
            let event = event { $0.info("t", ("v", endless), ("w", 1), ("x", 2), ("y", "z")) }
            #expect(
                event?["w"] == .int(1) && event?["x"] == .int(2) && event?["y"] == .string("z"),
                "\(type(of: kind))"
            )
        }
    }

    @Test func dictionariesWithinKeysToTheLimitLeaveAReadableRecord() {
        func keyed(_ depth: Int) -> AnyLogValue {
            if depth == 0 { return AnyLogValue(String(repeating: "k", count: 5 << 20)) }
            return AnyLogValue(RuntimePairs([(keyed(depth - 1), Int128.max)]))
        }
        let event = event { $0.info("t", ("v", keyed(31)), ("w", 1), ("x", 2)) }
        #expect(event?.isCut == true && event?["w"] == .int(1) && event?["x"] == .int(2))
    }

    // ---------------------------------------------------------------------------------------- descriptions that log

    struct Logs: CustomStringConvertible {
        let log: TxaioLogger
        var description: String {
            log.info("inner", ("a", 1))
            return "logs"
        }
    }

    @Test func aDescriptionMayLog() {
        let sink = CapturingEmitter()
        let log = makeLogger("limits.logs")
        withLogging(to: sink) { log.info("outer", v: Logs(log: log)) }
        #expect(sink.events.last?.template == "outer")
        #expect(sink.events.dropLast().allSatisfy { $0.template == "inner" && $0["a"] == .int(1) })
        #expect(sink.events.count > 1)
    }

    final class LogsItself: CustomStringConvertible, @unchecked Sendable {
        let log: TxaioLogger
        private(set) var calls = 0
        init(_ log: TxaioLogger) { self.log = log }
        var description: String {
            calls += 1
            if calls < 1_000 { log.info("itself", v: self) }
            return "described"
        }
    }

    @Test func aDescriptionThatLogsItsOwnValueEndsAtDepthTwo() {
        let sink = CapturingEmitter()
        let log = makeLogger("limits.itself")
        let value = LogsItself(log)
        withLogging(to: sink) { log.info("outer", v: value) }
        // Text and representation of each of two levels: the third is refused.
        #expect(value.calls <= 6)
        #expect(sink.events.last?.template == "outer")
        #expect(sink.events.contains { $0.template == "itself" })
        withLogging(to: sink) { log.info("after", ("a", 1)) }
        #expect(sink.events.last?.template == "after")
    }
}
