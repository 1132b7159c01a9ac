import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

@Suite("Options of files that are put aside") struct RotationOptionsTests {
    private func options(_ path: String?, _ rotate: [OptionEntry]) -> EmitterOptions {
        var entries = [OptionEntry("rotate", OptionValue(.map(rotate)))]
        if let path { entries.append(OptionEntry("path", OptionValue(.string(path)))) }
        return EmitterOptions(name: "x", entries)
    }

    private func faults(_ rotate: [OptionEntry], path: String? = "/nowhere/app.log") -> [String] {
        let error = #expect(throws: EmitterOptionsError.self) {
            _ = try EmitterRegistry.make("json", options: options(path, rotate))
        }
        return error?.faults.map(\.message) ?? []
    }

    @Test func aFileSaysWhenAndWhatIsKept() throws {
        let directory = try TemporaryDirectory()
        let rotate = [
            OptionEntry("size", "1 KiB"), OptionEntry("every", "1 d"), OptionEntry("keep", 2),
            OptionEntry("gzip", true),
            OptionEntry("keep_bytes", "1 GiB"), OptionEntry("keep_for", "30 d"),
        ]
        let emitter = try EmitterRegistry.make("json", options: options(directory.file("app.log"), rotate))
        let log = makeLogger("some.name")
        withLogging(to: emitter) { for number in 0..<100 { log.info("x", ("n", number)) } }
        let series = LogSeries(directory: directory, name: "app.log")
        let isDone = try LogSeries.waits {
            let aside = try series.aside()
            return aside.count == 2 && aside.allSatisfy { $0.hasSuffix(".gz") }
        }
        #expect(isDone)
    }

    @Test func whatMakesNoSenseIsAFault() {
        #expect(faults([OptionEntry("keep", 3)]) == ["'rotate' needs 'size' or 'every'"])
        #expect(faults([OptionEntry("size", "1 MiB")], path: nil) == ["'rotate' goes with 'path', which is missing"])
        #expect(faults([OptionEntry("size", 7)]) == ["'rotate.size' needs a unit, as in '64 KiB', not 7 alone"])
        let several = faults([
            OptionEntry("size", "1 B"), OptionEntry("every", "1 ms"), OptionEntry("keep", -1), OptionEntry("gz", true),
        ])
        #expect(several.count == 4)
        #expect(several.last == "unknown key 'rotate.gz'")
    }
}
