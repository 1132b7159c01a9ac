// A service that dies, and one that reads what it left. The tests and scripts/faults run this program with the name of a
// part and its arguments; what it has to say it prints as `NAME VALUE`, one a line.

import TxaioLog

let usage = """
    usage: CrashProbe load DIRECTORY OUTPUT PAGE
           CrashProbe idle DIRECTORY OUTPUT
           CrashProbe die kill|segv|trap|exit COUNT DIRECTORY
           CrashProbe overrun COUNT DIRECTORY
           CrashProbe crash WAY with|without DIRECTORY OUTPUT
           CrashProbe live DIRECTORY
           CrashProbe clean DIRECTORY
           CrashProbe fork DIRECTORY
           CrashProbe recover DIRECTORY OUTPUT
           CrashProbe recover-faulty gone-after-300|gone-at-300|too-large|kept-and-lost|stuck alone|together DIRECTORY OUTPUT
           CrashProbe recover-together DIRECTORY OUTPUT
           CrashProbe mutate DIRECTORY FILE SEED COUNT
    """

var arguments = CommandLine.arguments.dropFirst()
switch (arguments.popFirst() ?? "", Array(arguments)) {
case ("load", let rest) where rest.count == 3: try Service.load(rest[0], output: rest[1], page: rest[2])
case ("idle", let rest) where rest.count == 2: try Service.idle(rest[0], output: rest[1])
case ("die", let rest) where rest.count == 3: try Service.die(rest[0], count: Int(rest[1]) ?? 0, rest[2])
case ("overrun", let rest) where rest.count == 2: try Service.overrun(count: Int(rest[0]) ?? 0, rest[1])
case ("crash", let rest) where rest.count == 4:
    try Crash.happen(rest[0], isHandled: rest[1] == "with", rest[2], output: rest[3])
case ("live", let rest) where rest.count == 1: try Service.live(rest[0])
case ("clean", let rest) where rest.count == 1: try Service.clean(rest[0])
case ("fork", let rest) where rest.count == 1: try Service.fork(rest[0])
case ("recover", let rest) where rest.count == 2: try Recoverer.recover(rest[0], output: rest[1])
case ("recover-faulty", let rest) where rest.count == 4:
    try Recoverer.recover(rest[2], output: rest[3], how: rest[0], isAlone: rest[1] == "alone")
case ("recover-together", let rest) where rest.count == 2: try Recoverer.recoverTogether(rest[0], output: rest[1])
case ("mutate", let rest) where rest.count == 4:
    try Recoverer.mutate(rest[0], file: rest[1], seed: UInt64(rest[2]) ?? 1, count: Int(rest[3]) ?? 1)
default:
    print(usage)
    System.exitNow(64)
}
