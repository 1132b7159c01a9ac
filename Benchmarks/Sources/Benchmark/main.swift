import Glibc

// One workload a run, named by the first argument; docs/performance.md says what each is.

let run = Run(CommandLine.arguments.dropFirst().first ?? "")
do {
    switch run.workload {
    case "SAMPLE": try sample()
    case "W1": try disabled(run)
    case "W2": try jsonToNowhere(run)
    case "W2T": try textToNowhere(run)
    case "W3": try jsonToFile(run)
    case "W4": try textToStandardOutput(run)
    case "W5": try queued(run)
    case "W6": try children(run)
    case "J": try journal(run)
    case "SOAK": try soak(run)
    case "F1", "F2", "F3":
        onEachFramework { futures(run, on: $0, suffix: $1) }
    case "T1", "T2":
        try onEachFramework { try timers(run, on: $0, suffix: $1) }
    case "P": bareWrites(run)
    default: exit(64)
    }
} catch {
    complain("\(error)")
    exit(1)
}
