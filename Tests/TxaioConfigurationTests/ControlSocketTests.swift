#if Configuration
import CTxaio
import Foundation
import Testing
import TxaioLog

@testable import TxaioConfiguration

@_silgen_name("fork") private func systemFork() -> pid_t

/// Real sockets of a real service; logging is started once in a process, so each test has one of its own.
@Suite("The control socket")
struct ControlSocketTests {
    /// A started service with a socket.
    private struct Service {
        let directory = TemporaryDirectory()
        let session: LoggingSession
        let live: LiveConfiguration
        var socket: String { directory.path + "/control" }
        var client: ControlClient { ControlClient(path: socket) }

        init(more: String = "") throws {
            chmod(directory.path, 0o755)
            let path = directory.path + "/logging.yaml"
            let text = Self.text(directory.path, socket: "control") + more
            try text.write(toFile: path, atomically: false, encoding: .utf8)
            session = try startLogging(configuration: path)
            live = try #require(LiveConfiguration.running)
        }

        static func text(_ directory: String, socket: String?) -> String {
            let control = socket.map { "control: { socket: \"\(directory)/\($0)\" }\n" } ?? ""
            return
                "version: 1\nlevels: { Ctl.Low: warn }\n\(control)emitters:\n  out: { type: json, path: \"\(directory)/log\" }\n"
        }

        func write(socket: String?) throws {
            let text = Self.text(directory.path, socket: socket)
            try text.write(toFile: directory.path + "/new", atomically: false, encoding: .utf8)
            #expect(rename(directory.path + "/new", directory.path + "/logging.yaml") == 0)
        }
    }

    /// One connection, byte by byte.
    private struct Connection {
        let descriptor: Int32

        init(_ path: String) throws {
            descriptor = txaio_control_connect(path, 20)
            try #require(descriptor >= 0)
        }

        func send(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while let count = Platform.send(rest, to: descriptor), count > 0, count < rest.count {
                rest = rest.dropFirst(count)
            }
        }

        /// All that comes until the other side closes.
        func rest() -> String {
            var all: [UInt8] = []
            while case .bytes(let bytes) = Platform.receive(descriptor) { all += bytes }
            return String(decoding: all, as: UTF8.self)
        }

        func line() -> String {
            var line: [UInt8] = []
            var byte = UInt8(0)
            while recv(descriptor, &byte, 1, 0) == 1, byte != 10 { line.append(byte) }
            return String(decoding: line, as: UTF8.self)
        }

        func finish() { shutdown(descriptor, Int32(SHUT_WR)) }
        func close() { Platform.close(descriptor) }
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test func levelsAreShownSetAndTakenBack() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let log = makeLogger("Ctl.Low")
            log.error("one")
            let status: ControlAnswers.Status = try service.client.ask("status")
            #expect(status.generation == 1 && status.process == getpid() && status.delivery == "direct")
            #expect(status.emitters.map(\.name) == ["out"] && status.emitters[0].handedOver == 1)
            #expect(log.level == .warn)
            let levels: ControlAnswers.Levels = try service.client.ask("level Ctl=trace for 10m")
            #expect(log.level == .trace && levels.rules == "info,Ctl.Low=warn")
            #expect(levels.temporary.map(\.rules) == ["Ctl=trace"])
            #expect((0...600).contains(levels.temporary[0].remaining ?? -1))
            let found: [ControlAnswers.Explanation] = try service.client.ask("explain Ctl.Low trace")
            #expect(found.map(\.passes) == [true])
            #expect(found[0].rules.map(\.rule) == ["Ctl=trace", "Ctl.Low=warn", "info"])
            #expect(found[0].rules.map(\.decides) == [true, false, false])
            #expect(found[0].rules[0].reason == "temporary")
            #expect(found[0].scopes.isEmpty && found[0].recorded == nil)
            let _: ControlAnswers.Levels = try service.client.ask("level Ctl=debug when a=b")
            let again: [ControlAnswers.Explanation] = try service.client.ask("explain Ctl.Low trace")
            #expect(again[0].rules.map(\.rule) == found[0].rules.map(\.rule))
            #expect(
                again[0].scopes.map { "\($0.rule) when \($0.condition): \($0.passes)" } == ["Ctl=debug when a=b: false"]
            )
            let none: ControlAnswers.Levels = try service.client.ask("reset")
            #expect(none.temporary.isEmpty && log.level == .warn)
            log.setLevel(.debug)
            let byHand: [ControlAnswers.Explanation] = try service.client.ask("explain Ctl.Low trace")
            #expect(byHand[0].rules[0].reason == "set on a logger" && !byHand[0].passes)
            #expect(throws: ControlClient.Failure.self) { try service.client.ask("level Ctl=trac", for: String.self) }
            let flush: ControlAnswers.Flush = try service.client.ask("flush 1s")
            #expect(flush.complete)
            let reload: ControlAnswers.Reload = try service.client.ask("reload")
            #expect(reload.inForce && reload.generation == 1)
            service.session.shutdown()
        }
    }

    @Test func theToolShowsAndSetsWhatAServiceDoes() async {
        await #expect(processExitsWith: .success) {
            let service = try Service(
                more: "when: { a=b: { Ctl: debug } }\nrecorder: { levels: { Ctl: trace } }\ndelivery: queued\n"
            )
            let tool = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appendingPathComponent("txaio").path
            func run(_ arguments: String...) throws -> String {
                let (status, output) = try ControlSocketTests.run([tool] + arguments + ["--socket", service.socket])
                #expect(status == 0, "\(arguments): \(output)")
                return output
            }
            let log = makeLogger("Ctl.Low")
            withLogContext(["n": 1]) {
                log.debug("kept")
                log.error("one")
            }
            #expect(
                try run("explain", "Ctl.Low", "debug") == """
                    out: debug of Ctl.Low does not pass
                      decides  Ctl.Low=warn  (the longest pattern that matches)
                               info  (for what no rule matches)
                      in scopes  Ctl=debug when a=b  (passes there)
                      recorded   Ctl=trace  (kept in scopes, written where they fail)

                    """
            )
            #expect(
                try run("level", "Ctl=trace", "--for", "10m").hasPrefix("temporary    Ctl=trace  (for 10m0s more)\n")
            )
            #expect(log.level == .trace)
            #expect(try run("level", "--json").hasPrefix("{\"rules\":\"info,Ctl.Low=warn\",\"temporary\":[{"))
            #expect(try run("level", "--reset") == "rules        info,Ctl.Low=warn\n")
            #expect(try run("flush") == "nothing is left\n")
            let status = try run("status")
            #expect(status.contains("queued delivery\nconfiguration  generation 1 of \(service.directory.path)/"))
            #expect(status.contains("recorder       kept 1, written 1, lost 0, discarded 0, held 0\n"), "\(status)")
            #expect(status.contains("waiting 0, refused 0, dropped 0\n"), "\(status)")
            let full = try ControlSocketTests.run([
                "sh", "-c", "exec \"$0\" status --socket \"$1\" > /dev/full", tool, service.socket,
            ])
            #expect(full.status == 1 && full.output == "txaio: cannot write: No space left on device\n", "\(full)")
            service.session.shutdown()
            let gone = try ControlSocketTests.run([tool, "status", "--socket", service.socket])
            #expect(gone.status == 2 && gone.output.hasPrefix("txaio: "))
        }
    }

    @Test func whoSendsManyLinesAtOnceIsServedInTurn() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let emitter = Stuck()
            try service.session.change(to: LoggingSetup(emitters: [EmitterSetup(emitter)]))
            let greedy = try Connection(service.socket)
            greedy.send(Array(String(repeating: "flush 200ms\n", count: 100).utf8))
            // All of them take 20 s; each that waits for its turn waits for one.
            for _ in 0..<3 { _ = try service.client.ask("status", for: ControlAnswers.Status.self) }
            let answered = emitter.flushes
            #expect(answered <= 12, "\(answered)")
            greedy.close()
            emitter.isOver = true
            service.session.shutdown(within: .seconds(1))
        }
    }

    /// Never flushed in time.
    private final class Stuck: LogEmitter {
        let name = "stuck"
        private let state = Lock((flushes: 0, isOver: false))
        var flushes: Int { state.withLock { $0.flushes } }
        var isOver: Bool {
            get { state.withLock { $0.isOver } }
            set { state.withLock { $0.isOver = newValue } }
        }
        func emit(_ event: borrowing LogEvent) -> Acceptance { .handedOver }
        func flush(until deadline: Deadline) -> Bool {
            state.withLock { $0.flushes += 1 }
            while !isOver, !deadline.hasPassed { usleep(1_000) }
            return false
        }
    }

    @Test func eachLineGetsOneLineAndNothingElse() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let connection = try Connection(service.socket)
            connection.send(
                Array("levle\n\nstatus x\n".utf8) + [0xFF, 10] + Array("explain A\nlevel A=b\nflush soon\nstat".utf8)
            )
            connection.finish()
            let lines = connection.rest().split(separator: "\n")
            #expect(lines.count == 7 && lines.allSatisfy { $0.hasPrefix("error ") }, "\(lines)")
            connection.close()
            let long = try Connection(service.socket)
            long.send([UInt8](repeating: 0x61, count: 200_000))
            #expect(long.rest() == "error a request has at most 65536 bytes\n")
            long.close()
            #expect(try jsonLines(service.directory.path + "/log").isEmpty)
            service.session.shutdown()
        }
    }

    @Test(.enabled(if: getuid() == 0)) func othersCannotTalkToIt() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            var status = stat()
            #expect(stat(service.socket, &status) == 0 && status.st_mode & 0o777 == 0o600)
            let script = """
                use IO::Socket::UNIX; my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "refused: $!\\n";
                local $SIG{PIPE} = "IGNORE"; print $s "status\\n"; my $line = <$s>; print defined $line ? "answered" : "nothing"
                """
            let command = ["perl", "-e", script, service.socket]
            let foreign = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
            #expect(try ControlSocketTests.run(command).output == "answered")
            let refused = try ControlSocketTests.run(foreign)
            #expect(refused.status != 0 && refused.output.contains("Permission denied"), "\(refused.output)")
            // Even where somebody opened the file to all.
            #expect(chmod(service.socket, 0o777) == 0)
            #expect(try ControlSocketTests.run(foreign).output == "nothing")
            service.session.shutdown()
        }
    }

    @Test func whoDoesNotReadOrSayAnythingHoldsUpNobody() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            // Asks and asks, and reads nothing.
            let greedy = try Connection(service.socket)
            let asked = Lock(false)
            let thread = Thread {
                for _ in 0..<2_000 where !asked.withLock({ $0 }) { greedy.send(Array("status\n".utf8)) }
            }
            thread.start()
            let silent = try (0..<ControlServer.clientLimit - 2).map { _ in try Connection(service.socket) }
            silent[0].send(Array("stat".utf8))
            for _ in 0..<50 { _ = try service.client.ask("status", for: ControlAnswers.Status.self) }
            let last = try Connection(service.socket)
            last.send(Array("level\n".utf8))
            #expect(last.line().hasPrefix("ok "))
            let surplus = try Connection(service.socket)
            #expect(surplus.line() == "error \(ControlServer.clientLimit) clients are connected already")
            silent[0].send(Array("us\n".utf8))
            #expect(silent[0].line().hasPrefix("ok "))
            asked.withLock { $0 = true }
            greedy.finish()
            for connection in silent + [last, surplus] { connection.close() }
            service.session.shutdown()
        }
    }

    @Test func itsFileIsReplacedWhereItsProcessIsDeadAndNotWhereItLives() async {
        await #expect(processExitsWith: .success) {
            let directory = TemporaryDirectory()
            let path = directory.path + "/socket"
            let control = LoggingConfiguration.Control(socket: path)
            func fault() -> String? {
                do throws(ConfigurationError) {
                    try ControlServer(control).discard()
                    return nil
                } catch {
                    return error.description
                }
            }
            let living = try ControlServer(control)
            #expect(fault()?.hasSuffix("another process listens there") ?? false)
            // As a process leaves it that is killed.
            let dead = try ControlSocketTests.run([
                "perl", "-MIO::Socket::UNIX", "-e", "IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die $!",
                path + ".dead",
            ])
            #expect(dead.status == 0 && ControlSocketTests.exists(path + ".dead"))
            let heir = try ControlServer(LoggingConfiguration.Control(socket: path + ".dead"))
            heir.discard()
            #expect(!ControlSocketTests.exists(path + ".dead"))
            living.discard()
            #expect(!ControlSocketTests.exists(path) && fault() == nil)
            try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
            #expect(fault()?.hasSuffix("there is a file that is no socket of this user") ?? false)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
            let far = LoggingConfiguration.Control(socket: directory.path + "/none/x")
            let error = #expect(throws: ConfigurationError.self) { try ControlServer(far) }
            #expect(error?.description.contains("No such file or directory") ?? false)
        }
    }

    @Test func ofManyThatFindADeadProcessesSocketOneTakesItsPlace() throws {
        let directory = TemporaryDirectory()
        let path = directory.path + "/socket"
        for _ in 0..<1_000 {
            // What a dead process leaves: a socket that nobody listens on.
            var dead = txaio_control()
            try #require(txaio_control_open(path, &dead) == 0)
            // A child that another test forks meanwhile has it too.
            shutdown(dead.descriptor, Int32(SHUT_RDWR))
            Platform.close(dead.descriptor)
            let found = Lock([(error: Int32, control: txaio_control)]())
            DispatchQueue.concurrentPerform(iterations: 8) { _ in
                var control = txaio_control()
                let error = txaio_control_open(path, &control)
                found.withLock { $0.append((error, control)) }
            }
            let all = found.withLock { $0 }
            let opened = all.filter { $0.error == 0 }
            #expect(opened.count == 1 && all.count { $0.error == EADDRINUSE } == 7)
            let client = txaio_control_connect(path, 1)
            #expect(client >= 0, "the one that listens is the one that is there")
            Platform.close(client)
            for one in opened {
                var control = one.control
                txaio_control_remove(&control, path)
                Platform.close(control.descriptor)
            }
            #expect(!Self.exists(path))
        }
    }

    @Test func aChildProcessLetsGoOfItAndLeavesItAlone() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            func sockets() -> Int {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
                let links = names.map {
                    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
                }
                return links.count { $0?.hasPrefix("socket:") ?? false }
            }
            let before = sockets()
            let child = systemFork()
            if child == 0 {
                let isClosed = sockets() == before - 1
                service.session.shutdown()
                _exit(isClosed ? 0 : 1)
            }
            var status: Int32 = 0
            #expect(waitpid(child, &status, 0) == child && status == 0)
            let answer: ControlAnswers.Status = try service.client.ask("status")
            #expect(answer.process == getpid())
            service.session.shutdown()
            #expect(!ControlSocketTests.exists(service.socket))
        }
    }

    @Test func itFollowsTheFileAndGoesWithTheSession() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            try service.write(socket: "moved")
            let moved = service.directory.path + "/moved"
            #expect(eventually { ControlSocketTests.exists(moved) && !ControlSocketTests.exists(service.socket) })
            #expect(try ControlClient(path: moved).ask("status", for: ControlAnswers.Status.self).generation == 2)
            // What cannot be had changes nothing.
            try service.write(socket: "none/there")
            #expect(eventually { service.live.lastError != nil })
            let status: ControlAnswers.Status = try ControlClient(path: moved).ask("status")
            #expect(status.generation == 2 && status.lastError?.contains("cannot be had") ?? false)
            try service.write(socket: nil)
            #expect(eventually { !ControlSocketTests.exists(moved) })
            try service.write(socket: "control")
            #expect(eventually { ControlSocketTests.exists(service.socket) })
            #expect(service.session.shutdown())
            // The change that brought it may still be at its end.
            #expect(eventually { !ControlSocketTests.exists(service.socket) })
        }
    }

    /// A million of them with `TXAIO_TEST_LONG`.
    @Test func whateverIsSentIsAnsweredLineByLine() async {
        await #expect(processExitsWith: .success) {
            let service = try Service()
            let count = ProcessInfo.processInfo.environment["TXAIO_TEST_LONG"] == nil ? 10_000 : 1_000_000
            var chance = SystemRandomNumberGenerator()
            let words = [
                "status", "level", "reset", "explain", "A.B", "debug", "A=debug", "for", "10m", "\u{0}", ",", "=", ":",
                "*",
            ]
            let connection = try Connection(service.socket)
            var (ok, errors, sent) = (0, 0, 0)
            while sent < count {
                var bytes: [UInt8] = []
                for _ in 0..<50 {
                    var line: [UInt8]
                    if Bool.random(using: &chance) {
                        line = (0..<Int.random(in: 0...40, using: &chance)).map { _ in
                            .random(in: 0...255, using: &chance)
                        }
                    } else {
                        let some = (0..<Int.random(in: 0...5, using: &chance)).compactMap { _ in
                            words.randomElement(using: &chance)
                        }
                        line = Array(some.joined(separator: [" ", "", "\t"].randomElement(using: &chance) ?? " ").utf8)
                    }
                    line.removeAll { $0 == 10 }
                    bytes += line + [10]
                }
                sent += 50
                connection.send(bytes)
                for _ in 0..<50 {
                    let line = connection.line()
                    if line.hasPrefix("ok {") || line.hasPrefix("ok [") {
                        ok += 1
                    } else if line.hasPrefix("error ") {
                        errors += 1
                    }
                }
            }
            #expect(ok + errors == sent && ok > 0 && errors > 0, "\(ok) \(errors) \(sent)")
            connection.finish()
            #expect(connection.rest().isEmpty)
            _ = try service.client.ask("status", for: ControlAnswers.Status.self)
            #expect(service.session.shutdown())
        }
    }
}
#endif
