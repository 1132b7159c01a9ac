import Testing
import TxaioLog

/// Ten thousand random templates: each is rendered, or shown as one that cannot be. None traps.
@Suite("Random templates")
struct TemplateRandomTests {
    /// The same numbers each time (SplitMix64).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private static let pieces = [
        "{", "}", "{{", "}}", "{x}", "{y", "z", "}", "[", "]", "!", ":", ".", "!r", "!a", ":>", "^", "=", "0", "9",
        "65536", "é",
        "_", ",", "%", "e", "f", "g", "n", "c", "d", "x", "b", "z", "#", "+", "{x!r:{y}}", "{y:.3f}", "{z[0]}", "{z.a}",
        "{x:>9}", "٣", "\u{0}", "😀", "log_level", " ",
    ]

    private static func value(_ random: inout Seeded, depth: Int = 0) -> AnyLogValue {
        switch Int.random(in: 0..<(depth < 3 ? 13 : 9), using: &random) {
        case 0: AnyLogValue(Int64(bitPattern: random.next()))
        case 1: AnyLogValue(random.next())
        case 2: AnyLogValue(Double(bitPattern: random.next()))
        case 3: AnyLogValue(Float(bitPattern: UInt32(truncatingIfNeeded: random.next())))
        case 4: AnyLogValue(UInt128(random.next()) << 64 | UInt128(random.next()))
        case 5: AnyLogValue(pieces.randomElement(using: &random) ?? "")
        case 6: AnyLogValue(LogBytes((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }))
        case 7: AnyLogValue(Duration.nanoseconds(Int64(bitPattern: random.next())))
        case 8: AnyLogValue(Int?.none)
        case 9, 10: AnyLogValue([value(&random, depth: depth + 1), value(&random, depth: depth + 1)])
        case 11: AnyLogValue(RuntimePairs([(value(&random, depth: depth + 1), value(&random, depth: depth + 1))]))
        default:
            AnyLogValue(
                RuntimeObject(
                    type: "Thing",
                    text: Bool.random(using: &random) ? "thing" : nil,
                    representation: nil,
                    attributes: [("a", value(&random, depth: depth + 1))]
                )
            )
        }
    }

    @Test func eachIsRenderedOrShownAsUnfit() {
        var random = Seeded(state: 3101)
        var unfit = 0
        for _ in 0..<10_000 {
            let count = Int.random(in: 0..<9, using: &random)
            let template = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            let values = ["x", "y", "z"].map { ($0, Self.value(&random) as any LogValue) }
            let shown = LogTemplate(template).render(pairs: values)
            if shown.hasPrefix("Unable to format \"" + template + "\": ") {
                unfit += 1
            } else {
                let formatted = try? LogTemplate(template).format(pairs: values)
                #expect(formatted == shown, "\(template)")
            }
        }
        #expect(unfit > 1000 && unfit < 9900)
    }
}
