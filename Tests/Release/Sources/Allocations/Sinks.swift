import TxaioEmitters
import TxaioLog

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The emitters that are measured, by name.
enum Sinks {
    static func all(directory: String) throws -> [(String, any LogEmitter)] {
        var all: [(String, any LogEmitter)] = [
            ("null", Null()),
            ("text file", try TextEmitter(to: LogFile("\(directory)/text.log"))),
            ("JSON file", try JSONEmitter(to: LogFile("\(directory)/events.json"))),
        ]
        guard getenv("TXAIO_JOURNAL_SOCKET") != nil else {
            print("skip allocations: journald # none can be had")
            return all
        }
        for transport in [JournaldOptions.Transport.native, .libsystemd] {
            var options = JournaldOptions()
            options.transport = transport
            options.whenFull = .wait(upTo: .seconds(10))
            all.append(("journald, \(transport)", try JournaldEmitter(options: options)))
        }
        return all
    }
}

/// Whether a case failed. One thread measures.
nonisolated(unsafe) var failed = false

func exitProcess() -> Never { exit(failed ? 1 : 0) }
