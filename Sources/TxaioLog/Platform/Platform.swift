// The one place of this module that knows the C library, and the only `canImport` ladder.

internal import CTxaio

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A pthread mutex around the state that it guards; `fork()` finds it free.
///
/// While it is held, log calls of the same thread are refused and counted: a signal handler that logs cannot dead-lock.
/// User code is never called under it. (`Synchronization.Mutex` makes the thread sanitizer report false races.)
package final class Lock<State>: @unchecked Sendable {
    private let mutex: OpaquePointer
    private var state: State

    package init(_ state: sending State) {
        mutex = txaio_lock_make()
        self.state = state
    }

    deinit { txaio_lock_free(mutex) }

    package func withLock<R, E: Error>(_ body: (inout State) throws(E) -> R) throws(E) -> R {
        let thread = txaio_thread_current()
        txaio_thread_refuse(thread)
        txaio_lock_take(mutex)
        defer {
            txaio_lock_release(mutex)
            txaio_thread_admit(thread)
        }
        return try body(&state)
    }
}

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

    package static var processID: Int32 { getpid() }

    package static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        return String(cString: value)
    }
}
