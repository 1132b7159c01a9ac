internal import CTxaio
internal import TxaioLog

/// A file that this process alone has, mapped for reading.
///
/// A process's lock keeps other processes out, but not its own threads, and it is gone when any descriptor of the file is
/// closed: a process therefore never opens a file that it has already.
internal final class HeldFile {
    private static let held = Lock(Set<Files.Identity>())

    internal let memory: UnsafeRawPointer
    internal let size: Int
    /// The process that has the file; 0 where there is none, or where this one took it.
    internal let holder: UInt32
    private let file: Int32
    private let identity: Files.Identity

    /// Opens, locks and maps a file; `nil` where another has it, or where it is gone.
    ///
    /// Where it is only looked at, it is not locked: nobody who recovers passes it over for that.
    internal init?(_ path: String, isForLooking: Bool = false) throws(RingFileError) {
        let (identity, absence) = Files.identity(of: path)
        guard let identity else {
            if Files.isAbsent(absence) { return nil }
            throw RingFileError(.foreign, path, absence)
        }
        guard Self.claim(identity) else { return nil }
        var isHeld = false
        defer { if !isHeld { Self.release(identity) } }
        let (file, error) = Files.openRings(path)
        guard error == 0 else {
            if Files.isAbsent(error) { return nil }
            throw RingFileError(.foreign, path, error)
        }
        defer { if !isHeld { Files.closeFile(file) } }
        guard let found = Files.regular(file) else { throw RingFileError(.foreign, path, "not a regular file") }
        guard found.identity == identity else { return nil }
        guard found.owner == Files.userID else {
            throw RingFileError(.foreign, path, "it belongs to user \(found.owner)")
        }
        holder = isForLooking ? txaio_file_lock_holder(file) : 0
        guard isForLooking || txaio_file_lock(file) == 0 else { return nil }
        // Whoever had it before the lock was free may have read and removed it. Its size counts from now on.
        guard let locked = Files.regular(file), !locked.isRemoved else { return nil }
        let largest = RingFileLayout.headerBytes + RingFileLayout.notesBytes + RingFileLayout.mostRingBytes
        guard locked.size >= RingFileLayout.headerBytes, locked.size <= largest else {
            throw RingFileError(.foreign, path, "no ring file has \(locked.size) bytes")
        }
        guard let memory = Files.map(file, size: locked.size, writable: false) else {
            throw RingFileError(.cannotMap, path, "")
        }
        self.memory = UnsafeRawPointer(memory)
        size = locked.size
        self.file = file
        self.identity = identity
        isHeld = true
    }

    deinit {
        Files.unmap(UnsafeMutableRawPointer(mutating: memory), size: size)
        Files.closeFile(file)
        Self.release(identity)
    }

    /// Writes a word of the file; `false` where that fails.
    internal func write(_ word: UInt64, at offset: Int) -> Bool { Files.write(file, word, at: offset) }

    /// Says that this process has a file; `false` where it had it before.
    internal static func claim(_ identity: Files.Identity) -> Bool {
        held.withLock { $0.insert(identity).inserted }
    }

    /// Whether this process has a file.
    internal static func isHeld(_ path: String) -> Bool {
        guard let identity = Files.identity(of: path).0 else { return false }
        return held.withLock { $0.contains(identity) }
    }

    /// Says that it has it no more.
    internal static func release(_ identity: Files.Identity) {
        held.withLock { _ = $0.remove(identity) }
    }
}
