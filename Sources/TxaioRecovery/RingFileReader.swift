internal import CTxaio
internal import TxaioLog

/// A ring file of a process that died, locked and checked.
///
/// Nothing in the file is trusted: every offset and length is held against the file's real size, and what was checked was
/// copied before.
internal final class RingFileReader {
    private let file: HeldFile
    private let header: txaio_ring_file
    private var notes: [UInt64: [UInt32: [UInt8]]] = [:]
    private var texts: [UInt64: [Int: UnsafeRawBufferPointer]] = [:]
    private var cells: [UInt64: UnsafePointer<txaio_cell>] = [:]
    /// The parts of the table of contexts, in the order of the addresses that they had.
    private var chunks: [(address: UInt64, offset: Int)] = []
    /// Copies of what the record at hand refers to.
    private var contexts: [UnsafeMutableRawBufferPointer] = []
    private var keptBytes = 0
    private let program: ProgramStrings

    /// Literals that one file may leave in this process for good: more than any program has.
    private static let mostKeptBytes = 16 << 20

    private struct Found {
        let time: Int64
        let offset: Int
        let size: Int
        let end: RingProgress.Place
        let isRepeated: Bool
        let threadNumber: UInt32
        let threadID: UInt32
    }

    private var memory: UnsafeRawPointer { file.memory }

    /// Opens a file; `nil` where its process lives, or another recovers it.
    internal convenience init?(_ path: String) throws(RingFileError) {
        guard let file = try HeldFile(path) else { return nil }
        try self.init(file, path)
    }

    /// Checks a file that was opened.
    internal init(_ file: HeldFile, _ path: String) throws(RingFileError) {
        header = file.memory.load(as: txaio_ring_file.self)
        if let fault = Self.fault(in: header, size: file.size) { throw RingFileError(.foreign, path, fault) }
        self.file = file
        var copy = header
        let count = min(Int(copy.module_count), Int(TXAIO_MODULES))
        program = ProgramStrings(Array(UnsafeBufferPointer(start: txaio_ring_file_modules(&copy), count: count)))
        readNotes()
    }

    internal var process: UInt32 { header.process }
    /// When the file was made, in nanoseconds since 1970.
    internal var startTime: Int64 { header.start_time }

    private static func fault(in header: txaio_ring_file, size: Int) -> String? {
        if header.magic != UInt64(TXAIO_RING_FILE_MAGIC) { return "it does not begin as one" }
        if header.version != TXAIO_RING_FILE_VERSION { return "version \(header.version) is not known" }
        if header.header_size != UInt32(RingFileLayout.headerBytes) { return "its header is of another size" }
        if header.file_size != UInt64(size) { return "it has \(size) bytes in place of \(header.file_size)" }
        let size = UInt64(size)
        guard header.notes_offset >= UInt64(MemoryLayout<txaio_ring_file>.size), header.notes_offset <= size,
            header.notes_capacity <= min(UInt64(RingFileLayout.notesBytes), size - header.notes_offset),
            header.notes_used <= header.notes_capacity,
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
            guard Int(note.length) <= end - start, RingNote(rawValue: note.kind) != nil else { return }
            let text = UnsafeRawBufferPointer(start: memory + start, count: Int(note.length))
            notes[note.address, default: [:]][note.kind] = [UInt8](text)
            at = (start + Int(note.length) + 7) & ~7
        }
    }

    // ------------------------------------------------------------------------------------------------ events

    /// Hands the events over; answers whether emitters took all of them.
    ///
    /// What they did not take stays in the file.
    internal func deliver(to session: LoggingSession, _ report: inout RecoveryReport) -> Bool {
        var relocation = RecordRelocation(
            resolve: { [unowned self] in text(at: $0, count: $1) },
            cell: { [unowned self] in cell(at: $0) },
            context: { [unowned self] in context(at: $0) }
        )
        defer { report.unresolved += relocation.unresolved }
        let records = records(&report).sorted { $0.time < $1.time }
        var progress = RingProgress(file)
        var delivery = RecoveredDelivery(session)
        var first = 0
        while first < records.count {
            let batch = records[first..<min(first + RingProgress.batch, records.count)]
            guard progress.begin(batch.map(\.end)) else { break }
            var outcomes: [RecoveredDelivery.Outcome?] = []
            var misses = 0
            for found in batch where misses < Self.mostMisses {
                let outcome = deliver(found, through: delivery, &relocation)
                if case .lost = outcome { misses += 1 } else { misses = 0 }
                outcomes.append(outcome)
            }
            let settled = delivery.settle()
            // What emitters dropped while they took others is counted as dropped. After the last that they took, they take
            // none any more.
            let taken = outcomes.lastIndex { $0?.isTaken(settled: settled) ?? true }.map { $0 + 1 } ?? 0
            progress.finish(batch.prefix(taken).map(\.end))
            for (found, outcome) in zip(batch, outcomes).prefix(taken) {
                guard outcome != nil else {
                    report.skipped += 1
                    continue
                }
                report.recovered += 1
                if found.isRepeated { report.maybeRepeated += 1 }
            }
            first += taken
            if taken < batch.count { break }
        }
        report.left += records.count - first
        return first == records.count
    }

    /// After so many events in a row that nobody took the emitters are taken to be gone.
    private static let mostMisses = 16

    /// `nil` where the record makes no sense.
    private func deliver(
        _ found: Found,
        through delivery: RecoveredDelivery,
        _ relocation: inout RecordRelocation
    ) -> RecoveredDelivery.Outcome? {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: found.size, alignment: 16)
        defer {
            copy.deallocate()
            for context in contexts { context.deallocate() }
            contexts.removeAll(keepingCapacity: true)
        }
        copy.copyMemory(from: UnsafeRawBufferPointer(start: memory + found.offset, count: found.size))
        guard relocation.relocate(copy), let record = copy.baseAddress else { return nil }
        return delivery.deliver(
            record,
            mayBeRepeated: found.isRepeated,
            threadNumber: found.threadNumber,
            threadID: found.threadID,
            startID: header.start_id
        )
    }

    /// How many events wait, and the bytes of their records.
    internal func count() -> (events: Int, bytes: Int) {
        var report = RecoveryReport()
        let found = records(&report)
        return (found.count, found.reduce(0) { $0 + $1.size })
    }

    /// Finds the committed records of all rings that were not handed over.
    private func records(_ report: inout RecoveryReport) -> [Found] {
        var records: [Found] = []
        var at = Int(header.rings_offset)
        let end = at + Int(header.rings_used)
        let headerSize = MemoryLayout<txaio_ring>.size
        while end - at >= headerSize {
            if let next = chunk(at: at, end: end) {
                at = next
                continue
            }
            let ring = memory.loadUnaligned(fromByteOffset: at, as: txaio_ring.self)
            // A ring that was being made when the process died has no magic yet: nothing follows it.
            guard ring.magic == UInt64(TXAIO_RING_MAGIC), ring.capacity >= 4096,
                ring.capacity & (ring.capacity - 1) == 0,
                ring.capacity <= UInt64(min(RingFileLayout.mostBytesOfARing, end - at - headerSize))
            else { break }
            collect(ring, at: at, &records, &report)
            at += (headerSize + Int(ring.capacity) + 127) & ~127
        }
        chunks.sort { $0.address < $1.address }
        return records
    }

    /// Takes down a part of the table of contexts; returns its end, or `nil` where there is none.
    private func chunk(at start: Int, end: Int) -> Int? {
        let chunk = memory.loadUnaligned(fromByteOffset: start, as: txaio_context_chunk.self)
        let size = RingFileLayout.contextChunkBytes
        guard chunk.magic == UInt64(TXAIO_CONTEXT_MAGIC), end - start >= size,
            chunk.capacity == UInt64(size - MemoryLayout<txaio_context_chunk>.size)
        else { return nil }
        chunks.append((chunk.address, start))
        return start + size
    }

    /// A copy of a block of fields, for the record at hand.
    private func context(at address: UInt64) -> UnsafeMutableRawBufferPointer? {
        var (low, high) = (0, chunks.count)
        while low < high {
            let middle = (low + high) / 2
            if chunks[middle].address <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let chunk = chunks[low - 1]
        let within = Int(clamping: address - chunk.address)
        let header = MemoryLayout<txaio_context_chunk>.size
        guard within >= header, within < RingFileLayout.contextChunkBytes, within % 64 == 0 else { return nil }
        let rest = min(RingFileLayout.contextChunkBytes - within, RingFileLayout.mostContextBytes)
        let found = UnsafeRawBufferPointer(start: memory + chunk.offset + within, count: rest)
        guard let size = RecordRelocation.blockBytes(found) else { return nil }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        copy.copyMemory(from: UnsafeRawBufferPointer(rebasing: found[..<size]))
        contexts.append(copy)
        return copy
    }

    private func collect(_ ring: txaio_ring, at: Int, _ records: inout [Found], _ report: inout RecoveryReport) {
        let data = at + MemoryLayout<txaio_ring>.size
        let first = max(ring.done, ring.freed)
        guard first <= ring.claimed, ring.claimed <= ring.write, ring.write - first <= ring.capacity,
            // Records begin at multiples of 8: what lies at another place could reach over the ring's end.
            (first | ring.write) & 7 == 0
        else {
            report.skipped += 1
            return
        }
        var position = first
        // A ring that two threads had one after the other stays in order though the clock went back between them.
        var time = Int64.min
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
                if recordSize >= RecordRelocation.headerBytes {
                    time = max(time, memory.loadUnaligned(fromByteOffset: data + offset + 8, as: Int64.self))
                    records.append(
                        Found(
                            time: time,
                            offset: data + offset,
                            size: recordSize,
                            end: RingProgress.Place(ring: at, position: position + rounded, claimed: ring.claimed),
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
        let known = notes[address]
        if let note = known?[RingNote.template.rawValue], note.count == count {
            bytes = note
        } else if let note = known?[RingNote.name.rawValue], note.count == count {
            bytes = note
        } else if let found = program.bytes(at: address, count: count) {
            bytes = found
        } else {
            return nil
        }
        // Literals are UTF-8; anything else was never one, and is not kept.
        guard let text = keep(bytes) else { return nil }
        texts[address, default: [:]][count] = text
        return text
    }

    private func cell(at address: UInt64) -> UnsafePointer<txaio_cell>? {
        if let known = cells[address] { return known }
        guard let name = notes[address]?[RingNote.namespace.rawValue] else { return nil }
        let text = String(decoding: name, as: UTF8.self)
        let file = notes[address]?[RingNote.file.rawValue].flatMap(keep)
        let registry = NamespaceRegistry.shared
        let cell = file.map { registry.cell(name: text, file: $0) } ?? registry.cell(name: text, file: "")
        cells[address] = cell
        return cell
    }

    private func keep(_ bytes: [UInt8]) -> UnsafeRawBufferPointer? {
        guard bytes.count <= Self.mostKeptBytes - keptBytes, String(validating: bytes, as: UTF8.self) != nil else {
            return nil
        }
        keptBytes += bytes.count
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        copy.copyBytes(from: bytes)
        return UnsafeRawBufferPointer(rebasing: copy[..<bytes.count])
    }
}
