internal import CTxaio
public import TxaioLog

/// Rings that outlive the process: they lie in a mapped file, which a later start of the service reads.
///
/// What a log call committed is in the kernel's pages when it returns: it survives `kill -9` and every other death of the
/// process. It does not survive a reboot or a loss of power: by default the directory is in memory, and nothing is
/// synchronised to disk.
///
/// The file is the user's alone (mode 0600) and holds what events hold, in the clear.
public final class RingFile: RingStorage {
    // Unchecked: the mapping stays for the life of the process; its bookkeeping is under the lock.
    private struct State: @unchecked Sendable {
        let header: UnsafeMutablePointer<txaio_ring_file>
    }

    private let state: Lock<State>
    private let noted = Lock<Set<UInt64>>([])
    /// Where the file is.
    public let path: String
    private let file: Int32
    private let owner: UInt32

    /// Makes the file.
    ///
    /// - Parameters:
    ///   - service: Files of other services in the directory are left alone. Letters, digits, `.`, `_` and `-`.
    ///   - directory: By default ``RingDirectory/standard()``; a relative path starts at the working directory of now.
    ///   - totalBytes: Room for all rings; the file takes what is used of it.
    /// - Throws: ``RingFileError`` where the file cannot be made.
    public init(service: String, directory: String? = nil, totalBytes: Int = 64 << 20) throws(RingFileError) {
        let service = try RingDirectory.checked(service)
        let place = try RingDirectory.place(directory)
        // The run of the program has its number from the first thread that is known on.
        _ = txaio_thread_current()
        let start = txaio_process_current().pointee.start_id
        let name = "\(service).\(Files.processID).\(String(start, radix: 16)).rings"
        path = "\(place)/\(name)"
        // Until it is whole and locked it has a name that nobody who recovers looks at.
        let draft = "\(place)/.\(name)"
        let (file, error) = Files.makeFile(draft)
        guard error == 0 else { throw RingFileError(.cannotMake, path, error) }
        self.file = file
        owner = Files.processID
        let total = min(max(totalBytes, 1 << 20), RingFileLayout.mostRingBytes)
        let rings = RingFileLayout.headerBytes + RingFileLayout.notesBytes
        let size = rings + total
        let identity = Files.regular(file)?.identity
        if let identity { _ = HeldFile.claim(identity) }
        var fault = txaio_file_lock(file)
        if fault == 0 { fault = Files.resize(file, to: size) }
        if fault == 0 { fault = Files.reserve(file, at: 0, count: rings) }
        guard fault == 0, let memory = Files.map(file, size: size, writable: true) else {
            Self.discard(draft, file, identity)
            throw RingFileError(.cannotMap, path, fault)
        }
        let header = memory.bindMemory(to: txaio_ring_file.self, capacity: 1)
        header.pointee.version = TXAIO_RING_FILE_VERSION
        header.pointee.header_size = UInt32(RingFileLayout.headerBytes)
        header.pointee.file_size = UInt64(size)
        header.pointee.start_id = start
        header.pointee.start_time = Clocks.wall()
        header.pointee.process = owner
        header.pointee.module_count = txaio_modules_describe(
            txaio_ring_file_modules(header),
            UInt32(TXAIO_MODULES)
        )
        header.pointee.notes_offset = UInt64(RingFileLayout.headerBytes)
        header.pointee.notes_capacity = UInt64(RingFileLayout.notesBytes)
        header.pointee.rings_offset = UInt64(rings)
        txaio_word_store(&header.pointee.magic, UInt64(TXAIO_RING_FILE_MAGIC))
        let nameFault = Files.rename(draft, to: path)
        guard nameFault == 0 else {
            Files.unmap(memory, size: size)
            Self.discard(draft, file, identity)
            throw RingFileError(.cannotMake, path, nameFault)
        }
        state = Lock(State(header: header))
    }

    /// Removes what came to nothing; another file may have the same identity as soon as it is gone.
    private static func discard(_ draft: String, _ file: Int32, _ identity: Files.Identity?) {
        if let identity { HeldFile.release(identity) }
        Files.remove(draft)
        Files.closeFile(file)
    }

    /// A child process has the mapping, but neither the lock nor a part in what is written to it.
    private var isOwn: Bool { Files.processID == owner }

    /// Memory of the file, or `nil` when it is used up, or the file system is.
    public func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
        guard isOwn else { return nil }
        return state.withLock { state in
            let header = state.header
            let used = header.pointee.rings_used
            let rounded = UInt64((byteCount + 127) & ~127)
            let offset = header.pointee.rings_offset + used
            guard offset + rounded <= header.pointee.file_size,
                Files.reserve(file, at: Int(offset), count: Int(rounded)) == 0
            else { return nil }
            txaio_word_store(&header.pointee.rings_used, used + rounded)
            return UnsafeMutableRawPointer(header) + Int(offset)
        }
    }

    /// Writes down what an address stands for, once.
    public func note(_ kind: RingNote, address: UInt64, text: UnsafeRawBufferPointer) {
        // Under a lock of its own, as it takes memory from malloc: a signal handler that has interrupted that may wait for the
        // other.
        guard isOwn, noted.withLock({ $0.insert(address &* 8 &+ UInt64(kind.rawValue)).inserted }) else { return }
        state.withLock { state in
            let header = state.header
            let used = header.pointee.notes_used
            let size = UInt64((MemoryLayout<txaio_note>.size + text.count + 7) & ~7)
            // Without room the name is not known after a crash; the event is still recovered.
            guard used + size <= header.pointee.notes_capacity else { return }
            let at = UnsafeMutableRawPointer(header) + Int(header.pointee.notes_offset + used)
            let note = txaio_note(address: address, kind: kind.rawValue, length: UInt32(clamping: text.count))
            at.storeBytes(of: note, as: txaio_note.self)
            if let source = text.baseAddress {
                (at + MemoryLayout<txaio_note>.size).copyMemory(from: source, byteCount: text.count)
            }
            txaio_word_store(&header.pointee.notes_used, used + size)
        }
    }

    /// Removes the file: all that its rings held was handed over.
    public func finish() {
        if isOwn { Files.remove(path) }
    }
}

internal enum RingFileLayout {
    internal static let headerBytes = (MemoryLayout<txaio_ring_file>.size + 4095) & ~4095
    internal static let notesBytes = 1 << 20
    internal static let mostRingBytes = 4 << 30
    /// The queue's table of contexts grows by as much.
    internal static let contextChunkBytes = 64 << 10
    /// What a block in it has at most.
    internal static let mostContextBytes = 16 << 10
    /// The queue makes none larger.
    internal static let mostBytesOfARing = 64 << 20
}
