#if Tool
import Foundation
import Testing

@Suite("txaio recover", .timeLimit(.minutes(10))) struct ToolTests {
    private static func recover(_ place: RingPlace, _ more: String..., into path: String? = nil) async throws -> ToolRun
    {
        try await ToolRun(["recover", "--dir", place.path] + more, into: path)
    }

    /// The tool is not the program that died: literals are found in that program's file.
    @Test func itWritesWhatADeadProcessLeftAsLinesOfJSON() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 300)
        let run = try await Self.recover(place, "--format", "json", "--service", "probe")
        #expect(run.status == 0 && !run.isSignal && place.ringFiles.isEmpty, "\(run.errors)")
        #expect(run.errors.hasPrefix("txaio: recovered 604 events; 1 files read and removed"), "\(run.errors)")
        #expect(!run.errors.contains("not found") && !run.errors.contains("no sense"), "\(run.errors)")
        let events = try run.events()
        #expect(events.count == 604 && events.allSatisfy { $0.log_recovered == true })
        #expect(events.map(\.log_time) == events.map(\.log_time).sorted())
        for thread in 0..<2 {
            let own = events.filter { $0.t == thread }
            #expect(own.map(\.message) == (0..<300).map { "event \($0) of thread \(thread)" })
        }
        #expect(events.first { $0.user != nil }?.message.hasPrefix("A literal template with ada of Named(") == true)
        #expect(events.contains { $0.service == "orders" && $0.request == "r1" })
    }

    @Test func levelsOfItsOwnEnvironmentTakeNothingAway() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 1)
        let run = try await ToolRun(["recover", "--dir", place.path], environment: ["TXAIO_LOG": "none"])
        #expect(run.status == 0 && run.text.split(separator: "\n").count == 6, "\(run.errors)")
    }

    @Test func textIsTheDefaultAndOtherServicesAreLeftAlone() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 1)
        let none = try await Self.recover(place, "--service", "another")
        #expect(none.status == 0 && none.output.isEmpty && place.ringFiles.count == 1, "\(none.errors)")
        let run = try await Self.recover(place)
        #expect(run.status == 0 && place.ringFiles.isEmpty)
        let lines = run.text.split(separator: "\n")
        #expect(lines.count == 6 && lines.allSatisfy { $0.contains("log_recovered=true") })
    }

    @Test(arguments: [true, false])
    func namesOfAProgramThatIsGoneOrAnotherBuildAreCounted(isGone: Bool) async throws {
        let place = try RingPlace()
        let copy = URL(fileURLWithPath: "\(place.path)/program")
        try ProbeRun.copy(ProbeRun.program, to: copy)
        _ = try await place.death(count: 10, program: copy)
        try FileManager.default.removeItem(at: copy)
        if !isGone { try ProbeRun.copy(ToolRun.program, to: copy) }
        let run = try await Self.recover(place, "--format", "json")
        #expect(run.status == 0 && run.errors.contains("names were not found"), "\(run.errors)")
        let lines = run.text.split(separator: "\n")
        #expect(lines.count == 24 && lines.filter { $0.contains(#""message":"(unresolved)""#) }.count == 21)
        #expect(run.text.contains("text made at run time, {not parsed} run-time mark 10"))
    }

    @Test func aListTakesNothing() async throws {
        let place = try RingPlace()
        let process = ProbeRun.process(["live", place.path])
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var said = ""
        while !said.contains("ready") {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            said += String(decoding: data, as: UTF8.self)
        }
        defer { process.terminate() }
        let live = try #require(place.ringFiles.first)
        _ = try await place.death(count: 10)
        let dead = try #require(place.ringFiles.first { $0 != live })
        let foreign = try place.write(Data("\u{1B}[2J".utf8), to: "\u{1B}[31mprobe.1.1.rings")
        let before = try Data(contentsOf: URL(fileURLWithPath: dead))

        for flag in ["--list", "--dry-run"] {
            let run = try await Self.recover(place, flag, "--format", "json")
            #expect(run.status == 1)
            let files = try run.output.split(separator: UInt8(ascii: "\n")).map {
                try JSONDecoder().decode(Listed.self, from: $0)
            }
            let byFile = Dictionary(uniqueKeysWithValues: files.map { ($0.file, $0) })
            #expect(byFile.count == 3)
            #expect(byFile[dead]?.state == "dead" && byFile[dead]?.events == 24 && byFile[dead]?.service == "probe")
            #expect(byFile[dead]?.pid.map { dead.contains(".\($0).") } == true && (byFile[dead]?.bytes ?? 0) > 2_000)
            #expect(byFile[live]?.state == "live" && byFile[live]?.pid == process.processIdentifier)
            #expect(byFile[live]?.events == 10)
            #expect(byFile[foreign]?.state == "foreign" && byFile[foreign]?.reason == "no ring file has 4 bytes")
        }
        let table = try await Self.recover(place, "--list")
        #expect(table.text.split(separator: "\n").count == 4 && !table.text.contains("\u{1B}"), "\(table.text)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: dead)) == before)
        #expect(place.ringFiles.count == 3)

        kill(process.processIdentifier, SIGKILL)
        await Task.detached { process.waitUntilExit() }.value
        let run = try await Self.recover(place, "--format", "json")
        #expect(run.status == 1 && place.ringFiles == [foreign], "\(run.errors)")
        #expect(run.errors.contains("not a ring file, left alone:") && !run.errors.contains("\u{1B}"), "\(run.errors)")
        #expect(try run.events().count == 34)
        withExtendedLifetime(input) {}
    }

    private struct Listed: Decodable {
        let state: String
        let reason: String?
        let pid: Int32?
        let events: Int?
        let bytes: Int?
        let service: String
        let file: String
    }

    // ------------------------------------------------------------------------------------------------ together

    @Test func twoToolsAtOnceRecoverEachEventOnce() async throws {
        let place = try RingPlace()
        for _ in 0..<20 { _ = try await place.death(count: 50) }
        try #require(place.ringFiles.count == 20)
        async let one = Self.recover(place, "--format", "json")
        async let other = Self.recover(place, "--format", "json")
        let runs = try await [one, other]
        #expect(runs.allSatisfy { $0.status == 0 } && place.ringFiles.isEmpty)
        let events = try runs.flatMap { try $0.events() }
        #expect(events.count == 20 * 104 && Set(events.map(\.log_seq)).count == events.count)
    }

    /// It waits for who reads; killed meanwhile, it leaves the rest to the next.
    @Test func killedWhileItWritesItLosesNothingAndMarksWhatMayComeTwice() async throws {
        let place = try RingPlace()
        _ = try await place.death("early", count: 1_000)
        let process = ProbeRun.process(["recover", "--dir", place.path, "--format", "json"], ToolRun.program)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = Date().addingTimeInterval(30)
        var ready: Int32 = 0
        while ready < 60_000, Date() < deadline {
            #expect(ioctl(output.fileHandleForReading.fileDescriptor, UInt(FIONREAD), &ready) == 0)
            try await Task.sleep(for: .milliseconds(5))
        }
        let listed = try await Self.recover(place, "--list")
        #expect(listed.text.contains("\nlocked "), "\(listed.text)")
        kill(process.processIdentifier, SIGKILL)
        await Task.detached { process.waitUntilExit() }.value
        try? output.fileHandleForWriting.close()
        let written = output.fileHandleForReading.readDataToEndOfFile()
        let end = try #require(written.lastIndex(of: UInt8(ascii: "\n")))
        let first = try Event.all(in: written[...end])
        let run = try await Self.recover(place, "--format", "json")
        #expect(run.status == 0 && place.ringFiles.isEmpty, "\(run.errors)")
        let rest = try run.events()
        #expect(Set((first + rest).map(\.log_seq)).count == 2_004)
        let early = Set(first.map(\.log_seq))
        #expect(rest.allSatisfy { !early.contains($0.log_seq) || $0.log_maybe_repeated == true })
        #expect(rest.count { $0.log_maybe_repeated == true } <= 256)
    }

    // ------------------------------------------------------------------------------------------------ sinks

    @Test func aSinkThatTakesNothingKeepsTheFile() async throws {
        let place = try RingPlace()
        _ = try await place.death("early", count: 300)
        let full = try await Self.recover(place, "--format", "json", into: "/dev/full")
        #expect(full.status == 1 && place.ringFiles.count == 1, "\(full.errors)")
        #expect(
            full.errors.contains("604 events were not taken by any emitter and stay for the next time"),
            "\(full.errors)"
        )
        let run = try await Self.recover(place, "--format", "json")
        let events = try run.events()
        #expect(run.status == 0 && events.count == 604 && Set(events.map(\.log_seq)).count == 604)
        #expect(events.count { $0.log_maybe_repeated == true } == 256)
    }

    #if Configuration
    @Test func aConfigurationFileSaysWhereEventsGoAndWhoseTheyAre() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 10)
        let other = try place.write(Data("foreign".utf8), to: "another.1.1.rings")
        let text = """
            version: 1
            emitters: { out: { type: json, path: \(place.path)/out.jsonl } }
            delivery: queued
            queue: { service: probe, directory: \(place.path) }
            """
        let path = try place.write(Data(text.utf8), to: "logging.yaml")
        let run = try await ToolRun(["recover", "--config", path])
        #expect(run.status == 0 && run.output.isEmpty && place.ringFiles == [other], "\(run.errors)")
        #expect(try place.events().count == 24)
    }

    @Test func aConfigurationFileWithFaultsTakesNothing() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 10)
        let path = try place.write(Data("version: 2\n".utf8), to: "logging.yaml")
        let run = try await Self.recover(place, "--config", path)
        #expect(run.status == 2 && run.errors.contains(path) && place.ringFiles.count == 1, "\(run.errors)")
        let both = try await Self.recover(place, "--config", path, "--format", "text")
        #expect(both.status == 64)
    }
    #endif

    @Test func wrongUsageAndADirectoryThatIsNotThereHaveStatusesOfTheirOwn() async throws {
        #expect(try await ToolRun(["recover", "--service", "a/b"]).status == 64)
        #expect(try await ToolRun(["recover", "--format", "xml"]).status == 64)
        #expect(try await ToolRun(["recover", "--nothing"]).status == 64)
        for more in [[], ["--list"]] {
            let run = try await ToolRun(["recover", "--dir", "/nonexistent"] + more)
            #expect(run.status == 2)
            #expect(run.errors == "txaio: cannot read /nonexistent: No such file or directory\n")
        }
        #expect(try await ToolRun(["--help"]).text.contains("recover"))
    }
}
#endif
