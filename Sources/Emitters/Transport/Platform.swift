// The one place of this module that knows the C library, and the only `canImport` ladder.

internal import CTxaio

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

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
    static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
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
        #if canImport(Darwin)
        let flags = Int32(MSG_DONTWAIT)
        let sent = Darwin.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #elseif canImport(Musl)
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = Musl.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #else
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let sent = Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
        #endif
        return sent < 0 ? errno : 0
    }

    /// Sends one datagram's worth as a sealed memory file. `isMade` says whether the file could be made at all.
    static func sendSealed(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> (error: Int32, isMade: Bool) {
        guard let base = bytes.baseAddress else { return (EINVAL, false) }
        var stage: Int32 = 0
        let error = txaio_send_sealed(descriptor, base, bytes.count, &stage)
        return (error, stage > 3)
    }

    /// Asks for a larger send buffer: within the system's limit, and beyond it where this process may.
    static func enlargeSendBuffer(_ descriptor: Int32, to size: Int) {
        var wanted = Int32(clamping: size)
        let length = socklen_t(MemoryLayout<Int32>.size)
        guard sendBuffer(descriptor) < size else { return }
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

    /// Waits until a connected socket takes a datagram, for `nanoseconds` at most. `false` where time was up.
    static func waitWritable(_ descriptor: Int32, nanoseconds: Int64) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        let milliseconds = Int32(clamping: max(0, nanoseconds / 1_000_000))
        return poll(&request, 1, milliseconds) > 0
    }
}

/// What descriptors are.
internal enum Descriptor {
    /// Opens `/dev/null`, to have a descriptor to give up when there are no others.
    static func openSpare() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }

    static func close(_ descriptor: Int32) {
        guard descriptor >= 0 else { return }
        #if canImport(Glibc)
        _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
        _ = Musl.close(descriptor)
        #else
        _ = Darwin.close(descriptor)
        #endif
    }

    /// Device and inode of what is open there; `nil` where nothing is.
    static func identity(_ descriptor: Int32) -> (device: UInt64, inode: UInt64)? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return (UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino))
    }
}

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

#if LibSystemd
/// The pieces of an entry as `sd_journal_sendv` takes them, in memory that is kept.
internal final class JournalVectors {
    private var capacity = 256
    private var vectors: UnsafeMutablePointer<iovec>

    init() { vectors = .allocate(capacity: capacity) }
    deinit { vectors.deallocate() }

    func withVectors(
        of encoder: borrowing JournalEntryEncoder,
        _ body: (UnsafePointer<iovec>, Int32) -> Int32
    ) -> Int32 {
        let count = encoder.fieldCount
        if count > capacity {
            vectors.deallocate()
            vectors = .allocate(capacity: count)
            capacity = count
        }
        return encoder.withFields { bytes, ends in
            guard let base = bytes.baseAddress else { return -EINVAL }
            var start = 0
            for index in 0..<count {
                let end = ends[index]
                let piece = UnsafeMutableRawPointer(mutating: base + start)
                (vectors + index).initialize(to: iovec(iov_base: piece, iov_len: end - start))
                start = end
            }
            return body(vectors, Int32(clamping: count))
        }
    }
}
#endif
