import Foundation

/// Programs that tests ask for a second opinion.
enum Tools {
    static let python = find("python3")
    static let jq = find("jq")

    private static func find(_ name: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(name)" }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Runs a program to its end.
    static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String, errors: String)
    {
        let directory = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        // Files, not pipes: a program that says much never waits for us.
        for name in ["out", "err"] { _ = FileManager.default.createFile(atPath: directory.file(name), contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.file("out")))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: directory.file("err")))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus,
            String(decoding: try directory.bytes(of: "out"), as: UTF8.self),
            String(decoding: try directory.bytes(of: "err"), as: UTF8.self)
        )
    }
}
