import Foundation
import Testing
import TxaioEmitters
import TxaioLog
import TxaioTesting

/// `type: journald` in a file, and what follows the journal to another machine.
struct JournaldOptionsTests {
    private func make(_ entries: [OptionEntry]) throws -> any LogEmitter {
        try EmitterRegistry.make("journald", options: EmitterOptions(name: "journal", entries))
    }

    private func faults(_ entries: OptionEntry...) -> [String] {
        do {
            try make(entries).close(until: .after(.zero))
            return []
        } catch {
            return (error as? EmitterOptionsError)?.faults.map(\.message) ?? ["\(error)"]
        }
    }

    @Test
    func everyFaultOfTheOptionsIsNamed() {
        #expect(faults() == [])
        #expect(
            faults(OptionEntry("transport", "pigeon")) == [
                "'transport' cannot be 'pigeon' (valid are: native, libsystemd)"
            ]
        )
        #expect(faults(OptionEntry("identifer", "x")).first == "unknown key 'identifer'")
        #expect(faults(OptionEntry("socket", "")) == ["'socket' is no path"])
        #expect(faults(OptionEntry("wait", 1)) == ["'wait' goes with 'when_full: wait'"])
        #expect(faults(OptionEntry("when_full", "wait"), OptionEntry("wait", 61)).count == 1)
        #expect(faults(OptionEntry("priorities", ["info": 8])).count == 1)
        #expect(faults(OptionEntry("priorities", ["inof": 5])).first == "unknown key 'priorities.inof'")
        #expect(
            faults(OptionEntry("priorities", ["info": 7, "debug": 5])).first
                == "'priorities' must not fall from a level to a more verbose one (info)"
        )
        #expect(faults(OptionEntry("fields", ["A": [1]])) == ["'fields.A' must be a text, not a list"])
        #expect(faults(OptionEntry("fields", 1)) == ["'fields' must be a map, not an integer"])
        #expect(faults(OptionEntry("fallback", "printer")).count == 1)
        #expect(faults(OptionEntry("when", "never")).count == 1)
        #expect(
            faults(OptionEntry("transport", "libsystemd"), OptionEntry("socket", "/x")).last?.contains("native") == true
        )
    }

    @Test
    func libsystemdIsThereOrItsAbsenceNamesTraitAndPackage() {
        var options = JournaldOptions()
        options.transport = .libsystemd
        do {
            _ = try JournaldEmitter(options: options)
            #expect(Journald.transports.contains(.libsystemd))
        } catch {
            #expect(error.code == .transportMissing && !Journald.transports.contains(.libsystemd))
            #expect(error.description.contains("LibSystemd") && error.description.contains("libsystemd-dev"))
            #expect(faults(OptionEntry("transport", "libsystemd")).first == error.description)
        }
    }

    @Test
    func onlyUnderAStreamOfJournaldsIsAnswered() throws {
        let emitter = try make([OptionEntry("when", "stream")])
        #expect((emitter is JournaldEmitter) == JournaldEmitter.isStreamConnected)
        #expect(emitter.name == "journal")
    }

    @Test(.journald, arguments: Journald.transports)
    func aFilesOptionsTakeEffect(_ transport: JournaldOptions.Transport) throws {
        let identifier = Journald.identifier()
        let emitter = try make([
            OptionEntry("transport", OptionValue(.string(transport.description))),
            OptionEntry("identifier", OptionValue(.string(identifier))), OptionEntry("priorities", ["info": 5]),
            OptionEntry("fields", ["SERVICE": "orders", "zone": 7]), OptionEntry("when_full", "wait"),
            OptionEntry("wait", 0.5),
            OptionEntry("fallback", "stderr"),
        ])
        withLogging(to: emitter) { makeLogger("tests.options").info("an event {n}", ("n", 1)) }
        let entry = try #require(try Journald.entries(of: identifier).first)
        #expect(entry["PRIORITY"] == "5" && entry["SERVICE"] == "orders" && entry["ZONE"] == "7" && entry["N"] == "1")
    }

    @Test(.journald)
    func entriesShippedToAnotherMachineAreEqual() throws {
        let entries = try Journald.written { log in
            for index in 0..<200 {
                let bytes = (0..<(index * 40)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ index) }
                log.info("shipped {n}\nin lines", ("n", index), ("bytes", LogBytes(bytes)), ("camelCase", "ключ"))
            }
        }
        let identifier = try #require(entries.first?["SYSLOG_IDENTIFIER"])
        let directory = try #require(Journald.directory)
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
            r=/usr/lib/systemd/systemd-journal-remote; [ -x $r ] || r=/lib/systemd/systemd-journal-remote; [ -x $r ] || exit 77
            journalctl -D "$1" -o export --all SYSLOG_IDENTIFIER="$2" > $d/export
            $r --output=$d/remote.journal - < $d/export >&2
            journalctl --file=$d/remote.journal -o export --all
            """
        let result = try Journald.run(["sh", "-c", script, "sh", directory, identifier])
        if result.status == 77 { return }
        #expect(result.status == 0, "\(result.errors)")
        let shipped = JournalEntry.parse(result.output)
        #expect(shipped.count == 200)
        for (local, remote) in zip(entries, shipped) {
            #expect(local.names == remote.names)
            #expect(local.names.allSatisfy { local.all($0) == remote.all($0) })
        }
    }
}
