import Testing
import TxaioLog

/// The template language by itself. What CPython does with thousands of cases is compared by the conformance runner.
@Suite("Templates")
struct TemplateTests {
    private func format(_ template: String, _ arguments: KeyValuePairs<String, any LogValue>) throws -> String {
        try LogTemplate(parsing: template).format(arguments)
    }

    private func error(_ template: String, _ arguments: KeyValuePairs<String, any LogValue> = [:]) -> TemplateError? {
        do throws(TemplateError) {
            _ = try LogTemplate(parsing: template).format(arguments)
            return nil
        } catch {
            return error
        }
    }

    @Test func aFaultOfSyntaxIsFoundByTheParserWithItsByte() {
        let faults: [(String, Int, String)] = [
            ("a } b", 2, "Single '}' encountered in format string"),
            ("é {", 3, "Single '{' encountered in format string"),
            ("{x{y}}", 2, "unexpected '{' in field name"),
            ("{x", 2, "expected '}' before end of string"),
            ("{x[0", 4, "expected '}' before end of string"),
            ("{x!", 3, "end of string while looking for conversion specifier"),
            ("{x!rs}", 4, "expected ':' after conversion specifier"),
            ("{x:{y}", 6, "unmatched '{' in format spec"),
            ("ab{x!q}", 2, "Unknown conversion specifier q"),
            ("ab{x.}", 2, "Empty attribute in format string"),
            ("ab{x[0]y}", 2, "Only '.' or '[' may follow ']' in format field specifier"),
            ("{x:{y:{z}}}", 3, "Max string recursion exceeded"),
        ]
        for (template, position, message) in faults {
            do throws(TemplateError) {
                _ = try LogTemplate(parsing: template)
                Issue.record("'\(template)' was taken")
            } catch {
                #expect(
                    error.code == .syntax && error.position == position && error.message == message,
                    "'\(template)'"
                )
            }
        }
    }

    @Test func eachKindOfErrorNamesItsField() {
        let x: KeyValuePairs<String, any LogValue> = ["x": 1, "l": [1, 2], "d": ["k": 1]]
        #expect(error("{y}", x)?.code == .key)
        #expect(error("{y}", x)?.description == "no argument 'y'")
        #expect(error("{d[z]}", x)?.description == "no key 'z' in field 'd[z]'")
        #expect(error("{l[2]}", x)?.description == "list index out of range in field 'l[2]'")
        #expect(error("{0}", x)?.code == .index)
        #expect(error("{x.real}", x)?.description == "'int' object has no attribute 'real' in field 'x.real'")
        #expect(error("{x:s}", x)?.message == "Unknown format code 's' for object of type 'int'")
        #expect(error("{l:>5}", x)?.code == .type)
        #expect(error("{x} {y}", x)?.position == 4)
    }

    @Test func specificationsTakeFieldsOfTheirOwn() throws {
        let values: KeyValuePairs<String, any LogValue> = ["x": "ab", "w": 6, "f": "é", "n": 3.14159, "p": 2]
        #expect(try format("[{x:{f}^{w}}]", values) == "[ééabéé]")
        #expect(try format("{n:{w}.{p}f}", values) == "  3.14")
        #expect(try format("{x!r:>{w}}", values) == "  'ab'")
        #expect(error("{x:{f}{w}}", values)?.message == "Invalid format specifier 'é6' for object of type 'str'")
    }

    @Test func doublesAreRoundedByTheirExactValue() throws {
        #expect(try format("{x:.0f} {y:.0f} {z:.0f}", ["x": 0.5, "y": 1.5, "z": 2.5]) == "0 2 2")
        #expect(try format("{x:.2f} {y:.2f}", ["x": 2.675, "y": 1.005]) == "2.67 1.00")
        #expect(try format("{x:.1f}", ["x": 0.25]) == "0.2")
        #expect(try format("{x:.20f}", ["x": 0.1]) == "0.10000000000000000555")
        #expect(try format("{x:.3e} {x:g} {x:.1%}", ["x": 123456.789]) == "1.235e+05 123457 12345678.9%")
        #expect(try format("{x:.760e}", ["x": Double.leastNonzeroMagnitude]).hasPrefix("4.9406564584124654"))
        #expect(try format("{x:.0f}", ["x": Double.greatestFiniteMagnitude]).count == 309)
        #expect(try format("{x:z.1f} {x:.1f}", ["x": -0.01]) == "0.0 -0.0")
    }

    @Test func floatsShowTheDigitsThatReadBack() throws {
        let doubles: KeyValuePairs<String, any LogValue> = [
            "a": 1e16, "b": 1e15, "c": 0.0001, "d": 0.00001, "e": Double.leastNonzeroMagnitude,
        ]
        #expect(try format("{a} {b} {c} {d} {e}", doubles) == "1e+16 1000000000000000.0 0.0001 1e-05 5e-324")
        let floats: KeyValuePairs<String, any LogValue> = [
            "a": Float(0.1), "b": Float(16_777_216), "c": Float.infinity,
        ]
        #expect(try format("{a} {b} {c} {a:.3f}", floats) == "0.1 16777216.0 inf 0.100")
    }

    @Test func durationsShowTheirSecondsAndTakeFloatSpecifications() throws {
        for span in [Duration.milliseconds(1500), .zero, .nanoseconds(-1), .seconds(Int64.max)] {
            #expect(try format("{x}", ["x": span]) == span.description)
        }
        #expect(try format("{x:.3f}", ["x": Duration.microseconds(1_234_567)]) == "1.235")
    }

    @Test func separatorsCountAsWidth() throws {
        #expect(try format("{x:,} {x:_x} {x:+,d}", ["x": 1_234_567]) == "1,234,567 12_d687 +1,234,567")
        #expect(try format("{x:08,}|{x:07,}|{x:06,}", ["x": 123]) == "0,000,123|000,123|00,123")
        #expect(try format("{x:,.2f}", ["x": 1234567.891]) == "1,234,567.89")
        #expect(try format("{x:,}", ["x": UInt128.max]) == "340,282,366,920,938,463,463,374,607,431,768,211,455")
    }

    @Test func widthsCountScalars() throws {
        #expect(
            try format("{x:*^5}|{y:3}|{z:.1}", ["x": "e\u{301}", "y": "日", "z": "e\u{301}"]) == "*e\u{301}**|日  |e"
        )
    }

    @Test func pythonsSpellingsAreUsed() throws {
        let values: KeyValuePairs<String, any LogValue> = [
            "l": ["it's", "\u{202E}"], "d": ["k": Int?.none, "z": 1], "b": true, "n": String?.none,
        ]
        #expect(try format("{l} {d} {b} {n}", values) == #"["it's", '\u202e'] {'k': None, 'z': 1} True None"#)
        #expect(try format("{b:d} {b:>3}", values) == "1   1")
        #expect(try format("{x!a}", ["x": "é😀"]) == #"'\xe9\U0001f600'"#)
    }

    @Test func bytesAreRepairedToText() throws {
        let bytes: KeyValuePairs<String, any LogValue> = ["x": LogBytes([0x61, 0xE2, 0x82, 0x62, 0xFF])]
        #expect(try format("{x} {x:>6} {x[1]} {x[2]}", bytes) == "a\u{FFFD}b\u{FFFD}   a\u{FFFD}b\u{FFFD} \u{FFFD} b")
        #expect(error("{x[4]}", bytes)?.code == .index)
    }

    @Test func canonicallyEquivalentNamesStayApart() throws {
        let values: KeyValuePairs<String, any LogValue> = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(try format("{\u{E9}} {e\u{301}}", values) == "1 2")
    }

    @Test func theFirstOfTwoArgumentsOfANameCounts() throws {
        let values: KeyValuePairs<String, any LogValue> = ["b": 1, "a": 2, "b": 3, "a": 4]
        #expect(try format("{a} {b} {a} {b}", values) == "2 1 2 1")
        #expect(try format("{b} {a} {b} {a}", values) == "1 2 1 2")
        #expect(try format("{a} {a}", ["a": 1, "a": 2]) == "1 1")
    }

    @Test func numbersAreKeysAsInPython() throws {
        let numbers: KeyValuePairs<AnyLogValue, AnyLogValue> = [true: "yes", 2.0: "two", "3": "text", 4: "four"]
        #expect(try format("{d[1]} {d[2]} {d[4]}", ["d": numbers]) == "yes two four")
        #expect(error("{d[3]}", ["d": numbers])?.message == "3")
    }

    @Test func hugeWidthsAndPrecisionsAreRefused() throws {
        #expect(try format("{x:65536}", ["x": 1]).utf8.count == 65_536)
        for template in ["{x:65537}", "{x:>9223372036854775807}", "{x:.65537f}", "{x:99999999999999999999999}"] {
            #expect(error(template, ["x": 1])?.code == .value, "\(template)")
        }
    }

    @Test func aTextIsCutWithAMark() throws {
        let text = try format(String(repeating: "{x:60000}", count: 1000), ["x": 1])
        #expect(text.utf8.count < CompiledTemplate.maximumOutput + 100)
        #expect(text.hasSuffix("... (cut)"))
        let nested = try format("{x}", ["x": Array(repeating: String(repeating: "\u{1}", count: 400), count: 3000)])
        #expect(nested.hasSuffix("... (cut)"))
    }
}
