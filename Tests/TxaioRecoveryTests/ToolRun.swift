#if Tool
import Foundation

/// One run of the tool: what it wrote, and how it ended.
struct ToolRun: Sendable {
    let output: Data
    let errors: String
    let status: Int32
    let isSignal: Bool

    static var program: URL { ProbeRun.program.deletingLastPathComponent().appendingPathComponent("txaio") }

    /// Runs it to its end; standard output goes to a file where one is named.
    init(_ arguments: [String], into path: String? = nil, environment: [String: String] = [:]) async throws {
        let process = ProbeRun.process(arguments, Self.program)
        process.environment?.merge(environment) { $1 }
        let (standardOutput, standardError) = (Pipe(), Pipe())
        if let path {
            process.standardOutput = FileHandle(forWritingAtPath: path)
        } else {
            process.standardOutput = standardOutput
        }
        process.standardError = standardError
        try process.run()
        async let errorData = Task.detached { standardError.fileHandleForReading.readDataToEndOfFile() }.value
        output =
            path == nil
            ? await Task.detached { standardOutput.fileHandleForReading.readDataToEndOfFile() }.value : Data()
        errors = String(decoding: await errorData, as: UTF8.self)
        await Task.detached { process.waitUntilExit() }.value
        status = process.terminationStatus
        isSignal = process.terminationReason == .uncaughtSignal
    }

    var text: String { String(decoding: output, as: UTF8.self) }

    func events() throws -> [Event] { try Event.all(in: output) }
}
#endif
