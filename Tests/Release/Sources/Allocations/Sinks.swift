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

@MainActor func exitProcess() -> Never { exit(failed ? 1 : 0) }
