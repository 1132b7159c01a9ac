import CTxaio
import Testing
import TxaioTesting

@testable import TxaioLog

@Suite("Binding fields") struct BindingTests {
    private let log = makeLogger("binding")

    private func capture(_ body: () -> Void) -> [CapturedEvent] {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body() }
        return sink.events
    }

    private func int(_ value: CapturedValue?) -> Int {
        guard case .int(let number) = value else { return -1 }
        return Int(number)
    }

    private func fields(_ log: TxaioLogger) -> [String] {
        capture { log.info("t") }[0].fields.map { "\($0.name)=\($0.value)" }
    }

    @Test func pairsBindAsKeywordsDo() {
        let (long, short) = (String(repeating: "long ", count: 20), "short")
        let keywords = log.bind(a: 1, b: 2.5, c: true, d: short, e: long, f: UInt8(7), g: [1, 2], h: Int?.none)
        let pairs = log.bind(
            ("a", 1),
            ("b", 2.5),
            ("c", true),
            ("d", short),
            ("e", long),
            ("f", UInt8(7)),
            ("g", [1, 2]),
            ("h", Int?.none)
        )
        #expect(fields(pairs).count == 8 && fields(pairs) == fields(keywords))
        #expect(fields(pairs.bind(("a", 2), ("i", 1))) == fields(keywords.bind(a: 2, i: 1)))
        #expect(fields(log.bind(("a", 1))) == fields(log.bind(a: 1)))
        #expect(fields(Self.constant.bind(("a", 1), ("b", "x"))) == fields(log.bind(a: 1, b: "x")))
    }
    private static let constant: StaticLogger = makeLogger("binding.constant")

    @Test func textsOfAnyLengthAreWholeBesideAParentOfAnyLength() {
        for length in 0...400 {
            let text = String(repeating: "x", count: length)
            let expected = [CapturedValue.string(text), .int(Int128(length)), .bool(length % 2 == 0)]
            let children = [
                log.bind(t: text, n: length, b: length % 2 == 0),
                log.bind(("t", text), ("n", length), ("b", length % 2 == 0)),
                log.bind(n: length, b: length % 2 == 0).bind(t: text),
                log.bind(t: text, b: false).bind(n: length, b: length % 2 == 0),
            ]
            let events = capture { for child in children { child.info("t") } }
            #expect(events.allSatisfy { [$0["t"], $0["n"], $0["b"]] == expected && $0.fields.count == 3 })
        }
    }

    @Test func moreFieldsThanAreOfTheCommonSizeAreAllThere() {
        var child = log
        for number in 0..<100 { child = child.bind(("shared", number), ("text", "text \(number)")) }
        #expect(fields(child).count == 2)
        let text = "text of some length, and some more"
        let wide = log.bind(a: text, b: text, c: text, d: text, e: text, f: text, g: 1, h: 5.5, i: Int8(1), j: "last")
        #expect(fields(wide).count == 10 && fields(wide).last == "j=\(CapturedValue.string("last"))")
        #expect(fields(wide.bind(k: 1)).count == 11)
    }

    @Test func childrenLiveWhereverTheyAreKept() {
        struct Keeper {
            var log: TxaioLogger
            var other: TxaioLogger?
        }
        final class Box {
            var value: Any
            init(_ value: Any) { self.value = value }
        }
        func child(_ number: Int) -> TxaioLogger { log.bind(number: number, text: "of some length \(number)") }
        var kept = (0..<200).map(child)
        var byName = Dictionary(uniqueKeysWithValues: (200..<400).map { ("\($0)", child($0)) })
        let boxes = (400..<600).map { Box(child($0)) }
        let closures = (600..<800).map { number in
            let child = child(number)
            return { child }
        }
        var keepers = (800..<1_000).map { Keeper(log: log, other: child($0)) }
        // What is dropped meanwhile is used anew.
        kept.removeSubrange(50..<100)
        for number in 200..<250 { byName["\(number)"] = nil }
        for index in 0..<50 { keepers[index].other = nil }
        for box in boxes.prefix(50) { box.value = 1 }
        for number in 2_000..<3_000 { _ = child(number) }
        var all = kept + byName.values + closures.map { $0() } + keepers.compactMap(\.other)
        all += boxes.compactMap { $0.value as? TxaioLogger }
        let events = capture { for child in all { child.info("t") } }
        let expected = Set(0..<1_000).subtracting(50..<100).subtracting(200..<250).subtracting(400..<450)
            .subtracting(800..<850)
        #expect(Set(events.compactMap { $0["number"] }) == Set(expected.map { .int(Int128($0)) }))
        #expect(events.count == 800)
        #expect(events.allSatisfy { $0["text"] == .string("of some length \(int($0["number"]))") })
    }

    @Test func childrenMadeOnOneThreadEndOnAnother() async {
        let log = log
        let sink = CapturingEmitter()
        await withLogging(to: sink) {
            await withTaskGroup(of: [TxaioLogger].self) { group in
                for task in 0..<8 {
                    group.addTask { (0..<500).map { log.bind(task: task, number: $0, text: "task \(task), \($0)") } }
                }
                for await children in group {
                    await Task { for child in children { child.bind(more: 1).info("t") } }.value
                }
            }
        }
        #expect(sink.events.count == 4_000)
        #expect(
            sink.events.allSatisfy { $0["text"] == .string("task \(int($0["task"])), \(int($0["number"]))") }
        )
    }

    @Test func oneChildIsSharedByManyThreads() async {
        let sink = CapturingEmitter()
        let log = log
        await withLogging(to: sink) {
            for round in 0..<20 {
                let child = log.bind(round: round, text: "round \(round)")
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<200 {
                                let copy: TxaioLogger? = child
                                _ = [copy, child]
                            }
                            child.info("t")
                        }
                    }
                }
            }
        }
        #expect(sink.events.count == 80)
        #expect(sink.events.allSatisfy { $0["text"] == .string("round \(int($0["round"]))") })
    }

    @Test func aThreadKeepsNoMoreMemoryForFieldsThanItsBound() {
        let children = (0..<100).map { log.bind(number: $0) }
        #expect(children.count == 100)
        withExtendedLifetime(children) {}
        let thread = txaio_thread_current()
        #expect(thread.pointee.kept_count <= UInt32(TXAIO_FIELDS_KEPT))
    }

    @Test func aDescriptionMayBindAndLog() {
        struct Binds: CustomStringConvertible, LogRepresentable {
            let log: TxaioLogger
            var description: String {
                log.bind(("inner", 1)).info("inner", b: "x")
                return log.bind(deep: 2).namespace
            }
        }
        let events = capture {
            log.bind(value: Binds(log: log), after: 1).info("outer")
            log.bind(("value", Binds(log: log)), ("after", 1)).info("outer")
        }
        let (inner, outer) = (events.filter { $0.template == "inner" }, events.filter { $0.template == "outer" })
        #expect(inner.count >= 2 && inner.allSatisfy { $0["inner"] == .int(1) && $0["b"] == .string("x") })
        #expect(outer.count == 2 && outer[0].fields == outer[1].fields && outer[0]["after"] == .int(1))
    }

    @Test func whatIsCutAtTheLimitIsMarkedInPairsToo() {
        let long = String(repeating: "x", count: 5 << 20)
        let events = capture {
            log.bind(("long", long), ("after", 1)).info("t", own: 1)
            log.bind(("after", 1)).info("t")
        }
        #expect(events[0].isCut && events[0]["own"] == .int(1))
        #expect(!events[1].isCut && events[1]["after"] == .int(1))
    }
}
