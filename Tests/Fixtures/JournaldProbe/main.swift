// Logs through faults of a journald of its own, and says what became of the events. Run by the tests, under
// scripts/with-journald: JournaldProbe SCENARIO [NUMBER]. Prints `name value` lines.

import Glibc
import TxaioEmitters
import TxaioLog

let scenarios: [String: () throws -> Void] = [
    "stopped": stopped, "waiting": waiting, "large-waiting": largeWaiting, "killed": killed, "reconnect": reconnect,
    "absent": absent, "fork": forked, "descriptors": descriptors, "leak": leak, "large": large, "stream": stream,
    "faults": faults, "batch-faults": batchFaults, "slow": slow,
    "cost": cost, "stall": stall, "stuck": stuck,
]

let wanted = CommandLine.arguments.dropFirst().first ?? ""
guard let scenario = scenarios[wanted] else {
    print("no scenario '\(wanted)'")
    exit(64)
}
try scenario()
fflush(nil)
exit(0)
