#if Configuration
internal import TxaioEmitters
internal import TxaioLog

/// What stands under `recorder:`: which levels are kept of each scope, in how many bytes, and what is too slow.
internal enum RecorderReading {
    /// Reads the section; `nil` where it is absent.
    internal static func recorder(_ top: inout EmitterOptions) -> FlightRecorder? {
        let isThere = top.value("recorder") != nil
        return top.nested("recorder") { read -> FlightRecorder? in
            let bytes = read.size("bytes", in: FlightRecorder.byteLimits, default: 64 << 10)
            let total = read.size("total", in: FlightRecorder.totalLimits, default: 16 << 20)
            let slower = read.durationIfPresent("slower", in: FlightRecorder.slowerLimits)
            let rules = read.nested("levels") { ScopedReading.rules(&$0) }
            guard isThere else { return nil }
            if read.value("levels") == nil {
                read.fault("levels", "'recorder' needs 'levels', a map of patterns of namespaces to what is kept")
            }
            if bytes > total { read.fault("bytes", "'recorder.bytes' is more than 'recorder.total'") }
            do throws(LevelRulesError) {
                return try FlightRecorder(rules, bytes: bytes, total: total, slower: slower)
            } catch {
                for fault in error.faults { read.fault("levels", fault.message) }
                return nil
            }
        }
    }
}
#endif
