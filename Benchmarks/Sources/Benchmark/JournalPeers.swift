import CLibSystemd
import Glibc
import TxaioEmitters
import TxaioLog

// What the journald benchmark needs besides the library: the journald itself, and other ways to it.

/// The journald that scripts/with-journald runs beside this program.
struct Journald {
    private let process: pid_t
    private let folder: String

    init?() {
        guard libsystemd_load() != 0, let folder = Run.setting("TXAIO_JOURNAL_DIR"),
            let text = Run.setting("TXAIO_JOURNALD_PID"), let process = pid_t(text)
        else { return nil }
        self.process = process
        self.folder = folder
    }

    /// Waits until all that was sent can be read.
    func sync() {
        if journald_sync(process) == 0 {
            complain("journald does not answer")
            exit(1)
        }
    }

    func stop() { kill(process, SIGSTOP) }
    func resume() { kill(process, SIGCONT) }

    /// How many entries there are with a field.
    func count(_ match: String) -> Int { libsystemd_count(folder, match) }
}

/// A bare socket connected to journald, with the send buffer that libsystemd asks for.
final class JournalPeer {
    private let descriptor: Int32

    init(_ path: String = "/run/systemd/journal/socket") throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var size: Int32 = 8 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        guard withSocketAddress(path, { connect(descriptor, $0, $1) }) == 0 else { throw PeerError(path, errno) }
    }

    deinit { close(descriptor) }

    /// Sends a datagram; waits while journald's queue is full.
    func send(_ bytes: UnsafeRawBufferPointer) {
        if Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) < 0 {
            complain("send: error \(errno)")
            exit(1)
        }
    }
}

struct PeerError: Error, CustomStringConvertible {
    let description: String
    init(_ path: String, _ error: Int32) { description = "\(path): \(String(cString: strerror(error)))" }
}

/// Datagrams as the emitter sends them.
final class CapturedEntries {
    private var bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    private var ends = [0]
    private var pieces: [iovec] = []

    deinit { bytes.deallocate() }

    /// Takes one datagram from a socket.
    fileprivate func receive(_ descriptor: Int32) {
        let used = ends[ends.count - 1]
        if bytes.count - used < 64 << 10 {
            let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count * 2, alignment: 16)
            larger.copyMemory(from: UnsafeRawBufferPointer(bytes))
            bytes.deallocate()
            bytes = larger
        }
        guard let base = bytes.baseAddress else { return }
        ends.append(used + max(0, recv(descriptor, base + used, bytes.count - used, 0)))
    }

    func entry(_ index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[ends[index]..<ends[index + 1]])
    }

    /// An entry as `sd_journal_sendv` takes it; the event has no value of several lines.
    func fields(of index: Int) -> [iovec] {
        entry(index).split(separator: 0x0A).map { line in
            let field = UnsafeMutableRawBufferPointer(mutating: UnsafeRawBufferPointer(rebasing: line))
            return iovec(iov_base: field.baseAddress, iov_len: field.count)
        }
    }
}

/// The entries that the emitter makes of the benchmark's event, taken from a socket in journald's place.
func capture(_ identifier: String, _ count: Int, from first: Int = 0) throws -> CapturedEntries {
    let path = Run.file("bench-\(getpid()).socket")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer {
        close(descriptor)
        unlink(path)
    }
    guard withSocketAddress(path, { bind(descriptor, $0, $1) }) == 0 else { throw PeerError(path, errno) }
    var options = JournaldOptions()
    options.identifier = identifier
    options.socketPath = path
    let entries = CapturedEntries()
    try logging(to: JournaldEmitter(options: options)) { log, _ in
        for number in first..<first + count {
            logKeywords(log, number)
            entries.receive(descriptor)
        }
    }
    return entries
}

private func withSocketAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

func complain(_ text: String) {
    let line = Array("benchmark: \(text)\n".utf8)
    _ = write(2, line, line.count)
}
