// What can be done once in a process only: start, backlog, shutdown, exit, signals, fork. The tests run this program with
// the name of a part and read what it prints: `NAME VALUE`, one a line.

import TxaioLog
import TxaioTesting

let parts: [String: () throws -> Void] = [
    "start": Parts.start, "start-twice": Parts.startTwice, "start-many": Parts.startWhileThreadsLog,
    "setup-errors": Parts.setupErrors, "overflow": Parts.overflow, "levels": Parts.levels, "rules": Parts.rules,
    "temporary": Parts.temporaryLevels, "temporary-fork": Parts.temporaryLevelsInAChild,
    "minimum": Parts.minimum, "shutdown": Parts.shutdown, "shutdown-busy": Parts.shutdownWhileThreadsLog,
    "shutdown-inside": Parts.shutdownFromAnEmitter, "restart": Parts.restart, "exit": Parts.exit,
    "signals": Parts.signals, "signals-new-threads": Parts.signalsAndNewThreads, "fork": Parts.forkWhileThreadsLog,
    "fork-backlog": Parts.forkWithABacklog, "fork-change": Parts.forkAfterAChange,
    "fork-start": Parts.forkWhileCatchingUp,
    "recorder-fork": Parts.forkWithinARecordedScope, "threads": Parts.threads,
    "threads-memory": Parts.memoryOfThreads,
    "namespaces": Parts.namespaces,
    "queued-threads": Parts.queuedThreads, "queued-shutdown": Parts.queuedShutdown, "queued-fork": Parts.queuedFork,
    "queued-signals": Parts.queuedSignals, "queued-in-place": Parts.queuedInPlace,
    "steps-first-call": Parts.stepsOfAFirstCall, "steps-end": Parts.stepsOfAnEnd,
    "steps-malloc-start": Parts.stepsOfMallocBeforeTheStart, "steps-malloc-queued": Parts.stepsOfMallocWithLargeFields,
    "order-direct": { try Parts.orderAcrossTheStart(.direct, emitters: 1) },
    "order-direct-two": { try Parts.orderAcrossTheStart(.direct, emitters: 2) },
    "order-queued": { try Parts.orderAcrossTheStart(.queued(), emitters: 1) },
    "order-queued-two": { try Parts.orderAcrossTheStart(.queued(), emitters: 2) },
    "start-stopping": Parts.startWhileStopping,
    "queued-sessions": Parts.queuedSessions, "queued-starts": Parts.queuedStarts,
    "fork-levels": Parts.forkWhileLevelsChange,
]

guard CommandLine.arguments.count == 2, let part = parts[CommandLine.arguments[1]] else {
    print("usage: LogProbe PART; parts: \(parts.keys.sorted().joined(separator: " "))")
    exitProcess(64)
}
try part()
