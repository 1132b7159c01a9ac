// The one place of the tool that knows the C library.

import Synchronization
import TxaioEmitters
import TxaioLog

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Standard output and standard error, for people: one line each, whatever it holds.
enum Console {
    /// What kept the first line that was said from being written, or 0; see ``finish()``.
    private static let failure = Atomic<Int32>(0)

    static func say(_ line: String) {
        let error = write(line, to: 1)
        if error != 0 { _ = failure.compareExchange(expected: 0, desired: error, ordering: .relaxed) }
    }

    static func complain(_ line: String) { _ = write("txaio: " + line, to: 2) }

    /// Ends the tool with a complaint where something that was said could not be written; not where nobody reads on.
    static func finish() {
        let error = failure.load(ordering: .relaxed)
        guard error != 0, !isClosed(error) else { return }
        exit(EndStatus.incomplete.rawValue, saying: "cannot write: \(Platform.text(ofError: error))")
    }

    /// Takes a variable out of the environment.
    static func unset(_ variable: String) { unsetenv(variable) }

    static func exit(_ status: Int32, saying line: String) -> Never {
        complain(line)
        #if canImport(Glibc)
        Glibc.exit(status)
        #elseif canImport(Musl)
        Musl.exit(status)
        #elseif canImport(Darwin)
        Darwin.exit(status)
        #endif
    }

    /// Names of files may hold anything, and so may events; a terminal obeys it.
    static func escaped(_ text: String, for place: ControlEscaper.Place = .message) -> String {
        var buffer = ByteBuffer(capacity: 256)
        var copy = text
        copy.withUTF8 { ControlEscaper.append(UnsafeRawBufferPointer($0), for: place, to: &buffer) }
        return buffer.string()
    }

    private static func write(_ line: String, to descriptor: Int32) -> Int32 {
        write(Array((escaped(line) + "\n").utf8), to: descriptor)
    }

    /// Writes all bytes as they are; answers the error that kept it from that, or 0.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                #if canImport(Glibc)
                Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                #elseif canImport(Musl)
                Musl.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                #elseif canImport(Darwin)
                Darwin.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                #endif
            }
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return 0
    }

    /// Whether nobody reads what is written any more.
    static func isClosed(_ error: Int32) -> Bool { error == EPIPE }

    // ------------------------------------------------------------------------------------------------ the terminal

    /// Columns of the terminal that standard output goes to.
    static var width: Int? {
        guard SystemCall.isTerminal(1) else { return nil }
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    // ------------------------------------------------------------------------------------------------ files

    /// What tells whether a path still leads to the file that is open.
    struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let isRegular: Bool
    }

    private static func identity(_ status: stat) -> Identity {
        Identity(
            device: UInt64(truncatingIfNeeded: status.st_dev),
            inode: UInt64(truncatingIfNeeded: status.st_ino),
            size: Int64(status.st_size),
            isRegular: status.st_mode & S_IFMT == S_IFREG
        )
    }

    static func identity(of path: String) -> Identity? {
        var status = stat()
        return stat(path, &status) == 0 ? identity(status) : nil
    }

    static func identity(of descriptor: Int32) -> Identity? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? identity(status) : nil
    }

    /// Opens a file to read; the negative error where that cannot be.
    static func open(_ path: String) -> Int32 {
        #if canImport(Glibc)
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        #elseif canImport(Musl)
        let descriptor = Musl.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        #elseif canImport(Darwin)
        let descriptor = Darwin.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        #endif
        return descriptor >= 0 ? descriptor : -errno
    }

    /// Lends texts to C, with a null pointer behind them.
    static func withCStrings<R>(_ texts: [String], _ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> R) -> R {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var list = copies.map { UnsafePointer($0) } + [nil]
        return body(&list)
    }

    /// Reads what is there, none at the end; the negative error where that cannot be.
    static func read(_ descriptor: Int32, into room: inout [UInt8]) -> Int {
        while true {
            #if canImport(Glibc)
            let count = Glibc.read(descriptor, &room, room.count)
            #elseif canImport(Musl)
            let count = Musl.read(descriptor, &room, room.count)
            #elseif canImport(Darwin)
            let count = Darwin.read(descriptor, &room, room.count)
            #endif
            if count >= 0 { return count }
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Another descriptor of what one leads to, which children do not inherit.
    static func duplicate(_ descriptor: Int32) -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }

    /// Whether reading would not wait.
    static func isReadable(_ descriptor: Int32) -> Bool {
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&wait, 1, 0) != 0
    }

    static func rewind(_ descriptor: Int32) { lseek(descriptor, 0, SEEK_SET) }

    /// How many bytes behind the start of a file reading has come.
    static func offset(_ descriptor: Int32) -> Int64 { Int64(lseek(descriptor, 0, SEEK_CUR)) }

    static func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
}
