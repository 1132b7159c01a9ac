import Foundation
import Testing

/// One run of the program LogProbe: what it printed, by name, and how it ended.
struct LogProbeRun {
    let values: [String: [String]]
    let status: Int32
    let output: String

    /// Runs a part; ends it, which fails the test, where it takes longer than a minute.
    init(_ part: String) async throws {
        let process = Process()
        // Beside the test bundle, where SwiftPM builds all programs of the package.
        let directory = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        process.executableURL = directory.appendingPathComponent("LogProbe")
        process.arguments = [part]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let watchdog = Task.detached {
            try await Task.sleep(for: .seconds(120))
            process.terminate()
        }
        let data = await Task.detached { pipe.fileHandleForReading.readDataToEndOfFile() }.value
        process.waitUntilExit()
        watchdog.cancel()
        output = String(decoding: data, as: UTF8.self)
        status = process.terminationStatus
        values = output.split(separator: "\n").reduce(into: [:]) { values, line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard let name = parts.first else { return }
            values[String(name), default: []].append(parts.count > 1 ? String(parts[1]) : "")
        }
        #expect(status == 0, "\(part) ended with \(status): \(output)")
    }

    /// The value printed under a name, the first where there are several.
    subscript(_ name: String) -> String? { values[name]?.first }

    /// Expects that the ledger printed adds up.
    func expectBalance(sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(self["balanced"] == "true", "\(output)", sourceLocation: sourceLocation)
        for (name, values) in values where name.hasSuffix(".offered-is-delivered") {
            #expect(values == ["true"], "\(output)", sourceLocation: sourceLocation)
        }
    }
}
