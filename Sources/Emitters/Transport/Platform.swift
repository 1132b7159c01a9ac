// The one place of this module that knows the C library, and the only `canImport` ladder.

internal import CTxaio
internal import TxaioLog

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// System calls that answer with a value or an ``Errno``, never with a global.
package enum SystemCall {
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
        let opened = systemOpen("/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        return try? aboveStandard(opened)
        #else
        return nil
        #endif
    }

    /// Opens a file for appending, making it where it is not there.
    internal static func openAppending(
        _ path: String,
        permissions: UInt32,
        followsLink: Bool = true
    ) throws(Errno) -> Int32 {
        // Non-blocking: a pipe of that name without a reader is an error, not a wait for one.
        var flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        if !followsLink { flags |= O_NOFOLLOW }
        return try open(path, flags, permissions)
    }

    /// Makes a file that was not there, and opens it for writing.
    internal static func openNew(_ path: String, permissions: UInt32) throws(Errno) -> Int32 {
        try open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    }

    /// Opens a file for reading; no symbolic link.
    internal static func openReading(_ path: String) throws(Errno) -> Int32 {
        try open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0)
    }

    internal static func openDirectory(_ path: String) throws(Errno) -> Int32 {
        try open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    }

    private static func open(_ path: String, _ flags: Int32, _ permissions: UInt32) throws(Errno) -> Int32 {
        while true {
            let opened = systemOpen(path, flags, mode_t(truncatingIfNeeded: permissions))
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

    package static func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

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
        return Identity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
    }

    internal static func isNonBlocking(_ descriptor: Int32) -> Bool {
        let flags = fcntl(descriptor, F_GETFL)
        return flags >= 0 && flags & O_NONBLOCK != 0
    }

    package static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// Whether the file at `path` ends within a line; false where that cannot be known.
    internal static func endsWithinLine(_ path: String) -> Bool {
        let descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
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

    // ------------------------------------------------------------------------------------------------ files

    /// What the system knows of a file.
    internal struct Status {
        let identity: Identity
        let isRegular: Bool
        let size: Int64
        /// When it was written to last: nanoseconds since 1970.
        let modified: Int64
        let links: UInt64
        let permissions: UInt32
        let isOwn: Bool
        fileprivate let group: gid_t

        fileprivate init(_ status: stat) {
            identity = Identity(device: UInt64(truncatingIfNeeded: status.st_dev), inode: UInt64(status.st_ino))
            isRegular = status.st_mode & S_IFMT == S_IFREG
            size = Int64(status.st_size)
            #if canImport(Darwin)
            let time = status.st_mtimespec
            #else
            let time = status.st_mtim
            #endif
            let (seconds, isBeyond) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
            modified = isBeyond ? 0 : seconds &+ Int64(time.tv_nsec)
            links = UInt64(truncatingIfNeeded: status.st_nlink)
            permissions = UInt32(status.st_mode) & 0o777
            isOwn = status.st_uid == geteuid()
            group = status.st_gid
        }
    }

    internal static func status(of descriptor: Int32) throws(Errno) -> Status {
        var status = stat()
        try check(fstat(descriptor, &status))
        return Status(status)
    }

    /// The status of what is at a path; with `followsLink` of what a symbolic link there leads to.
    internal static func status(at path: String, followsLink: Bool) throws(Errno) -> Status {
        var status = stat()
        // A string that is passed as it is would be copied to the heap.
        try check(path.withCString { followsLink ? stat($0, &status) : lstat($0, &status) })
        return Status(status)
    }

    /// Gives a file the permissions of another, and as far as this user may its group.
    internal static func copyAccess(from other: Status, to descriptor: Int32) {
        _ = fchown(descriptor, uid_t.max, other.group)
        _ = fchmod(descriptor, mode_t(other.permissions))
    }

    internal static func rename(_ path: String, to other: String) throws(Errno) {
        try check(systemRename(path, other))
    }

    internal static func remove(_ path: String) throws(Errno) { try check(unlink(path)) }

    /// Takes an advisory lock, which ends with the descriptor and its copies; never waits for one.
    internal static func lock(_ descriptor: Int32, isShared: Bool) throws(Errno) {
        while flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0 {
            if errno != EINTR { throw Errno(errno) }
        }
    }

    /// Gives a lock back, also where a child process that was just forked still has a copy of the descriptor.
    internal static func unlock(_ descriptor: Int32) { _ = flock(descriptor, LOCK_UN) }

    /// The names in a directory.
    internal static func names(in directory: String) throws(Errno) -> [String] {
        guard let stream = opendir(directory) else { throw Errno(errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw Errno(errno) }
                return names
            }
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
            names.append(String(cString: name))
        }
    }

    /// So many bytes of a file from a place on; `nil` where they are not there.
    internal static func bytes(_ count: Int, at place: Int64, of descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(descriptor, &bytes, count, off_t(place)) == count ? bytes : nil
    }

    /// Has the file system find room for bytes of a file, whose size stays; answers whether it did.
    internal static func setAside(_ descriptor: Int32, _ bytes: Range<Int64>) -> Bool {
        txaio_set_aside(descriptor, bytes.lowerBound, bytes.upperBound - bytes.lowerBound) == 0
    }

    // ------------------------------------------------------------------------------------------------ writing

    /// How bytes are written.
    internal enum Way {
        /// `write`: where no signal can be raised, or the caller holds them back.
        case plain
        /// `write` without SIGPIPE, where the kernel has that.
        case quiet
        /// `send`, which neither waits nor signals.
        case socket
    }

    /// One write, no socket's, of which only matters whether it went whole: how many bytes it took, negative where it failed.
    @inline(__always)
    internal static func writeAtOnce(_ descriptor: Int32, _ way: Way, _ bytes: UnsafeRawBufferPointer) -> Int {
        txaio_write_at_once(descriptor, way == .quiet, bytes.baseAddress, bytes.count)
    }

    /// One system call that writes.
    @inline(__always)
    internal static func write(
        _ descriptor: Int32,
        _ way: Way,
        _ bytes: UnsafeRawBufferPointer
    ) throws(Errno) -> Int {
        let written: Int
        switch way {
        case .plain: written = systemWrite(descriptor, bytes.baseAddress, bytes.count)
        case .quiet: written = txaio_write_quietly(descriptor, bytes.baseAddress, bytes.count)
        case .socket:
            #if canImport(Darwin)
            written = send(descriptor, bytes.baseAddress, bytes.count, MSG_DONTWAIT)
            #else
            written = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
            #endif
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

    /// Whether a write the plain way to a descriptor of a kind may raise SIGPIPE, and so must be held back.
    internal static func mayRaiseSignals(_ kind: Kind) -> Bool {
        #if canImport(Darwin)
        kind == .pipe || kind == .socket
        #else
        kind == .pipe
        #endif
    }

    /// Has a write beyond the limit of a file's size fail, in place of ending the process by SIGXFSZ.
    ///
    /// Holding the signal back would cost each event two system calls, and asking for the limit, which may change at any
    /// time, one. So the process gets a handler that does nothing, once, and only over the default: any other handling is the
    /// host's and stays. Programs that it executes get the default back. (CPython ignores the signal from its start, and the
    /// programs that it executes with it.)
    internal static func surviveFileLimits() { txaio_survive_file_limits() }

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
    internal static let notPermitted = Errno(EPERM)
    internal static let taken = Errno(EEXIST)

    /// Whether the kernel does not know what it was asked for.
    internal var isUnsupported: Bool { code == EOPNOTSUPP || code == EINVAL || code == ENOSYS }

    /// Whether nothing is there.
    internal var isMissing: Bool { code == ENOENT }
    /// Whether something is there already.
    internal var isLink: Bool { code == ELOOP }

    /// Whether there is no room at the moment, or somebody else has the lock.
    internal var isFull: Bool { code == EAGAIN || code == EWOULDBLOCK }

    /// Whether nobody is at the other end any more.
    internal var isGone: Bool {
        switch code {
        case EPIPE, EBADF, ECONNRESET, ENOTCONN, ECONNREFUSED, ENXIO, EDESTADDRREQ, ENOENT: true
        default: false
        }
    }

    /// `No space left on device`.
    internal var description: String { Platform.text(ofError: code) }
}

/// Keeps the signals of a failing write, SIGPIPE and SIGXFSZ, from the host: they are held back on this thread, and one
/// that the write raised is taken away.
///
/// The host's own handling of them stays as it is.
internal struct HeldSignals: ~Copyable {
    private var before = sigset_t()
    private var pendingBefore = sigset_t()
    private var isHeld: Bool

    /// Holds the signals back, or with `needed` false does nothing: two system calls saved.
    internal init(needed: Bool = true) {
        isHeld = false
        guard needed else { return }
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

// ------------------------------------------------------------------------------------------------ datagrams

/// Numbers of the errors that a transport decides about.
internal enum ErrorNumber {
    static var tryAgain: Int32 { EAGAIN }
    static var interrupted: Int32 { EINTR }
    static var tooLong: Int32 { EMSGSIZE }
    static var noBuffers: Int32 { ENOBUFS }
    static var refused: Int32 { ECONNREFUSED }
    static var reset: Int32 { ECONNRESET }
    static var notConnected: Int32 { ENOTCONN }
    static var noEntry: Int32 { ENOENT }
    static var noDirectory: Int32 { ENOTDIR }
    static var brokenPipe: Int32 { EPIPE }
    static var badDescriptor: Int32 { EBADF }
    static var noSocket: Int32 { ENOTSOCK }
    static var processFiles: Int32 { EMFILE }
    static var systemFiles: Int32 { ENFILE }
    static var noMemory: Int32 { ENOMEM }
    static var invalid: Int32 { EINVAL }
    #if os(Linux)
    static var tooManyReferences: Int32 { ETOOMANYREFS }
    #else
    static var tooManyReferences: Int32 { -1 }
    #endif

    /// The system's text for an error's number.
    static func text(_ number: Int32) -> String { Errno(number).description }
}

/// Calls of the system for datagram sockets: each answers 0 or the error's number.
internal enum DatagramSocket {
    /// Makes an unconnected, non-blocking socket that no other program inherits.
    static func make() -> (descriptor: Int32, error: Int32) {
        #if canImport(Glibc)
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        #elseif canImport(Musl)
        let kind = SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK
        #else
        let kind = SOCK_DGRAM
        #endif
        let descriptor = socket(AF_UNIX, kind, 0)
        if descriptor < 0 { return (-1, errno) }
        #if canImport(Darwin)
        if fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 || fcntl(descriptor, F_SETFL, O_NONBLOCK) < 0 {
            let error = errno
            close(descriptor)
            return (-1, error)
        }
        #endif
        return (descriptor, 0)
    }

    /// Connects to a path, anew where it is connected already.
    static func connect(_ descriptor: Int32, to path: String) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = path
        let fits = path.withUTF8 { bytes in
            withUnsafeMutableBytes(of: &address.sun_path) { room in
                guard bytes.count < room.count, !bytes.contains(0) else { return false }
                room.copyBytes(from: bytes)
                return true
            }
        }
        guard fits else { return ENAMETOOLONG }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                #if canImport(Glibc)
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #elseif canImport(Musl)
                Musl.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #else
                Darwin.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                #endif
            }
        }
        return result < 0 ? errno : 0
    }

    /// Sends one datagram, without waiting and without a signal.
    @inline(__always)
    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32 {
        txaio_send_at_once(descriptor, bytes.baseAddress, bytes.count)
    }

    /// The most datagrams that one call sends.
    static var mostAtOnce: Int { Int(TXAIO_DATAGRAMS) }

    /// Sends datagrams that lie one behind the other, in one call: the first of them, as many as there is room for.
    ///
    /// - Parameters:
    ///   - base: Where they lie.
    ///   - start: Where the first one begins.
    ///   - ends: Where each ends.
    /// - Returns: How many were sent; where none was, the first one's error.
    static func sendMany(
        _ descriptor: Int32,
        _ base: UnsafeRawPointer,
        from start: Int,
        _ ends: UnsafeBufferPointer<Int>
    ) -> (sent: Int, error: Int32) {
        guard let first = ends.baseAddress else { return (0, 0) }
        var error: Int32 = 0
        let sent = txaio_send_datagrams(descriptor, base, start, first, Int32(clamping: ends.count), &error)
        return (Int(sent), error)
    }

    /// How many bytes the other side has not taken yet; below 0 where that cannot be known.
    static func unsent(_ descriptor: Int32) -> Int { Int(txaio_unsent(descriptor)) }

    /// Sends one datagram's worth as a sealed memory file.
    ///
    /// `isMade` says whether the file could be made at all.
    static func sendSealed(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> (error: Int32, isMade: Bool) {
        guard let base = bytes.baseAddress else { return (EINVAL, false) }
        var stage: Int32 = 0
        let error = txaio_send_sealed(descriptor, base, bytes.count, &stage)
        return (error, stage > 3)
    }

    /// Asks for a send buffer of a size: within the system's limit, and beyond it where this process may.
    static func setSendBuffer(_ descriptor: Int32, to size: Int) {
        var wanted = Int32(clamping: size)
        let length = socklen_t(MemoryLayout<Int32>.size)
        _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &wanted, length)
        #if os(Linux)
        // The kernel reports twice what was asked for.
        if sendBuffer(descriptor) < size { _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &wanted, length) }
        #endif
    }

    /// The size of the send buffer, 0 where it cannot be had.
    static func sendBuffer(_ descriptor: Int32) -> Int {
        var size: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, &length) < 0 ? 0 : Int(size)
    }
}

internal enum MemorySearch {
    /// Whether a byte is among others.
    @inline(__always)
    static func contains(_ bytes: UnsafeRawBufferPointer, _ byte: UInt8) -> Bool {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return false }
        return memchr(base, Int32(byte), bytes.count) != nil
    }
}

/// The run of the process that this is: another one in a child.
internal enum ProcessRun {
    static var current: UInt64 { txaio_process_current().pointee.start_id }
}

/// Requests to open log files anew.
internal enum Reopening {
    /// How many there were.
    @inline(__always)
    static var requests: UInt32 { txaio_reopen_count() }
    /// Asks for it.
    static func request() { txaio_request_reopen() }
    /// Has each SIGHUP ask for it: 0, or the error's number.
    static func requestOnHangup() -> Int32 { txaio_reopen_on_hangup() }
}

/// A program that reads one file and writes another.
internal enum Filter {
    static func start(_ program: String, _ argument: String, input: Int32, output: Int32) throws(Errno) -> Int32 {
        var child: pid_t = 0
        let error = txaio_start_filter(program, argument, input, output, &child)
        if error != 0 { throw Errno(error) }
        return child
    }

    /// Waits for its end: the exit status, or `nil` where nobody can know it any more.
    static func wait(for child: Int32) -> Int32? {
        let status = txaio_wait_for_child(child)
        return status < 0 ? nil : status
    }

    /// Whether a program can be found on PATH.
    static func isFound(_ program: String) -> Bool {
        let path = Platform.environment("PATH") ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }
}

internal enum SpareDescriptor {
    /// Opens `/dev/null`, to have a descriptor to give up when there are no others.
    static func open() -> Int32 { systemOpen("/dev/null", O_RDONLY | O_CLOEXEC) }
}

// Within the types above these names are their own.
private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 { open(path, flags, mode) }
private func systemRename(_ path: String, _ other: String) -> Int32 { rename(path, other) }

internal enum Pause {
    /// Sleeps for a while that is shorter than a second.
    static func sleep(nanoseconds: Int64) {
        var span = timespec(tv_sec: 0, tv_nsec: Int(max(0, min(nanoseconds, 999_999_999))))
        _ = nanosleep(&span, nil)
    }
}

internal enum SocketFile {
    /// Whether a path can be written to: 0, or the error's number.
    static func access(_ path: UnsafePointer<CChar>) -> Int32 {
        #if canImport(Glibc)
        let result = Glibc.access(path, W_OK)
        #elseif canImport(Musl)
        let result = Musl.access(path, W_OK)
        #else
        let result = Darwin.access(path, W_OK)
        #endif
        return result < 0 ? errno : 0
    }
}
