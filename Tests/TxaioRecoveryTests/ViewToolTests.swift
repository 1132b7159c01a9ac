#if Tool
import Foundation
import Testing

@Suite("txaio view and verify", .timeLimit(.minutes(10))) struct ViewToolTests {
    private static func line(_ number: Int, level: String = "info", rest: String = "") -> String {
        """
        {"log_time":"2026-11-22T21:38:54.12345\(number % 10)Z","log_level":"\(level)","log_namespace":"My.Gateway",\
        "message":"Got \(number).","log_format":"Got {n}.","log_seq":"00000000000000aa-1-\(number)","n":\(number)\(rest)}
        """
    }

    /// A file that goes with the test.
    private final class Lines {
        let path = NSTemporaryDirectory() + "txaio-view-\(UUID().uuidString).jsonl"
        init(_ lines: [String]) throws {
            try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        }
        func append(_ line: String) throws {
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seekToEnd()
            try file.write(contentsOf: Data(line.utf8))
            try file.close()
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private static func view(_ lines: [String], _ arguments: String...) async throws -> ToolRun {
        let file = try Lines(lines)
        return try await ToolRun(["view", file.path] + arguments)
    }

    @Test func anEventIsOneLineWithTheFieldsThatItsMessageDoesNotShow() async throws {
        let run = try await Self.view([Self.line(1, level: "warn", rest: #","user":"Ada L","ok":true,"big":1e400"#)])
        #expect(run.text == "2026-11-22T21:38:54.123451Z WARN  My.Gateway  Got 1.  user=\"Ada L\" ok=true big=1e400\n")
        #expect(run.status == 0 && run.errors.isEmpty)
    }

    @Test func nothingFromOutsideReachesTheTerminalAsItIs() async throws {
        let time = try await Self.view([#"{"log_time":"\u001b]0;t\u0007","log_level":"info"}"#])
        #expect(time.text == "\\u001b]0;t\\u0007 INFO \n", "\(time.text)")
        let hostile = #"{"log_level":"info","message":"a\u001b[2Jb\r\nc\u202ed","k\u0007":"\u009b31m"}"#
        let run = try await Self.view([hostile, "no \u{1B}]0;event"])
        #expect(
            run.text
                == "  INFO   a\\u001b[2Jb\\r\\nc\\u202ed  k\\u0007=\"\\u009b31m\"\nno \\u001b]0;event\n".dropFirst()
        )
    }

    @Test func aCompressedFileIsReadAndOneThatIsCutShortIsTold() async throws {
        let lines = try Lines((0..<2_000).map { Self.line($0, rest: #","id":"\#(UUID().uuidString)""#) })
        let gzip = try Process.run(URL(fileURLWithPath: "/usr/bin/env"), arguments: ["gzip", "-k", lines.path])
        gzip.waitUntilExit()
        let path = lines.path + ".gz"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let whole = try await ToolRun(["view", "--json", path])
        #expect(whole.status == 0 && whole.text.split(separator: "\n").count == 2_000)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        // Nobody goes on with a compressed file: to follow it is to read it.
        for arguments in [["view", path], ["view", "-f", path]] {
            let run = try await ToolRun(arguments)
            #expect(run.status == 2 && run.errors.hasSuffix("txaio: \(path): gzip failed\n"), "\(run.errors)")
            #expect(run.text.contains("Got 7."), "what could be read is shown")
        }
    }

    @Test func levelsAndFieldsSelect() async throws {
        let lines = [
            Self.line(1, rest: #","user":{"id":7}"#), Self.line(2, level: "debug"), "no event",
            Self.line(3, level: "warn"),
        ]
        func numbers(_ arguments: String...) async throws -> [Int] {
            let file = try Lines(lines)
            let run = try await ToolRun(["view", "--json", file.path] + arguments)
            return try run.text.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(object?["n"] as? Int)
            }
        }
        #expect(try await numbers("--levels", "warn") == [3])
        #expect(try await numbers("--levels", "none,My=debug") == [1, 2, 3])
        #expect(try await numbers("--levels", "trace,My.Gateway=warn") == [3])
        #expect(try await numbers("--where", "user.id=7") == [1])
        #expect(try await numbers("--where", "n=2", "--where", "log_level=debug") == [2])
        #expect(try await numbers("--where", "n=2", "--where", "log_level=info") == [])
        #expect(try await numbers("-n", "2") == [2, 3])
    }

    @Test func linesOfJSONStayAsTheyWereWritten() async throws {
        let odd = #"{"log_level":"info" , "z":1.50,"a":[1, 2],"z2":18446744073709551616,"t":"\u00e9"}"#
        #expect(try await Self.view([odd], "--json").text == odd + "\n")
    }

    @Test func wrongUsageAndWhatCannotBeReadAreTold() async throws {
        let run = try await ToolRun(["view", "/nonexistent"])
        #expect(run.status == 2 && run.errors == "txaio: /nonexistent: No such file or directory\n")
        #expect(try await ToolRun(["view", "/tmp"]).status == 2)
        #expect(try await ToolRun(["view", "--levels", "a=debgu", "/dev/null"]).status == 64)
        #expect(try await ToolRun(["view", "--where", "nothing", "/dev/null"]).status == 64)
        #expect(try await ToolRun(["view", "-n", "9223372036854775807", "/dev/null"]).status == 64)
        #expect(try await ToolRun(["verify", "/dev/null"]).status == 2)
    }

    @Test func depthAndSizeHaveNoEffectButALine() async throws {
        let deep = #"{"log_level":"info","x":"# + String(repeating: "[", count: 100_000) + "}"
        let wide = Self.line(1, rest: ",\"w\":\"\(String(repeating: "x", count: 1 << 20))\"")
        let run = try await Self.view([deep, wide, "{\"log_level\":\"info\",\"x\":\"\\ud800\"}", "\u{0}"])
        let lines = run.text.split(separator: "\n")
        #expect(run.status == 0 && lines.count == 4)
        #expect(lines[1].utf8.count > 1 << 20)
    }

    @Test func aFileIsFollowedThroughARotation() async throws {
        let file = try Lines([Self.line(1)])
        let process = ProbeRun.process(["view", "--follow", file.path], ToolRun.program)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let seen = SeenLines(output.fileHandleForReading)
        #expect(await seen.wait(for: 1))
        try file.append(Self.line(2).prefix(30).description)
        try file.append(Self.line(2).dropFirst(30) + "\n")
        #expect(await seen.wait(for: 2))
        #expect(rename(file.path, file.path + ".1") == 0)
        defer { unlink(file.path + ".1") }
        try (Self.line(3) + "\n").write(toFile: file.path, atomically: false, encoding: .utf8)
        #expect(await seen.wait(for: 3))
        // Of this process it may have inherited that other signals are held back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(seen.lines.map { $0.hasSuffix(".") } == [true, true, true])
    }

    @Test func whatIsMissingOrDoubledIsFound() async throws {
        let numbers = [1, 2, 3, 6, 5, 9, 9, 10]
        let file = try Lines(
            numbers.map { Self.line($0) } + [Self.line(10, rest: #","log_maybe_repeated":true"#), "x"]
        )
        let run = try await ToolRun(["verify", file.path])
        #expect(
            run.text == """
                run 00000000000000aa, thread 1: 1-10, 9 events; missing 3: 4, 7-8; doubled 1; \
                repeated, and marked so, 1; out of order 1
                9 events, 3 missing, 1 doubled; 1 lines are no events with numbers

                """
        )
        #expect(run.status == 1)
        let whole = try Lines([4, 7, 8].map { Self.line($0) })
        let both = try await ToolRun(["verify", "--json", whole.path, file.path])
        #expect(both.status == 1 && both.text.contains(#""missing":0"#) && both.text.contains(#""doubled":1"#))
        let good = try Lines((1...1_000).shuffled().map { Self.line($0) })
        let fine = try await ToolRun(["verify", good.path])
        #expect(fine.status == 0 && fine.text.hasSuffix("1000 events, 0 missing, 0 doubled\n"), "\(fine.text)")
    }

    @Test func numbersOfAnySizeAreCountedUpToTheLargest() async throws {
        let numbers = (1...2).flatMap { thread in ["0", "18446744073709551615"].map { "aa-\(thread)-\($0)" } }
        let file = try Lines(numbers.map { #"{"log_level":"info","log_seq":"\#($0)"}"# })
        let run = try await ToolRun(["verify", file.path])
        #expect(
            run.status == 1 && run.text.contains("4 events, 18446744073709551615 missing, 0 doubled"),
            "\(run.text)"
        )
    }

    @Test func whatAPipeHasIsShownBeforeMoreComes() async throws {
        let process = ProbeRun.process(["view"], ToolRun.program)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let seen = SeenLines(output.fileHandleForReading)
        try input.fileHandleForWriting.write(contentsOf: Data((Self.line(1) + "\n").utf8))
        #expect(await seen.wait(for: 1))
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func whatADeadServiceLeftIsWhole() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 300)
        let path = "\(place.path)/recovered.jsonl"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        _ = try await ToolRun(["recover", "--dir", place.path, "--format", "json"], into: path)
        let run = try await ToolRun(["verify", path])
        #expect(run.status == 0 && run.text.contains("604 events, 0 missing, 0 doubled"), "\(run.text)")
    }
}

/// The lines that come from a pipe.
private final class SeenLines: @unchecked Sendable {
    // Unchecked: the lock guards the text.
    private let lock = NSLock()
    private var text = ""

    init(_ file: FileHandle) {
        file.readabilityHandler = { [self] file in
            let data = file.availableData
            if data.isEmpty { file.readabilityHandler = nil }
            lock.withLock { text += String(decoding: data, as: UTF8.self) }
        }
    }

    var lines: [Substring] { lock.withLock { text.split(separator: "\n") } }

    /// Waits until there are so many, for twenty seconds at most.
    func wait(for count: Int) async -> Bool {
        for _ in 0..<4_000 {
            if lines.count >= count { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}
#endif
