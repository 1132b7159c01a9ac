import Testing
import TxaioEmitters

@Suite("Options with units")
struct QuantityOptionsTests {
    @Test(arguments: [
        ("0 B", 0), ("1B", 1), ("64 KiB", 65_536), ("4MiB", 4 << 20), ("2 GiB", 2 << 30), ("1 TiB", 1 << 40),
        ("3 kB", 3_000), ("3 MB", 3_000_000), ("3 GB", 3_000_000_000), ("007 B", 7),
    ])
    func sizesAreBytes(text: String, bytes: Int) throws {
        var options = EmitterOptions(name: "x", [OptionEntry("size", OptionValue(.string(text)))])
        #expect(options.sizeIfPresent("size") == bytes)
        try options.finish()
    }

    @Test(arguments: [
        ("1 ns", Duration.nanoseconds(1)), ("2us", .microseconds(2)), ("500 ms", .milliseconds(500)),
        ("3 s", .seconds(3)), ("2 min", .seconds(120)), ("1 h", .seconds(3_600)), ("1 d", .seconds(86_400)),
    ])
    func durationsHaveUnits(text: String, duration: Duration) throws {
        var options = EmitterOptions(name: "x", [OptionEntry("pause", OptionValue(.string(text)))])
        #expect(options.duration("pause", default: .zero) == duration)
        try options.finish()
    }

    @Test(arguments: [
        "", " ", "KiB", "4", "4  KiB", " 4 KiB", "4 KiB ", "-4 KiB", "+4 KiB", "1.5 MiB", "4 kib", "4_0 B", "٤ KiB",
        "9223372036854775808 B", "9007199254740992 TiB",
    ])
    func whatIsNoSizeIsRefused(text: String) {
        var options = EmitterOptions(name: "x", [OptionEntry("size", OptionValue(.string(text)))])
        #expect(options.size("size", default: 7) == 7)
        #expect(throws: EmitterOptionsError.self) { try options.finish() }
    }

    @Test func boundsAreNamedWithUnits() {
        var options = EmitterOptions(name: "x", [OptionEntry("size", "1 KiB"), OptionEntry("pause", "2 h")])
        _ = options.size("size", in: 65_536...268_435_456, default: 65_536)
        _ = options.duration("pause", in: Duration.zero...Duration.seconds(60), default: .zero)
        let error = #expect(throws: EmitterOptionsError.self) { try options.finish() }
        #expect(
            error?.faults.map(\.description) == [
                "'size' must lie between 64 KiB and 256 MiB, not at 1 KiB",
                "'pause' must lie between 0.0 seconds and 60.0 seconds, not 7200.0 seconds",
            ]
        )
    }
}
