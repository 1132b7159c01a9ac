// The one place of this module that knows the C library, and the only `canImport` ladder.

internal import CTxaio

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

package enum Platform {
    /// Writes a line to standard error as far as it takes it.
    ///
    /// Used where logging itself is in trouble; failures end here.
    package static func complain(_ text: String) {
        var line = "txaio: \(text)\n"
        line.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                let written = write(2, bytes.baseAddress.unsafelyUnwrapped + done, bytes.count - done)
                if written > 0 {
                    done += written
                } else if written == 0 || errno != EINTR {
                    return
                }
            }
        }
    }

    package static func atExit(_ handler: @convention(c) () -> Void) {
        atexit(handler)
    }

    /// Lets other threads run for a moment.
    package static func pause() {
        usleep(200)
    }

    package static func sleep(microseconds: Int) {
        usleep(UInt32(clamping: microseconds))
    }

    /// Runs `body` on a thread of its own, which nobody joins.
    package static func startThread(named name: StaticString, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(ThreadBody(name: name, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        // Signals are for the program's own threads: the new one inherits a mask that blocks all but those that a fault of
        // its own raises. Blocked, they would end the process without a backtrace.
        var all = sigset_t()
        var before = sigset_t()
        sigfillset(&all)
        for fault in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE] { sigdelset(&all, fault) }
        pthread_sigmask(SIG_SETMASK, &all, &before)
        let error = pthread_create(&thread, &attributes, threadMain, box.toOpaque())
        pthread_sigmask(SIG_SETMASK, &before, nil)
        if error != 0 {
            box.release()
            complain("cannot start the thread \(name): error \(error)")
        }
    }

    /// Gives the calling thread a name, of 15 bytes at most.
    internal static func nameThread(_ name: StaticString) {
        name.withUTF8Buffer { name in
            name.withMemoryRebound(to: CChar.self) { txaio_thread_name($0.baseAddress.unsafelyUnwrapped) }
        }
    }

    package static var processID: Int32 { getpid() }

    /// What the system calls an error: `No space left on device`.
    package static func text(ofError code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }

    package static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}

private final class ThreadBody: Sendable {
    let name: StaticString
    let body: @Sendable () -> Void
    init(name: StaticString, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

#if canImport(Darwin)
private func threadMain(_ argument: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? { runThread(argument) }
#else
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? { runThread(argument) }
#endif

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let thread = Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue()
    Platform.nameThread(thread.name)
    thread.body()
    return nil
}
