#if Configuration
// The one place of this module that knows the C library.

internal import TxaioEmitters
internal import TxaioLog

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

internal enum Platform {
    internal static var hangup: Int32 { SIGHUP }
    internal static var louder: Int32 { SIGUSR1 }
    internal static var quieter: Int32 { SIGUSR2 }

    /// Why a file could not be read.
    internal struct Refusal: Error {
        /// In the system's or our own words.
        let reason: String
    }

    /// Reads a regular file whole.
    ///
    /// Symbolic links are followed: a file mounted into a container is one. It neither waits for a FIFO's writer nor takes
    /// a terminal, and no more than `limit` bytes ever reach memory, even if the file grows meanwhile.
    internal static func read(_ path: String, limit: Int) throws(Refusal) -> [UInt8] {
        // The C library would stop at the NUL and open another file.
        if path.utf8.contains(0) { throw Refusal(reason: "the path holds a NUL") }
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { throw Refusal(reason: TxaioLog.Platform.text(ofError: errno)) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal(reason: TxaioLog.Platform.text(ofError: errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw Refusal(reason: "not a regular file, but \(kind(status.st_mode))")
        }
        guard status.st_size <= limit else { throw tooLarge(limit) }

        var bytes = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        var used = 0
        while true {
            if used == bytes.count { bytes.append(contentsOf: repeatElement(0, count: 4096)) }
            let (count, failure) = readSome(descriptor, into: &bytes, from: used)
            if count == 0 { break }
            if count < 0, failure == EINTR { continue }
            guard count > 0 else { throw Refusal(reason: TxaioLog.Platform.text(ofError: failure)) }
            used += count
            guard used <= limit else { throw tooLarge(limit) }
        }
        bytes.removeLast(bytes.count - used)
        return bytes
    }

    // The error is taken at once: what Swift does afterwards may change it.
    private static func readSome(_ descriptor: Int32, into bytes: inout [UInt8], from start: Int) -> (Int, Int32) {
        bytes.withUnsafeMutableBytes { buffer in
            let room = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, room.baseAddress, room.count)
            #elseif canImport(Darwin)
            let count = Darwin.read(descriptor, room.baseAddress, room.count)
            #endif
            return (count, count < 0 ? errno : 0)
        }
    }

    private static func tooLarge(_ limit: Int) -> Refusal {
        Refusal(reason: "larger than \(limit >> 20) MiB")
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a directory"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something else"
        }
    }

    // ------------------------------------------------------------------------------------------------ the control socket

    /// What is waited for at a descriptor.
    internal struct Wait {
        let descriptor: Int32
        let reads: Bool
        let writes: Bool

        init(_ descriptor: Int32, reads: Bool, writes: Bool) {
            self.descriptor = descriptor
            self.reads = reads
            self.writes = writes
        }
    }

    /// Waits until something can be done; answers for each whether it can.
    internal static func poll(_ waits: [Wait], milliseconds: Int32) -> [Bool] {
        var descriptors = waits.map { wait in
            pollfd(
                fd: wait.descriptor,
                events: Int16(wait.reads ? POLLIN : 0) | Int16(wait.writes ? POLLOUT : 0),
                revents: 0
            )
        }
        #if canImport(Glibc)
        let count = Glibc.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        #elseif canImport(Musl)
        let count = Musl.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        #elseif canImport(Darwin)
        let count = Darwin.poll(&descriptors, nfds_t(descriptors.count), milliseconds)
        #endif
        return descriptors.map { count > 0 && $0.revents != 0 }
    }

    /// What came from a socket.
    internal enum Received {
        case bytes([UInt8])
        /// Nothing yet.
        case nothing
        /// Nothing more, or the connection is broken.
        case end
    }

    /// Receives what is there, at most 16 KiB.
    internal static func receive(_ descriptor: Int32) -> Received {
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            let failure = errno
            if count > 0 { return .bytes(Array(bytes[..<count])) }
            if count == 0 { return .end }
            if failure != EINTR { return failure == EAGAIN || failure == EWOULDBLOCK ? .nothing : .end }
        }
    }

    /// Sends what fits; `nil` where the connection is broken.
    internal static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int? {
        while true {
            let (count, failure) = bytes.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #elseif canImport(Musl)
                let count = Musl.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
                #elseif canImport(Darwin)
                let count = Darwin.send(descriptor, bytes.baseAddress, bytes.count, 0)
                #endif
                return (count, errno)
            }
            if count >= 0 { return count }
            if failure != EINTR { return failure == EAGAIN || failure == EWOULDBLOCK ? 0 : nil }
        }
    }

    internal static func close(_ descriptor: Int32) { SystemCall.closeDescriptor(descriptor) }

    /// Whether nobody else wants to connect just now.
    internal static func isNothing(_ error: Int32) -> Bool { error == EAGAIN }

    /// Whether it concerns one connection alone: it broke off, or was somebody's who may not connect.
    internal static func isTheirs(_ error: Int32) -> Bool {
        [EPERM, ECONNABORTED, EINTR, ENOTCONN, EINVAL].contains(error)
    }

    internal static func reason(ofControlError error: Int32) -> String {
        switch error {
        case EADDRINUSE: "another process listens there"
        case EEXIST: "there is a file that is no socket of this user"
        case ECONNREFUSED: "nobody listens there any more"
        default: TxaioLog.Platform.text(ofError: error)
        }
    }

    /// What a symbolic link holds; `nil` where the path is none.
    internal static func link(at path: String) -> String? {
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &room, room.count)
        guard count > 0, count < room.count else { return nil }
        return String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The identity of the file that a path leads to; `nil` where there is none.
    internal static func identity(of path: String) -> FileIdentity? {
        var status = stat()
        guard !path.utf8.contains(0), stat(path, &status) == 0 else { return nil }
        #if os(Linux)
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        #else
        let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #endif
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        return FileIdentity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            size: Int64(status.st_size),
            modified: nanoseconds(modified),
            changed: nanoseconds(changed),
            isRegular: status.st_mode & S_IFMT == S_IFREG
        )
    }
}
#endif
