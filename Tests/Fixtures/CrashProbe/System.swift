import CLogProbe

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What a program does at its end, and to files.
enum System {
    static func exitNow(_ status: Int32) -> Never { _exit(status) }
    static func killItself() { kill(getpid(), SIGKILL) }
    static func writeNowhere() { UnsafeMutablePointer<Int>(bitPattern: 8)?.pointee = 1 }
    static func overflow() { _ = probe_overflow(0) }
    static func abortNow() -> Never { abort() }

    /// Raises a signal by its name.
    static func raise(_ name: String) {
        let numbers = ["SIGBUS": SIGBUS, "SIGFPE": SIGFPE, "SIGTRAP": SIGTRAP, "SIGSEGV": SIGSEGV, "SIGILL": SIGILL]
        probe_raise(numbers[name] ?? SIGKILL)
    }

    static func pause(microseconds: UInt32) { usleep(microseconds) }

    /// Waits until nobody holds the other end of standard input.
    static func waitForTheEndOfInput() { while readLine() != nil {} }

    static func say(_ name: String, _ value: some CustomStringConvertible) {
        print(name, value)
        fflush(nil)
    }

    static func forkedChild() -> Int32 { probe_fork() }
    static func wait(for child: Int32) -> Int32 { probe_wait(child) }

    static func onThread(_ body: @escaping @Sendable () -> Void) -> pthread_t? {
        final class Box: Sendable {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        let error = pthread_create(
            &thread,
            nil,
            { argument in
                #if os(Linux)
                guard let argument else { return nil }
                #endif
                Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            box
        )
        return error == 0 ? thread : nil
    }

    static func join(_ thread: pthread_t?) { if let thread { pthread_join(thread, nil) } }

    /// A page that another process may read while this one lives, and after it died.
    static func page(_ path: String) -> UnsafeMutableRawPointer? {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0, ftruncate(file, 4096) == 0 else { return nil }
        let memory = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        return memory == MAP_FAILED ? nil : memory
    }

    static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
        return bytes
    }

    static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "wb") else { return false }
        defer { fclose(file) }
        return fwrite(bytes, 1, bytes.count, file) == bytes.count
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    static func remove(_ path: String) { unlink(path) }

    static func mode(_ path: String) -> String {
        var status = stat()
        return stat(path, &status) == 0 ? String(status.st_mode & 0o7777, radix: 8) : "none"
    }
}
