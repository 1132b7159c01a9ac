internal import CTxaio
internal import TxaioLog

/// A ring file of a process that died, locked and checked.
///
/// Nothing in the file is trusted: every offset and length is held against the file's real size.
internal final class RingFileReader {
    private let file: Int32
    private let memory: UnsafeMutableRawPointer
    private let size: Int
    private let header: txaio_ring_file
    private var notes: [UInt64: [UInt32: UnsafeRawBufferPointer]] = [:]
    private var texts: [UInt64: [Int: UnsafeRawBufferPointer]] = [:]
    private var cells: [UInt64: UnsafePointer<txaio_cell>] = [:]
    private let program: ProgramStrings

    private struct Found {
        let time: Int64
        let offset: Int
        let size: Int
        let isRepeated: Bool
        let threadNumber: UInt32
        let threadID: UInt32
    }

    /// Opens a file; `nil` where its process lives, or another recovers it.
    internal init?(_ path: String) throws(RingFileError) {
        let (file, error) = Files.openFile(path, forWriting: true)
        guard error == 0 else { throw RingFileError(.foreign, path, error) }
        guard let (size, owner) = Files.regular(file) else {
            Files.closeFile(file)
            throw RingFileError(.foreign, path, "not a regular file")
        }
        guard owner == Files.userID else {
            Files.closeFile(file)
            throw RingFileError(.foreign, path, "it belongs to user \(owner)")
        }
        // This process's own file: its lock would not stop this process, and closing it here would give that lock up.
        guard !path.contains(".\(Files.processID).\(String(txaio_process_current().pointee.start_id, radix: 16)).") else {
            return nil
        }
        guard txaio_file_lock(file) == 0 else {
            Files.closeFile(file)
            return nil
        }
        guard size >= RingFileLayout.headerBytes, size <= 8 << 30,
            let memory = Files.map(file, size: size, writable: false)
        else {
            Files.closeFile(file)
            throw RingFileError(.foreign, path, "its size is \(size)")
        }
        let header = memory.load(as: txaio_ring_file.self)
        if let fault = Self.fault(in: header, size: size) {
            Files.unmap(memory, size: size)
            Files.closeFile(file)
            throw RingFileError(.foreign, path, fault)
        }
        self.file = file
        self.memory = memory
        self.size = size
        self.header = header
        let modules = memory.assumingMemoryBound(to: txaio_ring_file.self)
        let count = min(Int(header.module_count), Int(TXAIO_MODULES))
        program = ProgramStrings(Array(UnsafeBufferPointer(start: txaio_ring_file_modules(modules), count: count)))
        readNotes()
    }

    deinit {
        Files.unmap(memory, size: size)
        Files.closeFile(file)
    }

    private static func fault(in header: txaio_ring_file, size: Int) -> String? {
        if header.magic != UInt64(TXAIO_RING_FILE_MAGIC) { return "it does not begin as one" }
        if header.version != TXAIO_RING_FILE_VERSION { return "version \(header.version) is not known" }
        if header.file_size != UInt64(size) { return "it has \(size) bytes in place of \(header.file_size)" }
        let size = UInt64(size)
        guard header.notes_offset >= UInt64(MemoryLayout<txaio_ring_file>.size), header.notes_offset <= size,
            header.notes_capacity <= size - header.notes_offset, header.notes_used <= header.notes_capacity,
            header.rings_offset >= header.notes_offset + header.notes_capacity, header.rings_offset <= size,
            header.rings_used <= size - header.rings_offset, header.rings_offset % 128 == 0
        else { return "its parts do not fit" }
        return nil
    }

    private func readNotes() {
        var at = Int(header.notes_offset)
        let end = at + Int(header.notes_used)
        while end - at >= MemoryLayout<txaio_note>.size {
            let note = memory.loadUnaligned(fromByteOffset: at, as: txaio_note.self)
            let start = at + MemoryLayout<txaio_note>.size
            guard Int(note.length) <= end - start else { return }
            let text = UnsafeRawBufferPointer(start: memory + start, count: Int(note.length))
            notes[note.address, default: [:]][note.kind] = text
            at = (start + Int(note.length) + 7) & ~7
        }
    }

    // ------------------------------------------------------------------------------------------------ events

    internal func deliver(to session: LoggingSession, _ report: inout RecoveryReport) {
        var relocation = RecordRelocation(
            resolve: { [unowned self] in text(at: $0, count: $1) },
            cell: { [unowned self] in cell(at: $0) }
        )
        for found in records(&report).sorted(by: { $0.time < $1.time }) {
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: found.size, alignment: 16)
            defer { copy.deallocate() }
            copy.copyMemory(from: UnsafeRawBufferPointer(start: memory + found.offset, count: found.size))
            guard relocation.relocate(copy), let record = copy.baseAddress else {
                report.skipped += 1
                continue
            }
            session.deliverRecovered(
                record,
                mayBeRepeated: found.isRepeated,
                threadNumber: found.threadNumber,
                threadID: found.threadID,
                startID: header.start_id
            )
            report.recovered += 1
            if found.isRepeated { report.maybeRepeated += 1 }
        }
        report.unresolved += relocation.unresolved
    }

    /// Finds the committed records of all rings that were not handed over.
    private func records(_ report: inout RecoveryReport) -> [Found] {
        var records: [Found] = []
        var at = Int(header.rings_offset)
        let end = at + Int(header.rings_used)
        let headerSize = MemoryLayout<txaio_ring>.size
        while end - at >= headerSize {
            let ring = memory.loadUnaligned(fromByteOffset: at, as: txaio_ring.self)
            // A ring that was being made when the process died has no magic yet: nothing follows it.
            guard ring.magic == UInt64(TXAIO_RING_MAGIC), ring.capacity >= 4096, ring.capacity & (ring.capacity - 1) == 0,
                ring.capacity <= UInt64(end - at - headerSize)
            else { break }
            collect(ring, data: at + headerSize, &records, &report)
            at += (headerSize + Int(ring.capacity) + 127) & ~127
        }
        return records
    }

    private func collect(_ ring: txaio_ring, data: Int, _ records: inout [Found], _ report: inout RecoveryReport) {
        guard ring.done <= ring.claimed, ring.claimed <= ring.write, ring.write - ring.done <= ring.capacity else {
            report.skipped += 1
            return
        }
        var position = ring.done
        while position < ring.write {
            let offset = Int(position & (ring.capacity - 1))
            let recordSize = Int(memory.loadUnaligned(fromByteOffset: data + offset, as: UInt32.self))
            let rounded = UInt64((recordSize + 7) & ~7)
            guard recordSize >= 8, rounded <= ring.capacity - UInt64(offset), rounded <= ring.write - position else {
                report.skipped += 1
                return
            }
            let kind = memory.load(fromByteOffset: data + offset + 4, as: UInt8.self)
            if UInt32(kind) != TXAIO_RING_FILLER {
                if recordSize >= 64 {
                    records.append(
                        Found(
                            time: memory.loadUnaligned(fromByteOffset: data + offset + 8, as: Int64.self),
                            offset: data + offset,
                            size: recordSize,
                            isRepeated: position < ring.claimed,
                            threadNumber: ring.thread_number,
                            threadID: ring.tid
                        )
                    )
                } else {
                    report.skipped += 1
                }
            }
            position += rounded
        }
    }

    // ------------------------------------------------------------------------------------------------ names

    /// A text of the dead process, kept for good: caches of this process may remember its address.
    private func text(at address: UInt64, count: Int) -> UnsafeRawBufferPointer? {
        if let known = texts[address]?[count] { return known }
        let bytes: [UInt8]
        if let note = notes[address]?[RingNote.template.rawValue], note.count == count {
            bytes = [UInt8](note)
        } else if let found = program.bytes(at: address, count: count) {
            bytes = found
        } else {
            return nil
        }
        // Literals are UTF-8; anything else was never one.
        guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
        let text = Self.keep(bytes)
        texts[address, default: [:]][count] = text
        return text
    }

    private func cell(at address: UInt64) -> UnsafePointer<txaio_cell>? {
        if let known = cells[address] { return known }
        guard let name = notes[address]?[RingNote.namespace.rawValue] else { return nil }
        let file = notes[address]?[RingNote.file.rawValue].map { Self.keep([UInt8]($0)) }
        let text = String(decoding: name, as: UTF8.self)
        let cell = NamespaceRegistry.shared.cell(name: text, file: file ?? Self.keep([]))
        cells[address] = cell
        return cell
    }

    private static func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }
}
