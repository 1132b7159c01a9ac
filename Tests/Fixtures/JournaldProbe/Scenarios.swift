import Glibc
import Synchronization
import TxaioEmitters
import TxaioLog

/// journald is stopped: nothing waits, all is counted, and the count is told when it goes on.
func stopped() throws {
    let setup = try Setup { if argument(0) == 1 { $0.sendBuffer = nil } }
    let pid = journald
    setup.log.info("first {n}", ("n", -1))
    shell("journald-sync")
    kill(pid, SIGSTOP)
    let (begin, beginCPU) = (nanoseconds(), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    for index in 0..<2000 { setup.log.info("event {n}", ("n", index)) }
    say("stallNanoseconds", (nanoseconds() - begin) / 2000)
    say("cpuNanoseconds", (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - beginCPU) / 2000)
    kill(pid, SIGCONT)
    shell("journald-sync")
    setup.log.info("after {n}", ("n", 5000))
    setup.sayLedger()
    sayStored()
    let numbers = stored("N")
    say("announcedBeforeNext", numbers.last == "5000" && numbers.dropLast().last == "")
}

/// journald is stopped, and who logs waits: not longer than asked, asleep, and not in vain where there is room in time.
func waiting() throws {
    let setup = try Setup { $0.whenFull = .wait(upTo: .milliseconds(200)) }
    let pid = journald
    shell("journald-sync")
    kill(pid, SIGSTOP)
    var number = 0
    while setup.counts.droppedInAll == 0, number < 5000 {
        setup.log.info("event {n}", ("n", number))
        number += 1
    }
    let (begin, beginCPU) = (nanoseconds(), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    for _ in 0..<3 {
        setup.log.info("event {n}", ("n", number))
        number += 1
    }
    say("waitedMilliseconds", (nanoseconds() - begin) / 1_000_000)
    say("cpuMilliseconds", (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - beginCPU) / 1_000_000)
    shell("(sleep 0.05; kill -CONT \(pid)) &")
    let before = setup.counts.handedOver
    setup.log.info("event {n}", ("n", number))
    say("gotThrough", setup.counts.handedOver - before)
    setup.sayLedger()
    sayStored()
}

/// journald is slow: twice a second it runs until it has taken something.
func slow() throws {
    let setup = try Setup()
    let pid = journald
    let isOver = Atomic<Bool>(false)
    let isSlow = Atomic<Bool>(false)
    let count = argument(192)
    shell("journald-sync")
    threads(2) { thread in
        guard thread == 0 else {
            while !isOver.load(ordering: .relaxed) {
                kill(pid, SIGSTOP)
                isSlow.store(true, ordering: .relaxed)
                usleep(400_000)
                let before = setup.handedOver
                kill(pid, SIGCONT)
                while setup.handedOver == before, !isOver.load(ordering: .relaxed) { usleep(100) }
            }
            return
        }
        while !isSlow.load(ordering: .relaxed) { usleep(100) }
        for number in 0..<count { setup.log.info("event {n}", ("n", number)) }
        setup.session.flush(within: .seconds(120))
        isOver.store(true, ordering: .relaxed)
    }
    setup.sayLedger()
    say("offered", count)
    sayStored()
}

/// A large datagram finds the send buffer taken by another, though journald's queue is nearly empty.
func largeWaiting() throws {
    let setup = try Setup {
        $0.sendBuffer = nil
        $0.whenFull = .wait(upTo: .milliseconds(200))
    }
    let pid = journald
    shell("journald-sync")
    kill(pid, SIGSTOP)
    // One of this size takes the whole send buffer.
    setup.log.info("large {n}", ("n", 0), ("text", String(repeating: "x", count: 208_000)))
    let (begin, beginCPU) = (nanoseconds(), nanoseconds(CLOCK_PROCESS_CPUTIME_ID))
    setup.log.info("large {n}", ("n", 1), ("text", String(repeating: "y", count: 208_000)))
    say("waitedMilliseconds", (nanoseconds() - begin) / 1_000_000)
    say("cpuMilliseconds", (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - beginCPU) / 1_000_000)
    kill(pid, SIGCONT)
    shell("journald-sync")
    setup.log.info("large {n}", ("n", 2), ("text", String(repeating: "y", count: 208_000)))
    setup.sayLedger()
    sayStored()
}

/// journald is killed and started again while threads log.
func killed() throws {
    let setup = try Setup { $0.whenFull = .wait(upTo: .seconds(20)) }
    let done = Atomic<Bool>(false)
    let log = setup.log
    let rounds = argument(3)
    threads(5) { thread in
        if thread == 4 {
            for _ in 0..<rounds {
                usleep(50_000)
                shell("journald-restart --kill >/dev/null")
            }
            done.store(true, ordering: .relaxed)
            return
        }
        var number = 0
        while !done.load(ordering: .relaxed) || number < 1000 {
            log.info("event {t} {n}", ("t", thread), ("n", number * 4 + thread))
            number += 1
            usleep(200)
        }
    }
    // Each time that journald lived may have fallen between two attempts to connect: one succeeds when an event arrives.
    for _ in 0..<200 {
        let before = setup.counts.handedOver
        log.info("after {n}", ("n", -1))
        if setup.counts.handedOver > before { break }
        usleep(50_000)
    }
    setup.sayLedger()
    sayStored()
    let entries = zip(stored("T"), stored("N"))
    var inOrder = true
    var last: [String: Int] = [:]
    for (thread, number) in entries where !thread.isEmpty {
        let value = Int(number) ?? -1
        if value <= last[thread] ?? -1 { inOrder = false }
        last[thread] = value
    }
    say("inOrder", inOrder)
}

/// journald holds its own socket and comes back: the very next event arrives.
func reconnect() throws {
    let setup = try Setup()
    setup.log.info("before {n}", ("n", 0))
    shell("journald-sync")
    shell("journald-restart --kill >/dev/null")
    setup.log.info("after {n}", ("n", 1))
    setup.log.info("after {n}", ("n", 2))
    shell("journald-sync")
    shell("journald-restart --term --stop-only")
    for index in 3..<13 { setup.log.info("while dead {n}", ("n", index)) }
    let dead = setup.counts.droppedInAll
    say("droppedWhileDead", dead)
    shell("journald-restart --start-only >/dev/null")
    let begin = nanoseconds()
    var number = 13
    while nanoseconds() - begin < 5_000_000_000 {
        let before = setup.counts.handedOver
        setup.log.info("after {n}", ("n", number))
        number += 1
        if setup.counts.handedOver > before { break }
        usleep(10_000)
    }
    say("recoveryMilliseconds", (nanoseconds() - begin) / 1_000_000)
    setup.sayLedger()
    sayStored()
}

/// There is no journald: the fallback takes over; it comes: events go there.
func absent() throws {
    shell("journald-restart --term --stop-only")
    shell("mv /run/systemd/journal/socket /run/systemd/journal/socket.away 2>/dev/null")
    let counter = Counter()
    let isLibSystemd = argument(0) == 1
    let setup = try Setup {
        $0.fallback = counter
        if isLibSystemd { $0.transport = .libsystemd }
    }
    for index in 0..<50 { setup.log.info("absent {n}", ("n", index)) }
    setup.deliver()
    say("taken", counter.count.load(ordering: .relaxed))
    shell("mv /run/systemd/journal/socket.away /run/systemd/journal/socket 2>/dev/null")
    shell("journald-restart --start-only >/dev/null")
    let begin = nanoseconds()
    var number = 50
    while nanoseconds() - begin < 5_000_000_000 {
        let before = counter.count.load(ordering: .relaxed)
        setup.log.info("there {n}", ("n", number))
        setup.deliver()
        number += 1
        if counter.count.load(ordering: .relaxed) == before { break }
        usleep(10_000)
    }
    setup.log.info("there {n}", ("n", number))
    setup.deliver()
    say("takenInAll", counter.count.load(ordering: .relaxed))
    say("offered", number + 1)
    setup.sayLedger()
    sayStored()
    say("toldInJournal", stored("TXAIO_FALLBACK").compactMap { Int($0) }.reduce(0, +))
}

/// A child logs on the parent's socket under its own name; a program that it becomes inherits nothing.
func forked() throws {
    let sockets = "sh -c 'ls -l /proc/self/fd' | grep -c socket"
    let before = Int(output(sockets).filter(\.isNumber)) ?? -1
    let setup = try Setup { $0.whenFull = .wait(upTo: .seconds(20)) }
    setup.log.info("parent {n}", ("n", 0))
    let stop = Atomic<Bool>(false)
    let log = setup.log
    threads(3) { thread in
        if thread > 0 {
            while !stop.load(ordering: .relaxed) {
                log.debug("noise {noise}", ("noise", thread))
                usleep(100)
            }
            return
        }
        var children: [pid_t] = []
        for index in 1...100 {
            let child = systemFork()
            if child == 0 {
                log.info("child {n} {pid}", ("n", index), ("pid", Int(getpid())))
                _exit(0)
            }
            children.append(child)
        }
        var ended = 0
        for child in children {
            var status: Int32 = 0
            if waitpid(child, &status, 0) == child, status == 0 { ended += 1 }
        }
        say("childrenEnded", ended)
        stop.store(true, ordering: .relaxed)
    }
    say("inherited", (Int(output(sockets).filter(\.isNumber)) ?? -1) - before)
    setup.log.info("parent {n}", ("n", 101))
    let pids = zip(stored("_PID"), stored("PID")).filter { !$0.1.isEmpty }
    say("children", pids.count)
    say("ownPIDs", pids.filter { $0.0 == $0.1 }.count)
}

/// No descriptor is left but the one that the emitter keeps for this.
func descriptors() throws {
    let setup = try Setup { $0.sendBuffer = nil }
    setup.log.info("small {n}", ("n", 0))
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    limit.rlim_cur = 64
    setrlimit(__rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue)), &limit)
    var taken: [Int32] = []
    while true {
        let descriptor = dup(1)
        if descriptor < 0 { break }
        taken.append(descriptor)
    }
    let text = String(repeating: "z", count: 500_000)
    setup.log.info("by the spare {n}", ("n", 1), ("text", text))
    setup.log.info("by the spare again {n}", ("n", 2), ("text", text))
    for descriptor in taken { close(descriptor) }
    setup.log.info("whole again {n}", ("n", 3), ("text", text))
    setup.sayLedger()
    sayStored()
    let lengths = stored("TEXT").map(\.utf8.count)
    say("wholeTexts", lengths.filter { $0 == 500_000 }.count)
}

/// Ten thousand large entries leave no descriptor behind.
func leak() throws {
    let setup = try Setup { $0.whenFull = .wait(upTo: .seconds(20)) }
    let text = String(repeating: "z", count: 220_000)
    setup.log.info("large {n}", ("n", -1), ("text", text))
    let before = descriptorCount
    let count = argument(10_000)
    // Sent as memory files whatever the size, each of them.
    let socket = JournalSocket(path: "/run/systemd/journal/socket", sendBuffer: 4096)
    var sent = 0
    let after = descriptorCount
    for index in 0..<count {
        let body =
            "MESSAGE=\(index)\nN=\(index)\nSYSLOG_IDENTIFIER=probe\nBODY=\(String(repeating: "b", count: 9000))\n"
        var text = body
        let outcome = text.withUTF8 { socket.send(UnsafeRawBufferPointer($0), until: .after(.seconds(20))) }
        if outcome == .sent { sent += 1 }
    }
    say("sent", sent)
    say("sealedOnes", socket.sealed.load(ordering: .relaxed))
    say("leaked", descriptorCount - after)
    say("opened", after - before)
    sayStored()
}

/// Entries beyond what a raised send buffer takes, and much beyond.
func large() throws {
    let setup = try Setup { $0.whenFull = .wait(upTo: .seconds(20)) }
    let sizes = [4_000_000, 4_263_000, 4_270_000, 6_000_000, 20 << 20]
    for (index, size) in sizes.enumerated() {
        setup.log.emit(.info, "large", ["n": index, "body": LogBytes([UInt8](repeating: 0xFE, count: size))])
    }
    setup.sayLedger()
    shell("journald-sync")
    let exported = output("journalctl -D \"$TXAIO_JOURNAL_DIR\" -o export --all SYSLOG_IDENTIFIER=probe | wc -c")
    say("exportedBytes", Int(exported.filter(\.isNumber)) ?? -1)
    say("expectedBytes", sizes.reduce(0, +))
    say("storedEntries", stored("N").filter { !$0.isEmpty }.count)
}

/// Whether standard error and output are journald's.
func stream() throws {
    say("stderr", JournaldEmitter.isStream(2))
    say("stdout", JournaldEmitter.isStream(1))
    say("connected", JournaldEmitter.isStreamConnected)
}

/// Batches of small and large events under injected faults: the ledger must hold, and the journal agree with it.
func batchFaults() throws {
    let setup = try Setup { $0.sendBuffer = nil }
    let text = String(repeating: "z", count: 250_000)
    let count = argument(100)
    for index in 0..<count {
        if index % 40 == 25 {
            setup.log.info("large {n}", ("n", index), ("text", text))
        } else {
            setup.log.info("small {n}", ("n", index))
        }
        if index % 20 == 19 { usleep(3000) }
    }
    setup.sayLedger()
    say("offered", count)
    sayStored()
    let numbers = stored("N").compactMap { Int($0) }
    say("inOrder", numbers == numbers.sorted())
}

/// A run under injected faults: the ledger must hold, and the journal agree with it.
func faults() throws {
    let setup = try Setup { $0.sendBuffer = nil }
    let text = String(repeating: "z", count: 250_000)
    let count = argument(40)
    for index in 0..<count {
        if index % 10 == 5 {
            setup.log.info("large {n}", ("n", index), ("text", text))
        } else {
            setup.log.info("small {n}", ("n", index))
        }
        usleep(500)
    }
    setup.session.flush()
    setup.sayLedger()
    say("offered", count)
}
