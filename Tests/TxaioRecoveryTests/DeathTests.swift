import Foundation
import Testing

@Suite("Recovery after a death") struct DeathTests {
    @Test(arguments: ["kill", "segv", "trap", "exit"])
    func whatADeadProcessCommittedIsEmittedByTheNext(how: String) async throws {
        let place = try RingPlace()
        let began = Date()
        let death = try await place.death(how)
        let ended = Date()
        #expect(death.isSignal == (how != "exit") && death.status != 0)
        if how == "kill" { #expect(death.status == SIGKILL) }
        let file = try #require(place.ringFiles.first)
        let run = try await place.recovery()
        #expect(run["files"] == "1" && run["recovered"] == "604" && run["skipped"] == "0", "\(run.output)")
        #expect(run["unresolved"] == "0" && run["refused"] == nil, "\(run.output)")
        #expect(place.ringFiles.isEmpty)

        let events = try place.events()
        #expect(events.allSatisfy { $0.log_recovered == true })
        // Nothing was handed over: what was taken out, at most a batch, may have been. Of each thread that is its oldest.
        let marked = events.count { $0.log_maybe_repeated == true }
        #expect(marked == run.number("maybe-repeated") && (0...256).contains(marked))
        for (_, own) in Dictionary(grouping: events, by: { $0.log_seq.split(separator: "-")[1] }) {
            #expect(own.drop { $0.log_maybe_repeated == true }.allSatisfy { $0.log_maybe_repeated == nil })
        }
        for thread in 0..<2 {
            let own = events.filter { $0.t == thread }
            #expect(own.map(\.n) == (0..<300).map { $0 })
            #expect(own.map(\.message) == (0..<300).map { "event \($0) of thread \(thread)" })
        }
        // In the order of the times, which are those of the calls.
        let times = events.map(\.log_time)
        #expect(times == times.sorted())
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let first = try style.parse(try #require(times.first))
        let last = try style.parse(try #require(times.last))
        #expect(first >= began.addingTimeInterval(-0.01) && last <= ended.addingTimeInterval(0.01))
        // log_seq names the dead process's run, which is in the file's name too.
        let start = URL(fileURLWithPath: file).lastPathComponent.split(separator: ".")[2]
        let run16 = String(repeating: "0", count: max(0, 16 - start.count)) + start
        #expect(start != "0" && events.allSatisfy { $0.log_seq.hasPrefix("\(run16)-") })
        #expect(Set(events.map(\.log_seq)).count == events.count)
    }

    @Test func whatTheOldestGaveWayToIsRecoveredWhole() async throws {
        let place = try RingPlace()
        let death = try await ProbeRun("overrun", "5000", place.path)
        #expect(death.isSignal && death.status == SIGKILL)
        let run = try await place.recovery()
        #expect(run["files"] == "1" && run["skipped"] == "0" && run["maybe-repeated"] == "0", "\(run.output)")
        // The room of what the emitter had in hand was used.
        let numbers = try place.events().compactMap(\.n)
        #expect(numbers.count > 100 && numbers == Array((5_000 - numbers.count)..<5_000))
    }

    @Test func everyKindOfEventIsRecoveredWhole() async throws {
        let place = try RingPlace()
        _ = try await place.death(count: 1)
        // What the logger and the scope add lies in the file's table of contexts, not in the records.
        let file = try Data(contentsOf: URL(fileURLWithPath: try #require(place.ringFiles.first)))
        #expect(file.range(of: Data("TaCxChnk".utf8)) != nil && Self.count(of: "orders", in: file) == 1)
        _ = try await place.recovery()
        let events = try place.events().filter { $0.t == nil }
        try #require(events.count == 4)
        #expect(events.allSatisfy { $0.service == "orders" && $0.request == "r1" && $0.log_namespace == "probe.kinds" })
        #expect(events.map(\.log_level) == ["warn", "info", "critical", "info"])
        #expect(events[0].user == ["name": .text("ada"), "rank": .number(7)])
        #expect(events[0].log_format == "A literal template with {user.name} of {user}.")
        #expect(events[0].message.hasPrefix("A literal template with ada of Named("))
        #expect(events[1].message == "a template made at run time, [1, 2] run-time mark 1" && events[1].key == [1, 2])
        #expect(events[2].message == "text made at run time, {not parsed} run-time mark 1")
        #expect(events[3].message == "a category of things, made at run time" && events[3].thing == "things")
    }

    private static func count(of text: String, in file: Data) -> Int {
        var (count, start) = (0, file.startIndex)
        while let found = file.range(of: Data(text.utf8), in: start..<file.endIndex) {
            count += 1
            start = found.upperBound
        }
        return count
    }

    @Test(arguments: [true, false])
    func namesOfAProgramThatIsNoLongerTheSameAreUnresolvedAndCounted(isGone: Bool) async throws {
        let place = try RingPlace()
        let copy = URL(fileURLWithPath: "\(place.path)/program")
        try ProbeRun.copy(ProbeRun.program, to: copy)
        let death = try await place.death(count: 10, program: copy)
        #expect(death.isSignal && death.status == SIGKILL)
        try FileManager.default.removeItem(at: copy)
        if !isGone { try ProbeRun.copy(URL(fileURLWithPath: "/bin/sh"), to: copy) }
        let run = try await place.recovery()
        #expect(run["recovered"] == "24" && run["skipped"] == "0", "\(run.output)")
        #expect(run.number("unresolved") >= 22, "\(run.output)")
        // The namespace, and templates that were no literals, are in the file itself.
        let lines = try String(contentsOfFile: "\(place.path)/out.jsonl", encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 24 && lines.allSatisfy { $0.contains(#""log_namespace":"probe.kinds""#) })
        #expect(lines.filter { $0.contains(#""message":"(unresolved)""#) }.count == 21)
        #expect(lines.contains { $0.contains("text made at run time, {not parsed} run-time mark 10") })
        #expect(lines.filter { $0.contains(#""(unresolved)":7"#) }.count >= 1)
    }

    // ------------------------------------------------------------------------------------------------ life

    @Test func aFileIsTheUsersAloneAndIsRemovedAtACleanEnd() async throws {
        let place = try RingPlace()
        let run = try await ProbeRun("clean", place.path)
        #expect(run["mode"] == "600" && run["complete"] == "true" && run["left"] == "false", "\(run.output)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).isEmpty)
    }

    private static let mayMount: Bool = {
        let process = ProbeRun.process(["-m", "true"], URL(fileURLWithPath: "/usr/bin/unshare"))
        guard getuid() == 0, (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// A page of a mapped file for which the file system has no room would kill who writes to it.
    @Test(.enabled(if: mayMount, "only root may mount a small file system"))
    func aFullFileSystemCostsEventsAndNotTheProcess() async throws {
        let place = try RingPlace()
        let shell = "mount -t tmpfs -o size=1200k tmpfs \"$1\" && exec \"$0\" clean \"$1\""
        let run = try await ProbeRun(
            "-m",
            "sh",
            "-c",
            shell,
            ProbeRun.program.path,
            place.path,
            program: URL(fileURLWithPath: "/usr/bin/unshare")
        )
        #expect(run.status == 0 && !run.isSignal && run["complete"] == "true", "\(run.status) \(run.output)")
        #expect(run["dropped"] == "1", "\(run.output)")
    }

    @Test func aChildProcessLeavesItsParentsRingsAlone() async throws {
        let place = try RingPlace()
        let run = try await ProbeRun("fork", place.path)
        #expect(run["child"] == "0" && run["untouched"] == "true" && run["exists"] == "true", "\(run.output)")
        let recovery = try await place.recovery()
        #expect(recovery["recovered"] == "1", "\(recovery.output)")
        #expect(try place.events().map(\.message) == ["event of the parent"])
    }

    @Test func aLivingProcessKeepsItsFile() async throws {
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
        #expect(said.contains("own 0") && said.contains("ready"), "\(said)")
        let run = try await place.recovery()
        #expect(run["files"] == "0" && run["recovered"] == "0" && run["refused"] == nil, "\(run.output)")
        #expect(place.ringFiles.count == 1)
        kill(process.processIdentifier, SIGKILL)
        await Task.detached { process.waitUntilExit() }.value
        let after = try await place.recovery(into: "after.jsonl")
        #expect(after["recovered"] == "10", "\(after.output)")
        withExtendedLifetime(input) {}
    }

    // ------------------------------------------------------------------------------------------------ together

    @Test func processesThatRecoverAtOnceNeverReadTheSameFile() async throws {
        let place = try RingPlace()
        for _ in 0..<8 { _ = try await place.death(count: 100) }
        try #require(place.ringFiles.count == 8)
        let runs = try await withThrowingTaskGroup(of: ProbeRun.self) { group in
            for number in 0..<3 { group.addTask { try await place.recovery(into: "out\(number).jsonl") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(runs.map { $0.number("files") }.reduce(0, +) == 8)
        #expect(runs.map { $0.number("recovered") }.reduce(0, +) == 8 * 204)
        #expect(runs.allSatisfy { $0["refused"] == nil }, "\(runs.map(\.output))")
        let events = try (0..<3).flatMap { try place.events(in: "out\($0).jsonl") }
        #expect(events.count == 8 * 204 && Set(events.map(\.log_seq)).count == events.count)
    }

    @Test func threadsThatRecoverAtOnceNeverReadTheSameFile() async throws {
        let place = try RingPlace()
        for _ in 0..<6 { _ = try await place.death(count: 100) }
        let run = try await ProbeRun("recover-together", place.path, "\(place.path)/out.jsonl")
        #expect(run["files"] == "6" && run["recovered"] == "\(6 * 204)", "\(run.output)")
        let events = try place.events()
        #expect(events.count == 6 * 204 && Set(events.map(\.log_seq)).count == events.count)
    }
}
