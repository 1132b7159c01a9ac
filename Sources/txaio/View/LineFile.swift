import Foundation
import TxaioEmitters
import TxaioLog

/// The lines of a file, of standard input, or of a compressed file; of a growing one also those that come later.
final class LineFile {
    /// A line longer than this is taken in parts.
    private static let longest = 64 << 20

    /// The path; `-` is standard input.
    let path: String
    private var descriptor: Int32
    private var child: Process?
    private var rest: [UInt8] = []
    private var room = [UInt8](repeating: 0, count: 64 << 10)

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    init(_ path: String) throws {
        self.path = path
        if path == "-" {
            descriptor = 0
        } else if path.hasSuffix(".gz") {
            let (process, pipe) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["gzip", "-dc", "--", path]
            process.standardOutput = pipe
            try process.run()
            child = process
            descriptor = Console.duplicate(pipe.fileHandleForReading.fileDescriptor)
        } else {
            descriptor = Console.open(path)
            guard descriptor >= 0 else {
                throw Fault(description: "\(path): \(Platform.text(ofError: -descriptor))")
            }
        }
    }

    deinit { if descriptor > 0 { SystemCall.closeDescriptor(descriptor) } }

    /// Gives each line up to the end of what is there, without its line feed.
    ///
    /// - Parameters:
    ///   - atRest: Called before it waits for more.
    ///   - isLast: Whether a line without a line feed is one too: nobody will go on with it.
    func read(
        isLast: Bool,
        atRest: () throws -> Void = {},
        _ take: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        while true {
            // A pipe may have nothing more for long.
            if !Console.isReadable(descriptor) { try atRest() }
            let count = Console.read(descriptor, into: &room)
            guard count >= 0 else { throw Fault(description: "\(path): \(Platform.text(ofError: Int32(-count)))") }
            if count == 0 { break }
            try split(room[..<count], take)
        }
        // Nor does anybody with a compressed file.
        if isLast || child != nil, !rest.isEmpty {
            let line = rest
            rest = []
            try take(line[...])
        }
        if let child {
            child.waitUntilExit()
            if child.terminationStatus != 0 { throw Fault(description: "\(path): gzip failed") }
        }
    }

    private func split(_ bytes: ArraySlice<UInt8>, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
        var bytes = bytes
        while let end = bytes.firstIndex(of: 0x0A) {
            if rest.isEmpty {
                try take(bytes[..<end])
            } else {
                let line = rest + bytes[..<end]
                rest = []
                try take(line[...])
            }
            bytes = bytes[(end + 1)...]
        }
        rest += bytes
        if rest.count > Self.longest {
            let line = rest
            rest = []
            try take(line[...])
        }
    }

    /// Gives what has come since the last time; goes on with the file that the path leads to now, where that is another.
    func readMore(_ take: (ArraySlice<UInt8>) throws -> Void) throws {
        try read(isLast: false, take)
        guard path != "-", child == nil, let here = Console.identity(of: descriptor) else { return }
        if here.isRegular, here.size < Console.offset(descriptor) {
            // Cut short, as by `truncate`.
            Console.rewind(descriptor)
            rest = []
            return try read(isLast: false, take)
        }
        guard let there = Console.identity(of: path), there.inode != here.inode || there.device != here.device else {
            return
        }
        let next = Console.open(path)
        guard next >= 0 else { return }
        try read(isLast: true, take)
        SystemCall.closeDescriptor(descriptor)
        descriptor = next
        try read(isLast: false, take)
    }
}
