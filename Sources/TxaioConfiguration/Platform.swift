#if Configuration
// The one place of this module that knows the C library.

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
        guard descriptor >= 0 else { throw Refusal(reason: text(ofError: errno)) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refusal(reason: text(ofError: errno)) }
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
            guard count > 0 else { throw Refusal(reason: text(ofError: failure)) }
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

    private static func text(ofError code: Int32) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
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
