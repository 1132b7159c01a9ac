import Foundation
import Testing
import TxaioEmitters
import TxaioLog

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#endif

/// What only a process of its own can show: closed standard streams, signals, limits, threads.
///
/// A child leaves with status 0 where all was as it should be, else with the number of the step that was not.
@Suite struct ProcessTests {
    private static let log = makeLogger("some.name")

    private static func check(_ condition: Bool, _ step: Int32) {
        if !condition { _exit(step) }
    }

    @Test func whoeverBecomesStandardOutputLaterGetsNoLine() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(0),
            observing: [\.standardErrorContent]
        ) {
            let directory = try TemporaryDirectory()
            close(1)
            let session = try startLogging()
            // (Which number `open` gives depends on other threads of the test's own runtime.)
            Self.check(dup2(open(directory.file("victim"), O_RDWR | O_CREAT, 0o600), 1) == 1, 1)
            for _ in 0..<100 { Self.log.info("x") }
            Self.check(try directory.bytes(of: "victim").isEmpty, 2)
            let counts = session.ledger.emitters[0]
            Self.check(counts.dropped == [.sinkGone: 100] && counts.isBalanced, 3)
            close(1)
        }
        let told = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(
            told.components(separatedBy: "txaio: emitter 'text' lost events: Bad file descriptor (stdout)\n").count == 2
        )
    }

    @Test func standardOutputThatIsClosedLaterIsStillWrittenTo() async throws {
        let result = try await #require(processExitsWith: .exitCode(0), observing: [\.standardOutputContent]) {
            try startLogging()
            let directory = try TemporaryDirectory()
            close(1)
            Self.check(dup2(open(directory.file("victim"), O_RDWR | O_CREAT, 0o600), 1) == 1, 1)
            Self.log.info("x", ("found", true))
            Self.check(try directory.bytes(of: "victim").isEmpty, 2)
        }
        #expect(String(decoding: result.standardOutputContent, as: UTF8.self).contains("found=true\n"))
    }

    @Test func aBrokenPipeEndsNeitherTheProcessNorItsOwnHandlingOfTheSignal() async throws {
        let result = try await #require(
            processExitsWith: .signal(SIGPIPE),
            observing: [\.standardErrorContent]
        ) {
            signal(SIGPIPE, SIG_DFL)
            var ends: [Int32] = [-1, -1]
            Self.check(pipe(&ends) == 0, 1)
            let emitter = JSONEmitter(to: .descriptor(ends[1]))
            close(ends[0])
            let session = try startLogging(to: [emitter])
            for _ in 0..<1_000 { Self.log.info("x") }
            Self.check(session.ledger.emitters[0].dropped == [.sinkGone: 1_000], 2)
            // Neither held back nor ignored: the host's own write is still deadly.
            var byte: UInt8 = 0
            _ = write(ends[1], &byte, 1)
            Self.check(false, 3)
        }
        let told = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(told.components(separatedBy: "txaio: emitter 'json' lost events: Broken pipe").count == 2, "\(told)")
    }

    @Test func aPendingSignalOfTheHostsOwnStaysPending() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var set = sigset_t()
            sigemptyset(&set)
            sigaddset(&set, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &set, nil)
            raise(SIGPIPE)
            var ends: [Int32] = [-1, -1]
            Self.check(pipe(&ends) == 0, 1)
            let emitter = TextEmitter(to: .descriptor(ends[1]))
            close(ends[0])
            try startLogging(to: [emitter])
            Self.log.info("x")
            var pending = sigset_t()
            sigpending(&pending)
            Self.check(sigismember(&pending, SIGPIPE) == 1, 2)
            var before = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &before)
            Self.check(sigismember(&before, SIGPIPE) == 1, 3)
        }
    }

    @Test func aLimitOnFileSizesDoesNotEndTheProcess() async throws {
        let result = try await #require(
            processExitsWith: .exitCode(0),
            observing: [\.standardErrorContent]
        ) {
            signal(SIGXFSZ, SIG_DFL)
            let directory = try TemporaryDirectory()
            var limit = rlimit(rlim_cur: 10_000, rlim_max: rlim_t.max)
            Self.check(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, 1)
            let emitter = try JSONEmitter(to: LogFile(directory.file("log")))
            let session = try startLogging(to: [emitter])
            for _ in 0..<1_000 { Self.log.info("x") }
            let full = session.ledger.emitters[0]
            Self.check(full.handedOver > 10 && full.dropped[.sinkError] == 1_000 - full.handedOver, 2)
            limit.rlim_cur = rlim_t.max
            Self.check(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, 3)
            for _ in 0..<10 { Self.log.info("x") }
            Self.check(session.ledger.emitters[0].handedOver == full.handedOver + 10, 4)
            let lines = try directory.lines(of: "log")
            let whole = lines.filter { (try? JSONSerialization.jsonObject(with: Data($0.utf8))) != nil }
            Self.check(whole.count == Int(full.handedOver) + 10 && lines.count <= whole.count + 1, 5)
        }
        let told = String(decoding: result.standardErrorContent, as: UTF8.self)
        #expect(
            told.components(separatedBy: "txaio: emitter 'json' lost events: File too large (").count == 2,
            "\(told)"
        )
    }

    @Test func aLineOfWhichTheLineFeedAloneWasRefusedIsAtTheSink() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let directory = try TemporaryDirectory()
            let session = try startLogging(to: [try JSONEmitter(to: LogFile(directory.file("log")))])
            Self.log.info("x")
            let size = try directory.bytes(of: "log").count
            var limit = rlimit(rlim_cur: rlim_t(2 * size - 1), rlim_max: rlim_t.max)
            Self.check(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, 1)
            Self.log.info("x")
            Self.check(session.ledger.emitters[0].handedOver == 2, 2)
            Self.log.info("x")
            Self.check(session.ledger.emitters[0].dropped == [.sinkError: 1], 3)
            limit.rlim_cur = rlim_t.max
            Self.check(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0, 4)
            Self.log.info("x")
            Self.check(session.ledger.emitters[0].handedOver == 3, 5)
            let lines = try directory.lines(of: "log")
            Self.check(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }, 6)
        }
    }

    @Test func troubleOfStandardErrorItselfIsNotToldThere() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let full = open("/dev/full", O_WRONLY)
            Self.check(dup2(full, 2) == 2, 1)
            let session = try startLogging(to: [TextEmitter(to: .standardError)])
            for _ in 0..<100 { Self.log.info("x") }
            Self.check(session.ledger.emitters[0].dropped == [.sinkError: 100], 2)
        }
    }

    @Test func aFullPipeOnStandardErrorNeverHoldsUpWhatIsTold() async {
        await #expect(processExitsWith: .exitCode(0)) {
            var ends: [Int32] = [-1, -1]
            Self.check(pipe(&ends) == 0, 1)
            Self.check(dup2(ends[1], 2) == 2, 2)
            _ = fcntl(2, F_SETFL, O_NONBLOCK)
            var byte: UInt8 = 0
            while write(2, &byte, 1) == 1 {}
            _ = fcntl(2, F_SETFL, 0)
            let session = try startLogging(to: [try TextEmitter(to: LogFile("/dev/full"))])
            Self.log.info("x")
            Self.check(session.ledger.emitters[0].dropped == [.sinkError: 1], 3)
            _exit(0)
        }
    }

    @Test func eightThreadsWriteWholeLinesToOneFileInTheirOwnOrder() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let directory = try TemporaryDirectory()
            let json = try JSONEmitter(to: LogFile(directory.file("json")))
            let text = try TextEmitter(to: LogFile(directory.file("text")))
            let session = try startLogging(to: [json, text])
            let done = DispatchSemaphore(value: 0)
            for number in 0..<8 {
                Thread {
                    let filler = String(repeating: "\(number)", count: number * 300)
                    for index in 0..<500 {
                        Self.log.info("x", ("number", number), ("index", index), ("filler", filler))
                    }
                    done.signal()
                }.start()
            }
            for _ in 0..<8 { Self.check(done.wait(timeout: .now() + 120) == .success, 1) }
            for counts in session.ledger.emitters {
                Self.check(counts.handedOver == 4_000 && counts.isBalanced, 2)
            }
            var next = [Int](repeating: 0, count: 8)
            let lines = try directory.lines(of: "json")
            Self.check(lines.count == 4_000, 3)
            for line in lines {
                let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                guard let number = event?["number"] as? Int, let index = event?["index"] as? Int,
                    let filler = event?["filler"] as? String
                else { _exit(4) }
                Self.check(filler == String(repeating: "\(number)", count: number * 300), 5)
                Self.check(next[number] == index, 6)
                next[number] += 1
            }
            let texts = try directory.lines(of: "text")
            Self.check(
                texts.count == 4_000 && texts.allSatisfy { $0.contains(#/number=\d index=\d+ filler=(""|(\d)\2*)$/#) },
                7
            )
        }
    }
}
