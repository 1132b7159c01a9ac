// The one place of the tool that knows the C library.

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
    static func say(_ line: String) { write(line, to: 1) }

    static func complain(_ line: String) { write("txaio: " + line, to: 2) }

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

    /// Names of files may hold anything, and a terminal obeys it.
    static func escaped(_ text: String) -> String {
        var buffer = ByteBuffer(capacity: 256)
        var copy = text
        copy.withUTF8 { ControlEscaper.append(UnsafeRawBufferPointer($0), for: .message, to: &buffer) }
        return buffer.string()
    }

    private static func write(_ line: String, to descriptor: Int32) {
        let bytes = Array((escaped(line) + "\n").utf8)
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
                return
            }
        }
    }
}
