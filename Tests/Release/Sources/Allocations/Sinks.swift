import TxaioLog

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The emitters that are measured, by name.
enum Sinks {
    static func all() throws -> [(String, any LogEmitter)] { [("null", Null())] }
}

/// Whether a case failed. One thread measures.
nonisolated(unsafe) var failed = false

func exitProcess() -> Never { exit(failed ? 1 : 0) }
