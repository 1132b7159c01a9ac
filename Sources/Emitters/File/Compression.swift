/// Compresses one file that was put aside, by the program `gzip`.
///
/// At every moment the whole content is in the original, in the compressed file, or in both. What is compressed goes to a
/// file of another name first, which a run that was killed leaves behind and the next one replaces. Others keep off by an
/// advisory lock on the original, which the child process shares: it holds until that has ended too.
internal struct Compression {
    internal static let program = "gzip"
    internal static var isAvailable: Bool { Filter.isFound(program) }

    internal enum Outcome {
        case done
        /// Somebody still writes to the file, or compresses it.
        case busy
        case failed(String)
    }

    private let original: String
    private let compressed: String
    private let unfinished: String

    internal init(path: String, _ stamp: String) {
        original = RotatedName(stamp: stamp).name(of: path)
        compressed = RotatedName(stamp: stamp, form: .compressed).name(of: path)
        unfinished = RotatedName(stamp: stamp, form: .unfinished).name(of: path)
    }

    /// Compresses it and waits for that; where it is not the process's own, or gone meanwhile, does nothing.
    internal func run() -> Outcome {
        do throws(Errno) {
            let input = try SystemCall.openReading(original)
            defer { SystemCall.closeDescriptor(input) }
            do {
                try SystemCall.lock(input, isShared: false)
            } catch {
                if error.isFull { return .busy }
                throw error
            }
            let status = try SystemCall.status(of: input)
            // An empty one is a name that was taken, and a log is about to replace it.
            guard status.refusal == nil, status.size > 0 else { return .done }
            if try removeRest(status) { return .done }
            return try compress(input, status)
        } catch {
            // A symbolic link is somebody else's.
            return error.isMissing || error.isLink ? .done : .failed(error.description)
        }
    }

    /// Removes what a run left that was killed; answers whether all there is left to do was that.
    private func removeRest(_ status: SystemCall.Status) throws(Errno) -> Bool {
        if let rest = Self.status(unfinished) {
            guard rest.refusal == nil else { throw .taken }
            try SystemCall.remove(unfinished)
        }
        guard let finished = Self.status(compressed) else { return false }
        if finished.refusal == nil, finished.size == 0 {
            // The name was taken, and no more.
            try SystemCall.remove(compressed)
            return false
        }
        let descriptor = try SystemCall.openReading(compressed)
        defer { SystemCall.closeDescriptor(descriptor) }
        // Somebody else's file under that name stays, and the original with it.
        guard finished.refusal == nil, Self.isWhole(descriptor, of: status.size) else { throw .taken }
        try SystemCall.remove(original)
        return true
    }

    private func compress(_ input: Int32, _ status: SystemCall.Status) throws(Errno) -> Outcome {
        let output = try SystemCall.openNew(unfinished, permissions: 0o600)
        defer { SystemCall.closeDescriptor(output) }
        do throws(Errno) {
            let child = try Filter.start(Self.program, "-c", input: input, output: output)
            let exit = Filter.wait(for: child)
            guard exit == nil || exit == 0 else {
                try? SystemCall.remove(unfinished)
                return .failed("\(Self.program) ended with \(exit ?? 0)")
            }
            let now = try SystemCall.status(of: input)
            // The last look catches a writer that takes no locks, and an end of gzip that nobody could tell us of.
            guard let result = try? SystemCall.openReading(unfinished) else { return .done }
            defer { SystemCall.closeDescriptor(result) }
            guard now.size == status.size, Self.isWhole(result, of: now.size) else {
                try? SystemCall.remove(unfinished)
                return .failed("it changed meanwhile, or \(Self.program) was ended")
            }
            SystemCall.copyAccess(from: status, to: output)
            try SystemCall.synchronise(output)
            // The name is taken first by an empty file of one's own: nobody else's is overwritten.
            SystemCall.closeDescriptor(try SystemCall.openNew(compressed, permissions: 0o600))
            try SystemCall.rename(unfinished, to: compressed)
            try SystemCall.remove(original)
            return .done
        } catch {
            try? SystemCall.remove(unfinished)
            throw error
        }
    }

    private static func status(_ path: String) -> SystemCall.Status? {
        try? SystemCall.status(at: path, followsLink: false)
    }

    /// Whether a file begins as gzip's do and ends with the size of what it holds, modulo 2 to the 32: one that was cut short
    /// has bytes there that say something else, but for once in 4 billion.
    private static func isWhole(_ descriptor: Int32, of size: Int64) -> Bool {
        guard let length = try? SystemCall.status(of: descriptor).size, length > 4,
            SystemCall.bytes(2, at: 0, of: descriptor) == [0x1F, 0x8B],
            let end = SystemCall.bytes(4, at: length - 4, of: descriptor)
        else { return false }
        let held = end.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return held == UInt32(truncatingIfNeeded: size)
    }
}
