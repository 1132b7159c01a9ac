// The one place of this module that knows the C library, and the only `canImport` ladder.

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// System calls that answer with a value or an ``Errno``, never with a global.
internal enum SystemCall {
    /// What a descriptor leads to.
    internal enum Kind {
        case file, socket, pipe, terminal, device
    }

    /// A file's identity.
    internal struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    // ------------------------------------------------------------------------------------------------ descriptors

    /// A copy of a descriptor, at 3 or above, closed on `exec`: whatever becomes number 1 later, this is not it.
    internal static func duplicate(_ descriptor: Int32) throws(Errno) -> Int32 {
        try check(fcntl(descriptor, F_DUPFD_CLOEXEC, 3))
    }

    /// Opens the same pipe or terminal anew and non-blocking: that mode belongs to the open file, which an inherited
    /// stream shares with other processes.
    ///
    /// `nil` where that cannot be had.
    internal static func reopenNonBlocking(_ descriptor: Int32) -> Int32? {
        #if os(Linux)
        let opened = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return try? aboveStandard(opened)
        #else
        return nil
        #endif
    }

    /// Opens a file for appending, making it where it is not there.
    internal static func openAppending(_ path: String, permissions: UInt32) throws(Errno) -> Int32 {
        // Non-blocking: a pipe of that name without a reader is an error, not a wait for one.
        let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        while true {
            let opened = open(path, flags, mode_t(truncatingIfNeeded: permissions))
            if opened >= 0 || errno != EINTR { return try aboveStandard(opened) }
        }
    }

    /// Moves a new descriptor out of the room of the standard streams.
    private static func aboveStandard(_ opened: Int32) throws(Errno) -> Int32 {
        let descriptor = try check(opened)
        if descriptor > 2 { return descriptor }
        defer { _ = close(descriptor) }
        return try duplicate(descriptor)
    }

    internal static func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

    internal static func makeDirectory(_ path: String, permissions: UInt32) throws(Errno) {
        if mkdir(path, mode_t(truncatingIfNeeded: permissions)) != 0, errno != EEXIST { throw Errno(errno) }
    }

    internal static func kind(of descriptor: Int32) throws(Errno) -> Kind {
        var status = stat()
        try check(fstat(descriptor, &status))
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file
        case S_IFSOCK: return .socket
        case S_IFIFO: return .pipe
        case S_IFDIR: throw Errno(EISDIR)
        default: return isTerminal(descriptor) ? .terminal : .device
        }
    }

    internal static func identity(of descriptor: Int32) -> Identity? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    internal static func isNonBlocking(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return flags >= 0 && flags & O_NONBLOCK != 0
    }

    internal static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether the file at `path` ends within a line; false where that cannot be known.
    internal static func endsWithinLine(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else {
            return false
        }
        var last: UInt8 = 0x0A
        return pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != 0x0A
    }

    /// Has the disk keep what was written.
    internal static func synchronise(_ descriptor: Int32) throws(Errno) {
        while fsync(descriptor) != 0 {
            // Pipes and terminals have nothing to keep.
            if errno == EINVAL || errno == ENOTSUP { return }
            if errno != EINTR { throw Errno(errno) }
        }
    }

    // ------------------------------------------------------------------------------------------------ writing

    /// One `write`, or on a socket one `send` that neither waits nor signals.
    ///
    /// The caller holds signals back.
    internal static func write(
        _ descriptor: Int32,
        isSocket: Bool,
        _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        let written: Int
        if isSocket {
            #if canImport(Darwin)
            written = send(descriptor, bytes.baseAddress, bytes.count, MSG_DONTWAIT)
            #else
            written = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            #endif
        } else {
            written = systemWrite(descriptor, bytes.baseAddress, bytes.count)
        }
        if written < 0 { throw Errno(errno) }
        return written
    }

    /// Waits until the descriptor takes bytes, or has failed, or the time is up.
    ///
    /// Answers whether it is worth a try.
    internal static func waitWritable(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }

    // ------------------------------------------------------------------------------------------------ environment

    internal static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    @discardableResult
    private static func check(_ result: Int32) throws(Errno) -> Int32 {
        if result < 0 { throw Errno(errno) }
        return result
    }
}

// Within `SystemCall` the name `write` is its own.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

/// A system call's error.
internal struct Errno: Error, Equatable, CustomStringConvertible {
    internal let code: Int32
    internal init(_ code: Int32) { self.code = code }

    internal static let interrupted = Errno(EINTR)
    internal static let badDescriptor = Errno(EBADF)
    internal static let messageSize = Errno(EMSGSIZE)
    internal static let brokenPipe = Errno(EPIPE)
    internal static let fileTooBig = Errno(EFBIG)

    /// Whether there is no room at the moment.
    internal var isFull: Bool { code == EAGAIN || code == EWOULDBLOCK }

    /// Whether nobody is at the other end any more.
    internal var isGone: Bool {
        switch code {
        case EPIPE, EBADF, ECONNRESET, ENOTCONN, ECONNREFUSED, ENXIO, EDESTADDRREQ, ENOENT: true
        default: false
        }
    }

    /// `No space left on device`.
    internal var description: String { strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}

/// Keeps the signals of a failing write, SIGPIPE and SIGXFSZ, from the host: they are held back on this thread, and one
/// that the write raised is taken away.
///
/// The host's own handling of them stays as it is.
internal struct HeldSignals: ~Copyable {
    private var before = sigset_t()
    private var pendingBefore = sigset_t()
    private var isHeld: Bool

    internal init() {
        var held = Self.set
        isHeld = pthread_sigmask(SIG_BLOCK, &held, &before) == 0
        sigemptyset(&pendingBefore)
        // One that is pending already was held back by the host: it stays.
        if isHeld, sigismember(&before, SIGPIPE) == 1 || sigismember(&before, SIGXFSZ) == 1 {
            sigpending(&pendingBefore)
        }
    }

    /// Takes away what a write that failed with `error` raised.
    internal mutating func consume(_ error: Errno) {
        let signal: Int32
        switch error.code {
        case EPIPE: signal = SIGPIPE
        case EFBIG: signal = SIGXFSZ
        default: return
        }
        guard isHeld, sigismember(&pendingBefore, signal) != 1 else { return }
        var only = sigset_t()
        sigemptyset(&only)
        sigaddset(&only, signal)
        #if canImport(Darwin)
        var pending = sigset_t()
        var taken: Int32 = 0
        if sigpending(&pending) == 0, sigismember(&pending, signal) == 1 { sigwait(&only, &taken) }
        #else
        var now = timespec()
        while sigtimedwait(&only, nil, &now) < 0, errno == EINTR {}
        #endif
    }

    internal consuming func release() {
        if isHeld { pthread_sigmask(SIG_SETMASK, &before, nil) }
    }

    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGPIPE)
        sigaddset(&set, SIGXFSZ)
        return set
    }
}
