import Testing
import TxaioLog
import TxaioTesting

/// A log call shows something, whatever its template and its values are.
@Suite("Templates of events")
struct TemplateNeverThrowsTests {
    private func message(_ body: (TxaioLogger) -> Void) -> String {
        let sink = CapturingEmitter()
        withLogging(to: sink) { body(makeLogger("templates")) }
        return sink.messages.joined(separator: "\n")
    }

    @Test func aBadTemplateShowsItselfTheErrorAndTheArgumentsByName() {
        let shown = message { $0.info("Got {z} at {missing}", z: "it's", a: [1.0], m: Int?.none) }
        #expect(shown == #"Unable to format "Got {z} at {missing}": no argument 'missing' {a=[1.0], m=None, z="it's"}"#)
        #expect(
            message { $0.info("a } b", x: 1) }
                == #"Unable to format "a } b": Single '}' encountered in format string at byte 2 {x=1}"#
        )
        #expect(
            message { $0.info("never so bad {x:d}", x: "s") }
                == "Unable to format \"never so bad {x:d}\": Unknown format code 'd' for object of type 'str' in field 'x' {x='s'}"
        )
    }

    @Test func aValueWithoutTextLosesNothingButItself() throws {
        let broken = RuntimeObject(type: "Broken", text: nil, representation: nil, attributes: [("a", 1)])
        let template = try LogTemplate(parsing: "{x} {y}")
        let shown = template.render(["y": 2, "x": broken])
        #expect(
            shown == #"Unable to format "{x} {y}": 'Broken' object has no text in field 'x' {x=<unprintable>, y=2}"#
        )
        #expect(throws: TemplateError.self) { try template.format(["y": 2, "x": broken]) }
        #expect(try LogTemplate(parsing: "{x.a}").format(["x": broken]) == "1")
    }

    @Test func anEventWithoutTemplateShowsItsArgumentsInOrder() {
        #expect(message { $0.info(z: 1, a: "b", m: [true]) } == "z=1, a='b', m=[True]")
    }

    @Test func theInjectedNamesWin() {
        let shown = message { $0.warn("{log_level} of {log_namespace}: {log_format}", log_level: "mine") }
        #expect(shown == "warn of templates: {log_level} of {log_namespace}: {log_format}")
    }

    @Test func aTemplateMadeAtRunTimeReachesNoParts() {
        let user = RuntimeObject(type: "User", text: "it", representation: "<it>", attributes: [("password", "secret")])
        let made = ["{user.password}", "{user[password]}"].map { $0 + String(repeating: ".", count: 20) }
        for template in made {
            let shown = message { $0.emit(.info, template, ["user": user]) }
            #expect(shown.hasPrefix("Unable to format \"\(template)\": templates made at run time reach no attributes"))
            #expect(!shown.contains("secret"))
        }
        let plain = "{user!r:>6}" + String(repeating: ".", count: 20)
        #expect(message { $0.emit(.info, plain, ["user": user]) } == "  <it>" + String(repeating: ".", count: 20))
    }

    @Test func whatAValueHoldsIsNeverParsed() {
        #expect(message { $0.info("{x} {y!r}", x: "{y} {{", y: "{x}") } == "{y} {{ '{x}'")
    }

    @Test func aLiteralIsKeptByAddressAndLength() {
        let literal: StaticString = "{a} and {b} of one literal"
        let whole = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
        let part = UnsafeRawBufferPointer(rebasing: whole[..<3])
        let cache = TemplateCache.shared
        let first = cache.template(whole, isLiteral: true, traversal: true)
        let again = cache.template(whole, isLiteral: true, traversal: true)
        let shorter = cache.template(part, isLiteral: true, traversal: true)
        #expect(first.isKept && first.identity == again.identity)
        #expect(shorter.isKept && shorter.identity != first.identity)
    }

    @Test func otherTemplatesAreKeptByTheirBytesUpToABound() {
        let cache = TemplateCache.shared
        func identity(_ text: String, traversal: Bool = true) -> (UnsafeRawPointer, Bool) {
            var text = text
            return text.withUTF8 {
                let template = cache.template(UnsafeRawBufferPointer($0), isLiteral: false, traversal: traversal)
                return (template.identity, template.isKept)
            }
        }
        let text = "{kept} by bytes"
        let (first, isKept) = identity(text)
        if isKept {
            #expect(identity(String(text.reversed().reversed())).0 == first)
            #expect(identity(text, traversal: false).0 != first)
        }
        for number in 0..<(TemplateCache.maximumTexts * 2) { _ = identity("{x} number \(number)") }
        #expect(!identity("{x} beyond the bound").1)
        #expect(!identity(String(repeating: "x", count: TemplateCache.maximumTextLength + 1)).1)
        let template = String(repeating: "long", count: 3000) + "{x}"
        #expect(message { $0.emit(.info, template, ["x": 7]) } == String(repeating: "long", count: 3000) + "7")
    }

    @Test func manyThreadsFindOneTemplate() async {
        let literal: StaticString = "{x} found by many threads at once"
        let found = await withTaskGroup(of: UInt.self, returning: Set<UInt>.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    let bytes = UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
                    let template = TemplateCache.shared.template(bytes, isLiteral: true, traversal: true)
                    return UInt(bitPattern: template.identity)
                }
            }
            return await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(found.count == 1)
    }
}
