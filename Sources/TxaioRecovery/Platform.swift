// The one place of this module that knows the C library.

#if canImport(Glibc)
@preconcurrency internal import Glibc
#elseif canImport(Musl)
@preconcurrency internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Files and their memory.
internal enum Files {
    internal static var userID: UInt32 { getuid() }
    internal static var processID: UInt32 { UInt32(bitPattern: getpid()) }

    internal static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    internal static func text(of error: Int32) -> String { String(cString: strerror(error)) }

    /// Makes a directory for this user alone if it is not there; why there is none that can be used, else `nil`.
    ///
    /// What is there must be a directory of this user's and no link. Others lose what rights they had in it.
    internal static func makeDirectory(_ path: String) -> String? {
        if mkdir(path, 0o700) != 0, errno != EEXIST { return text(of: errno) }
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { return text(of: errno) }
        defer { close(directory) }
        var status = stat()
        guard fstat(directory, &status) == 0 else { return text(of: errno) }
        guard status.st_uid == getuid() else { return "it belongs to user \(status.st_uid)" }
        guard status.st_mode & 0o077 != 0 || status.st_mode & 0o700 != 0o700 else { return nil }
        return fchmod(directory, 0o700) == 0 ? nil : text(of: errno)
    }

    /// The path from the root, whatever the working directory will be.
    internal static func absolute(_ path: String) -> String {
        guard path.utf8.first != UInt8(ascii: "/"), let here = getcwd(nil, 0) else { return path }
        defer { free(here) }
        return String(cString: here) + "/" + path
    }

    internal static func makeFile(_ path: String) -> (file: Int32, error: Int32) {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        return (file, file < 0 ? errno : 0)
    }

    /// Opens a ring file, which is never a link; a lock needs the right to write.
    internal static func openRings(_ path: String) -> (file: Int32, error: Int32) {
        let file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        return (file, file < 0 ? errno : 0)
    }

    /// Opens a program or library for reading; libraries are often links.
    internal static func openProgram(_ path: String) -> (file: Int32, error: Int32) {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        return (file, file < 0 ? errno : 0)
    }

    /// A file as the kernel knows it, whatever its names.
    internal struct Identity: Hashable, Sendable {
        fileprivate let device: UInt64
        fileprivate let number: UInt64

        fileprivate init(_ status: stat) {
            device = UInt64(truncatingIfNeeded: status.st_dev)
            number = UInt64(truncatingIfNeeded: status.st_ino)
        }
    }

    /// What is known of a regular file.
    internal struct Regular {
        internal let size: Int
        internal let owner: UInt32
        /// Whether it has a name no more.
        internal let isRemoved: Bool
        internal let identity: Identity
    }

    /// `nil` for anything but a regular file.
    internal static func regular(_ file: Int32) -> Regular? {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Regular(
            size: Int(status.st_size),
            owner: status.st_uid,
            isRemoved: status.st_nlink == 0,
            identity: Identity(status)
        )
    }

    /// The file of a name, without opening it.
    internal static func identity(of path: String) -> (Identity?, error: Int32) {
        var status = stat()
        return lstat(path, &status) == 0 ? (Identity(status), 0) : (nil, errno)
    }

    internal static func isAbsent(_ error: Int32) -> Bool { error == ENOENT }

    internal static func resize(_ file: Int32, to size: Int) -> Int32 {
        ftruncate(file, off_t(size)) == 0 ? 0 : errno
    }

    /// Has the file system set bytes aside: a page without any kills the process that writes to it.
    internal static func reserve(_ file: Int32, at offset: Int, count: Int) -> Int32 {
        #if os(Linux)
        while true {
            let error = posix_fallocate(file, off_t(offset), off_t(count))
            if error != EINTR { return error }
        }
        #else
        return 0
        #endif
    }

    /// Gives a file its name, unless there is one of that name.
    internal static func rename(_ from: String, to path: String) -> Int32 {
        guard link(from, path) == 0 else { return errno }
        unlink(from)
        return 0
    }

    internal static func map(_ file: Int32, size: Int, writable: Bool) -> UnsafeMutableRawPointer? {
        let protection = writable ? PROT_READ | PROT_WRITE : PROT_READ
        let memory = mmap(nil, size, protection, writable ? MAP_SHARED : MAP_PRIVATE, file, 0)
        return memory == MAP_FAILED ? nil : memory
    }

    internal static func unmap(_ memory: UnsafeMutableRawPointer, size: Int) { munmap(memory, size) }
    internal static func closeFile(_ file: Int32) { close(file) }
    internal static func remove(_ path: String) { unlink(path) }

    /// Reads `count` bytes at an offset; `false` where the file has fewer.
    internal static func read(_ file: Int32, into bytes: UnsafeMutableRawBufferPointer, at offset: Int) -> Bool {
        var done = 0
        guard let base = bytes.baseAddress, offset <= Int.max - bytes.count else { return bytes.isEmpty }
        while done < bytes.count {
            let count = pread(file, base + done, bytes.count - done, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Writes a word at an offset; `false` where that fails.
    internal static func write(_ file: Int32, _ word: UInt64, at offset: Int) -> Bool {
        withUnsafeBytes(of: word) { pwrite(file, $0.baseAddress, $0.count, off_t(offset)) == $0.count }
    }

    /// The names in a directory, in order.
    internal static func names(in directory: String) throws(RingFileError) -> [String] {
        guard let handle = opendir(directory) else { throw RingFileError(.cannotRead, directory, errno) }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names.sorted()
    }
}
