internal import TxaioLog

/// The module's own loggers.
internal enum CoreLog {
    internal static let future: StaticLogger = makeLogger("TxaioCore.Future")
    internal static let timer: StaticLogger = makeLogger("TxaioCore.Timer")
    internal static let batchedTimer: StaticLogger = makeLogger("TxaioCore.BatchedTimer")

    /// Delayed calls that are later than this are logged at warn; nanoseconds.
    private static var lateness: Int64 { 1_000_000_000 }

    /// By how many milliseconds what was due is late, where that is to be logged.
    internal static func lateness(of due: Int64, at now: Int64) -> Int64? {
        let (late, overflow) = now.subtractingReportingOverflow(due)
        return !overflow && late > lateness ? late / 1_000_000 : nil
    }
}
