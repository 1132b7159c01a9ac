import Foundation
import Testing
import TxaioEmitters
import TxaioLog

/// Faults of a real journald, each with one of its own, in a process of its own.
@Suite(.ownJournald, .serialized)
struct JournaldFaultTests {
    private func expectLaw(_ report: ProbeReport, _ place: SourceLocation = #_sourceLocation) {
        #expect(report["balanced"] == 1 && report["inFlight"] == 0, "\(report)", sourceLocation: place)
        let sum = report["handedOver"] + report["dropped"]
        #expect(report["accepted"] == sum, "\(report)", sourceLocation: place)
    }

    private func expectStored(_ report: ProbeReport, _ place: SourceLocation = #_sourceLocation) {
        expectLaw(report, place)
        #expect(report["stored"] == report["handedOver"], "\(report)", sourceLocation: place)
        #expect(report["duplicates"] == 0, "\(report)", sourceLocation: place)
    }

    @Test(arguments: [["--qlen=512", "0"], ["--qlen=512", "1"], ["--qlen=10", "0"], ["--qlen=10", "1"]])
    func aStoppedJournaldHoldsNobodyUpAndWhatIsDroppedIsCountedAndToldInTheJournal(_ setup: [String]) throws {
        let report = try Journald.probe("stopped", setup[1], journald: [setup[0]])
        expectStored(report)
        #expect(report["dropped"] > 0 && report["dropped"] == report["overflow"])
        #expect(report["announced"] == report["dropped"] && report["announcedEntries"] == 1)
        #expect(report["announcedBeforeNext"] == 1, "it is told before the next event: \(report)")
        #expect(report["stallNanoseconds"] < 5_000_000)
    }

    @Test
    func waitingIsBoundedAndAsleepAndEndsWhenThereIsRoom() throws {
        let report = try Journald.probe("waiting")
        expectStored(report)
        #expect(report["waitedMilliseconds"] >= 590 && report["waitedMilliseconds"] < 3000, "\(report)")
        #expect(report["cpuMilliseconds"] < report["waitedMilliseconds"] / 4, "no busy loop: \(report)")
        #expect(report["gotThrough"] == 1)
        #expect(report["announced"] == report["dropped"])
    }

    @Test
    func aLargeDatagramWaitsAsleepForItsRoomToo() throws {
        let report = try Journald.probe("large-waiting")
        expectStored(report)
        #expect(report["dropped"] == 1 && report["stored"] == 2)
        #expect(report["waitedMilliseconds"] >= 190 && report["waitedMilliseconds"] < 3000, "\(report)")
        #expect(report["cpuMilliseconds"] < 50, "\(report)")
    }

    @Test
    func aKilledJournaldWhoseSocketsAreHeldLosesNothingAndKeepsTheOrder() throws {
        let report = try Journald.probe("killed")
        expectLaw(report)
        #expect(report["dropped"] == 0 && report["inOrder"] == 1, "\(report)")
        // The entry in journald's hand at the moment of each of the three kills.
        #expect(report["stored"] >= report["handedOver"] - 3, "\(report)")
        #expect(report["duplicates"] == 0)
    }

    @Test
    func aKilledJournaldWithItsOwnSocketLosesItsQueueAndWhatIsReported() throws {
        let report = try Journald.probe("killed", journald: ["--sockets=own"])
        expectLaw(report)
        #expect(report["connections"] >= 2, "\(report)")
        #expect(report["handedOver"] - report["stored"] <= 3 * 513, "\(report)")
        #expect(report["stored"] > 0 && report["announced"] <= report["dropped"], "\(report)")
    }

    @Test
    func theNextEventAfterARestartArrivesAndADeadOneIsReported() throws {
        let report = try Journald.probe("reconnect", journald: ["--sockets=own"])
        expectStored(report)
        #expect(report["droppedWhileDead"] == 10 && report["sinkGone"] == report["dropped"], "\(report)")
        #expect(report["announced"] == report["dropped"])
        #expect(report["connections"] == 3)
        #expect(report["recoveryMilliseconds"] < 2000)
    }

    @Test(arguments: ["held", "own"], Journald.transports)
    func withoutAJournaldTheFallbackTakesOverAndItIsToldOnce(
        _ sockets: String,
        _ transport: JournaldOptions.Transport
    ) throws {
        let number = transport == .native ? "0" : "1"
        let report = try Journald.probe("absent", number, journald: ["--sockets=\(sockets)"])
        expectLaw(report)
        #expect(report["taken"] == 50 && report["dropped"] == 0)
        #expect(report["takenInAll"] + report["stored"] == report["offered"], "every event in one place: \(report)")
        #expect(report["stored"] >= 2 && report["toldInJournal"] == report["takenInAll"], "\(report)")
        #expect(report.errors.components(separatedBy: "no journald at").count == 2, "told once: \(report)")
    }

    @Test
    func aChildLogsUnderItsOwnNumberAndAProgramInheritsNothing() throws {
        let report = try Journald.probe("fork")
        #expect(report["childrenEnded"] == 100 && report["children"] == 100, "\(report)")
        #expect(report["ownPIDs"] == 100 && report["inherited"] == 0)
    }

    @Test
    func theLastDescriptorIsKeptForALargeEntry() throws {
        let report = try Journald.probe("descriptors")
        expectStored(report)
        #expect(report["wholeTexts"] == 3 && report["sealed"] == 3 && report["cut"] == 0, "\(report)")
    }

    @Test
    func tenThousandMemoryFilesLeaveNoDescriptorBehind() throws {
        let report = try Journald.probe("leak")
        #expect(report["sent"] == 10_000 && report["sealedOnes"] == 10_000, "\(report)")
        #expect(report["leaked"] == 0 && report["stored"] == 10_001, "\(report)")
    }

    @Test
    func whatExceedsARaisedSendBufferGoesAsAMemoryFile() throws {
        let report = try Journald.probe("large")
        expectLaw(report)
        #expect(report["storedEntries"] == 5 && report["dropped"] == 0 && report["cut"] == 0, "\(report)")
        #expect(report["sealed"] >= 3 && report["exportedBytes"] > report["expectedBytes"], "\(report)")
    }

    /// Calls of the system fail, one after the other or for good: each event is stored, or counted.
    @Test(arguments: [
        "memfd_create:error=EMFILE", "memfd_create:error=ENOSYS", "memfd_create:error=EPERM",
        "memfd_create:error=ENOMEM",
        "memfd_create:error=ENFILE:when=1", "sendto:error=EAGAIN:when=3..7", "sendto:error=ENOBUFS:when=4+3",
        "sendto:error=ECONNREFUSED:when=5", "sendto:error=ENOTCONN:when=5", "sendto:error=EPERM:when=5..9",
        "sendto:error=EINTR:when=5..12", "sendto:error=EINTR", "sendto:error=EBADF:when=9",
        "sendto:error=ENOTSOCK:when=9",
        "sendto:error=ENOMEM:when=2+2", "sendto:error=EIO", "sendmsg:error=EAGAIN:when=1", "sendmsg:error=ETOOMANYREFS",
        "sendmsg:error=ECONNREFUSED:when=1", "sendmsg:error=EPERM", "sendmsg:error=ENOBUFS", "connect:error=ENOENT",
        "connect:error=ECONNREFUSED:when=1", "connect:error=EACCES", "socket:error=EMFILE",
        "socket:error=ENFILE:when=1",
    ])
    func everyFailingCallLeavesTheLedgerTrue(_ fault: String) throws {
        guard try Journald.run(["strace", "-V"]).status == 0 else { return }
        let call = fault.prefix { $0 != ":" }
        let prefix = [
            "strace", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(fault)", "-e", "status=none",
        ]
        let report = try Journald.probe("faults", prefix: prefix)
        expectLaw(report)
        #expect(report["accepted"] == report["offered"], "\(report)")
        if call == "memfd_create" {
            #expect(report["dropped"] == 0, "large ones are cut, not lost: \(report)")
            #expect(fault.contains("when") || report["cut"] == 4, "\(report)")
        }
    }

    // ------------------------------------------------------------------------------------------------ batches

    private static let queued = ["env", "TXAIO_PROBE_QUEUED=1"]

    private func injected(_ faults: [String]) -> [String] {
        let traced = Set(faults.map { String($0.prefix { $0 != ":" }) }).sorted().joined(separator: ",")
        return ["strace", "-f", "-o", "/dev/null", "-e", "trace=\(traced)", "-e", "status=none"]
            + faults.flatMap { ["-e", "inject=\($0)"] }
    }

    /// The call for a batch fails: what it did not take goes by itself, or the call is made again.
    @Test(arguments: [
        "sendmmsg:error=EAGAIN:when=2..4", "sendmmsg:error=EINTR", "sendmmsg:error=ECONNREFUSED:when=2",
        "sendmmsg:error=ENOTCONN", "sendmmsg:error=EMSGSIZE:when=2", "sendmmsg:error=ENOBUFS",
        "sendmmsg:error=EPERM", "sendmmsg:error=EBADF:when=2", "sendmmsg:error=ENOSYS",
    ])
    func aBatchGoesOnAtTheFirstEntryThatIsLeft(_ fault: String) throws {
        guard try Journald.run(["strace", "-V"]).status == 0 else { return }
        let report = try Journald.probe("batch-faults", prefix: Self.queued + injected([fault]))
        expectStored(report)
        #expect(report["stored"] == 100 && report["dropped"] == 0 && report["inOrder"] == 1, "\(report)")
    }

    /// The call for a batch fails, and so does that for an entry by itself: each one lost is counted, and told of.
    @Test(arguments: ["EPERM", "ECONNREFUSED", "ENOTSOCK"])
    func anEntryThatFailsIsCountedAndTheRestOfItsBatchGoesOn(_ error: String) throws {
        guard try Journald.run(["strace", "-V"]).status == 0 else { return }
        let faults = ["sendmmsg:error=\(error)", "sendto:error=\(error):when=20..29"]
        let report = try Journald.probe("batch-faults", prefix: Self.queued + injected(faults))
        expectStored(report)
        #expect(report["accepted"] == 100 && report["inOrder"] == 1, "\(report)")
        #expect(report["dropped"] > 0 && report["announced"] == report["dropped"], "\(report)")
    }

    @Test
    func batchesOutliveAKilledJournaldAndKeepTheOrder() throws {
        let report = try Journald.probe("killed", prefix: Self.queued)
        expectLaw(report)
        #expect(report["dropped"] == 0 && report["inOrder"] == 1 && report["duplicates"] == 0, "\(report)")
        #expect(report["stored"] >= report["handedOver"] - 3, "\(report)")
    }

    @Test
    func batchesFindAJournaldWithItsOwnSocketAgain() throws {
        let report = try Journald.probe("reconnect", journald: ["--sockets=own"], prefix: Self.queued)
        expectStored(report)
        #expect(report["droppedWhileDead"] == 10 && report["announced"] == report["dropped"], "\(report)")
    }

    @Test(arguments: ["held", "own"])
    func theFallbackTakesWhatABatchCannotSend(_ sockets: String) throws {
        let report = try Journald.probe("absent", journald: ["--sockets=\(sockets)"], prefix: Self.queued)
        expectLaw(report)
        #expect(report["taken"] == 50 && report["dropped"] == 0, "\(report)")
        #expect(report["takenInAll"] + report["stored"] == report["offered"], "every event in one place: \(report)")
        #expect(report["toldInJournal"] == report["takenInAll"], "\(report)")
    }

    @Test
    func aQueueOfTenEntriesLosesNothingInQueuedDelivery() throws {
        let report = try Journald.probe("batch-faults", "3000", journald: ["--qlen=10"], prefix: Self.queued)
        expectStored(report)
        #expect(report["stored"] == 3000 && report["inOrder"] == 1, "\(report)")
    }

    @Test
    func aSlowJournaldThatGoesOnLosesNothingInQueuedDelivery() throws {
        let report = try Journald.probe("slow", journald: ["--qlen=10"], prefix: Self.queued)
        expectStored(report)
        #expect(report["stored"] == 192 && report["dropped"] == 0, "\(report)")
    }

    @Test
    func onlyAMatchingStreamCounts() throws {
        let script = """
            export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2)
            "$0" stream > "$1/all"; JOURNAL_STREAM=1:1 "$0" stream > "$1/stale"; "$0" stream 2>/dev/null > "$1/redirected"
            JOURNAL_STREAM= "$0" stream > "$1/empty"
            "$0" stream 2>/dev/null | cat > "$1/none"
            """
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        Journald.met()
        let result = try Journald.run(
            [Journald.script, "--", "systemd-cat", "sh", "-c", script, Journald.probe, folder.path]
        )
        #expect(result.status == 0, "\(result.errors)")
        func answer(_ name: String) -> String {
            (try? String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)) ?? "?"
        }
        #expect(answer("all").contains("stderr 1") && answer("all").contains("connected 1"))
        #expect(answer("stale").contains("connected 0"))
        #expect(answer("redirected").contains("stderr 0"))
        #expect(answer("empty").contains("connected 0"))
        #expect(answer("none").contains("connected 0"))
    }
}
