internal import TxaioLog

/// The module's own loggers.
internal enum CoreLog {
    internal static let future: StaticLogger = makeLogger("TxaioCore.Future")
    internal static let timer: StaticLogger = makeLogger("TxaioCore.Timer")
    internal static let batchedTimer: StaticLogger = makeLogger("TxaioCore.BatchedTimer")

    /// Delayed calls that are later than this are logged at warn; nanoseconds.
    internal static var lateness: Int64 { 1_000_000_000 }
}
