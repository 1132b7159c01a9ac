import TxaioEmitters
import TxaioLog
import TxaioRecovery

#if canImport(Glibc)
@preconcurrency import Glibc
#elseif canImport(Musl)
@preconcurrency import Musl
#elseif canImport(Darwin)
import Darwin
#endif

// The reader of ring files, and the renderers behind it, with any bytes. An input is not the whole file, which begins
// with tens of kilobytes that hardly matter, but says what is in it:
//
//     u8 flags · u8 patches · u8 words of notes · u8 place of the second block
//     patches: u16 place · u64 value, into the header and the rings' headers
//     notes
//     u16 done, u16 claimed, u16 written, in words, then records
//
// With flag 1 what follows the notes is the dead program's file instead, and the ring holds one record whose names lie
// in it. With flag 2 what follows is what lies in the table of contexts, and the ring holds one record that refers to two
// blocks there, the first and, where the input says, another.

/// The recovering service.
struct Service: Sendable {
    static let shared = Service()

    let directory: String
    let session: LoggingSession?

    private init() {
        directory = "/dev/shm/txaio-fuzz-\(getpid())"
        mkdir(directory, 0o700)
        let emitters: [(any LogEmitter)?] = [
            try? JSONEmitter(to: LogFile("/dev/null")), try? TextEmitter(to: LogFile("/dev/null")),
        ]
        session = try? startLogging(to: emitters.compactMap { $0 }, level: .trace)
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let service = Service.shared
    guard count >= 4, let session = service.session else { return 0 }
    let input = UnsafeRawBufferPointer(start: start, count: count)
    let program = service.directory + "/program"
    let file = FuzzedFile(input, program: program)
    if let content = file.program { put(content, to: program) }
    let path = service.directory + "/fuzz.1.1.rings"
    put(file.bytes, to: path)
    let report = try? Recovery.recover(service: "fuzz", directory: service.directory, into: session)
    precondition(report?.files == 1 || access(path, F_OK) == 0, "What is refused is left alone")
    unlink(path)
    return 0
}

private func put(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb") else { return }
    defer { fclose(file) }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    precondition(written == bytes.count, "A fuzzer needs its files")
}
