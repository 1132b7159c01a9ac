import Testing
import TxaioLog
import TxaioTesting

/// Each type of value arrives as what it is.
@Suite("Values")
struct ValueTests {
    private func value(_ body: (TxaioLogger) -> Void) -> CapturedValue? {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body(makeLogger("values")) }
        return sink.events.first?["v"]
    }

    /// Through the tuple tier, the keyword tier and a run-time field: all must agree.
    private func value<V: LogValue>(of value: V, line: Int = #line) -> CapturedValue? {
        let sink = CapturingEmitter()
        withLogging(to: sink) {
            let log = makeLogger("values")
            log.info("t {v}", ("v", value))
            log.info("t {v}", v: value)
            log.emit(.info, "t {v}", ["v": value])
            log.bind(v: value).info("t {v}")
            withLogContext(["v": value]) { log.info("t {v}") }
        }
        #expect(sink.events.count == 5 && Set(sink.events.map(\.fields)).count == 1, "line \(line): \(sink.events)")
        return sink.events.first?["v"]
    }

    @Test func integersOfEveryWidthKeepTheirValue() {
        #expect(value(of: Int.min) == .int(Int128(Int.min)))
        #expect(value(of: Int8.min) == .int(-128))
        #expect(value(of: Int16.min) == .int(-32_768))
        #expect(value(of: Int32.min) == .int(-2_147_483_648))
        #expect(value(of: Int64.max) == .int(Int128(Int64.max)))
        #expect(value(of: Int128.min) == .int(.min))
        #expect(value(of: Int128.max) == .int(.max))
        #expect(value(of: UInt.max) == .int(Int128(UInt.max)))
        #expect(value(of: UInt8.max) == .int(255))
        #expect(value(of: UInt16.max) == .int(65_535))
        #expect(value(of: UInt32.max) == .int(4_294_967_295))
        #expect(value(of: UInt64.max) == .int(Int128(UInt64.max)))
        #expect(value(of: UInt128.max) == .uint(.max))
    }

    @Test func floatingPointAndTruth() {
        #expect(value(of: 0.1) == .double(0.1))
        #expect(value(of: -0.0) == .double(-0.0))
        #expect(value(of: Double.infinity) == .double(.infinity))
        #expect(value(of: Float(0.1)) == .float(0.1))
        #expect(value(of: true) == .bool(true))
        #expect(value(of: false) == .bool(false))
        guard case .double(let nan) = value({ $0.info("t", v: Double.nan) }) else {
            Issue.record("no double")
            return
        }
        #expect(nan.isNaN)
    }

    @Test func textOfEveryType() {
        #expect(value(of: "short") == .string("short"))
        #expect(value(of: "a text of more than fifteen bytes") == .string("a text of more than fifteen bytes"))
        #expect(value(of: String(repeating: "x", count: 9_000)) == .string(String(repeating: "x", count: 9_000)))
        #expect(value(of: "whole text".dropFirst(6)) == .string("text"))
        #expect(value(of: "static" as StaticString) == .string("static"))
        #expect(value(of: Character("e\u{301}")) == .string("e\u{301}"))
        #expect(value(of: Unicode.Scalar(0x1F600) ?? " ") == .string("\u{1F600}"))
        #expect(value(of: "") == .string(""))
    }

    @Test func bytesStayBytes() {
        #expect(value(of: LogBytes([0, 255, 0x80])) == .bytes([0, 255, 0x80]))
        #expect(value(of: LogBytes([])) == .bytes([]))
    }

    @Test func spansOfTime() {
        #expect(value(of: Duration.milliseconds(1_500)) == .duration(.milliseconds(1_500)))
        #expect(value(of: Duration.nanoseconds(-1)) == .duration(.nanoseconds(-1)))
        let longest = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)
        #expect(value(of: longest) == .duration(longest))
    }

    @Test func optionalsAreTheirValueOrNone() {
        #expect(value(of: Int?.none) == .null)
        #expect(value(of: Int?.some(3)) == .int(3))
        #expect(value(of: Int??.some(.none)) == .null)
        #expect(value(of: [String?]([nil, "a"])) == .array([.null, .string("a")]))
        #expect(value { $0.info("t", v: nil as String?) } == .null)
    }

    @Test func arraysKeepTheirOrder() {
        #expect(value(of: [3, 1, 2]) == .array([.int(3), .int(1), .int(2)]))
        #expect(value(of: [Int]()) == .array([]))
        #expect(value(of: [[1], [], [2, 3]]) == .array([.array([.int(1)]), .array([]), .array([.int(2), .int(3)])]))
        #expect(value(of: [1, 2, 3].dropFirst()) == .array([.int(2), .int(3)]))
        #expect(value(of: ContiguousArray(["a"])) == .array([.string("a")]))
    }

    @Test func dictionariesAndSetsAreSorted() {
        let dictionary = Dictionary(uniqueKeysWithValues: (0..<50).map { ("k\($0 + 10)", $0) })
        #expect(value(of: dictionary) == .dictionary((0..<50).map { [.string("k\($0 + 10)"), .int(Int128($0))] }))
        #expect(value(of: Set((0..<50).reversed())) == .array((0..<50).map { .int(Int128($0)) }))
        #expect(
            value(of: ["b": ["y": 1, "x": 2], "a": [:]])
                == .dictionary([
                    [.string("a"), .dictionary([])],
                    [.string("b"), .dictionary([[.string("x"), .int(2)], [.string("y"), .int(1)]])],
                ])
        )
    }

    @Test func pairsKeepTheirOrder() {
        let pairs: KeyValuePairs = ["b": 1, "a": 2, "b": 3]
        #expect(
            value(of: pairs)
                == .dictionary([[.string("b"), .int(1)], [.string("a"), .int(2)], [.string("b"), .int(3)]])
        )
    }

    @Test func literalsOfMixedTypes() {
        let mixed: AnyLogValue = ["a": [1, 2.5, true, nil, "x"], "b": ["c": []]]
        #expect(
            value(of: mixed)
                == .dictionary([
                    [.string("a"), .array([.int(1), .double(2.5), .bool(true), .null, .string("x")])],
                    [.string("b"), .dictionary([[.string("c"), .array([])]])],
                ])
        )
    }

    // -------------------------------------------------------------------------------------------- types of one's own

    struct Config: LogRepresentable, CustomStringConvertible {
        var foo = "bar"
        var description: String { "config of \(foo)" }
        var logAttributes: KeyValuePairs<StaticString, any LogValue> { ["foo": foo, "sides": 4] }
    }
    struct Plain: LogRepresentable {
        let x = 1
    }

    @Test func aTypeOfOnesOwnHasTextTypeAndAttributes() {
        guard case .object(let type, let text, let attributes) = value(of: Config()) else {
            Issue.record("no object")
            return
        }
        #expect(type == "Config" && text == "config of bar")
        #expect(attributes.map(\.name) == ["foo", "sides"])
        #expect(attributes.map(\.value) == [.string("bar"), .int(4)])
        #expect(value(of: Plain()) == .object(type: "Plain", text: "Plain(x: 1)", attributes: []))
    }

    struct Foreign { let a = 1 }
    struct Failure: Error { let code = 7 }
    enum Choice {
        case one
        case two(Int)
    }

    @Test func aForeignTypeIsItsText() {
        #expect(value { $0.info("t", v: Foreign()) } == .object(type: "Foreign", text: "Foreign(a: 1)", attributes: []))
        #expect(value { $0.info("t", v: Choice.two(3)) } == .object(type: "Choice", text: "two(3)", attributes: []))
        #expect(
            value { $0.info("t", v: (1, "x")) } == .object(type: "(Int, String)", text: #"(1, "x")"#, attributes: [])
        )
        #expect(value { $0.info("t", v: Int.self) } == .object(type: "Int.Type", text: "Int", attributes: []))
    }

    @Test func anErrorIsItsText() {
        let expected = CapturedValue.object(type: "Failure", text: "Failure(code: 7)", attributes: [])
        let error: any Error = Failure()
        #expect(value { $0.info("t", v: Failure()) } == expected)
        #expect(value { $0.info("t", v: error) } == expected)
        #expect(value { $0.info("t", v: error as (any Error)? as Any) } == expected)
    }

    @Test func aForeignOptionalIsItsValueOrNone() {
        #expect(value { $0.info("t", v: Foreign?.none as Any) } == .null)
        #expect(
            value { $0.info("t", v: Foreign?.some(Foreign()) as Any) }
                == .object(type: "Foreign", text: "Foreign(a: 1)", attributes: [])
        )
        #expect(value { $0.info("t", v: Foreign??.some(.none) as Any) } == .null)
        #expect(value { $0.info("t", v: 5 as Any) } == .int(5))
        #expect(value { $0.info("t", v: Int?.none as Any) } == .null)
    }

    @Test func foreignContainersKeepTheirElements() {
        let values: [Any] = [1, "x", Foreign()]
        #expect(
            value { $0.info("t", v: values) }
                == .array([.int(1), .string("x"), .object(type: "Foreign", text: "Foreign(a: 1)", attributes: [])])
        )
        let pairs: [String: Any] = ["b": [1, 2], "a": 2.5]
        #expect(
            value { $0.info("t", v: pairs) }
                == .dictionary([[.string("a"), .double(2.5)], [.string("b"), .array([.int(1), .int(2)])]])
        )
        let known: [String: any LogValue] = ["b": 1, "a": "x"]
        #expect(
            value { $0.info("t", v: known) }
                == .dictionary([[.string("a"), .string("x")], [.string("b"), .int(1)]])
        )
    }

    @Test func knownAndForeignValuesMixInOneCall() {
        let sink = CapturingEmitter()
        withLogging(to: sink) { makeLogger("values").info("t", a: 1, f: Foreign(), b: "x", n: Int?.none as Any) }
        #expect(sink.events[0].fields.map(\.name) == ["a", "f", "b", "n"])
        #expect(sink.events[0]["a"] == .int(1) && sink.events[0]["b"] == .string("x"))
        #expect(sink.events[0]["n"] == .null)
    }
}
