internal import CTxaio

/// Finds literals by the addresses that they had in a process that is gone: in the files of the program and its libraries,
/// as far as those are still the same by their build ids.
internal final class ProgramStrings {
    private struct Segment {
        let address: UInt64
        let offset: UInt64
        let size: UInt64
    }

    private enum Found {
        case file(Int32, [Segment])
        case nothing
    }

    private let modules: [txaio_module]
    private var files: [Int: Found] = [:]

    internal init(_ modules: [txaio_module]) { self.modules = modules }

    deinit {
        for case .file(let file, _) in files.values { Files.closeFile(file) }
    }

    /// The bytes that lay at an address; `nil` where they cannot be had.
    internal func bytes(at address: UInt64, count: Int) -> [UInt8]? {
        guard let index = modules.firstIndex(where: { address >= $0.start && address < $0.end }) else { return nil }
        let module = modules[index]
        let found = files[index] ?? open(module)
        files[index] = found
        guard case .file(let file, let segments) = found, address >= module.base else { return nil }
        let relative = address - module.base
        for segment in segments where relative >= segment.address && relative - segment.address < segment.size {
            let within = relative - segment.address
            let (offset, isTooFar) = segment.offset.addingReportingOverflow(within)
            guard UInt64(count) <= segment.size - within, !isTooFar else { return nil }
            var bytes = [UInt8](repeating: 0, count: count)
            let isRead = bytes.withUnsafeMutableBytes {
                Files.read(file, into: $0, at: Int(clamping: offset))
            }
            return isRead ? bytes : nil
        }
        return nil
    }

    /// Opens a module's file if it is the one that was loaded then.
    private func open(_ module: txaio_module) -> Found {
        var module = module
        let path = withUnsafeMutablePointer(to: &module) { module in
            let start = txaio_module_path(module)
            return String(
                decoding: UnsafeBufferPointer(start: start, count: Int(TXAIO_MODULE_PATH))
                    .prefix { $0 != 0 }.map { UInt8(bitPattern: $0) },
                as: UTF8.self
            )
        }
        let idLength = min(Int(module.build_id_length), 36)
        let id = withUnsafeMutablePointer(to: &module) { module in
            [UInt8](UnsafeBufferPointer(start: txaio_module_build_id(module), count: idLength))
        }
        let (file, error) = Files.openProgram(path)
        guard error == 0 else { return .nothing }
        guard Files.regular(file) != nil, let (segments, found) = Self.read(file), found == id, !id.isEmpty else {
            Files.closeFile(file)
            return .nothing
        }
        return .file(file, segments)
    }

    /// The loaded parts and the build id of a 64-bit ELF file in this machine's byte order.
    private static func read(_ file: Int32) -> ([Segment], [UInt8])? {
        guard let header = load(file, at: 0, count: 64), header[0...3].elementsEqual([0x7F, 0x45, 0x4C, 0x46]),
            header[4] == 2
        else { return nil }
        let table = word(header, 32)
        let size = Int(half(header, 54))
        let count = Int(half(header, 56))
        guard size >= 56, count <= 128, table < 1 << 40 else { return nil }
        var segments: [Segment] = []
        var id: [UInt8] = []
        for index in 0..<count {
            guard let entry = load(file, at: Int(table) + index * size, count: 56) else { return nil }
            let kind = entry.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            let offset = word(entry, 8)
            let fileSize = word(entry, 32)
            if kind == 1 {
                segments.append(Segment(address: word(entry, 16), offset: offset, size: fileSize))
            } else if kind == 4, id.isEmpty, fileSize <= 4096, offset < 1 << 40,
                let notes = load(file, at: Int(offset), count: Int(fileSize))
            {
                id = buildID(in: notes)
            }
        }
        return (segments, id)
    }

    private static func buildID(in notes: [UInt8]) -> [UInt8] {
        var at = 0
        while at + 12 <= notes.count {
            let nameLength = Int(notes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: UInt32.self) })
            let length = Int(notes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self) })
            let kind = notes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self) }
            let name = at + 12
            let value = name + ((nameLength + 3) & ~3)
            guard value + length <= notes.count else { return [] }
            if kind == 3, nameLength == 4, notes[name..<name + 4].elementsEqual("GNU\0".utf8) {
                return Array(notes[value..<value + length])
            }
            at = value + ((length + 3) & ~3)
        }
        return []
    }

    private static func load(_ file: Int32, at offset: Int, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return bytes.withUnsafeMutableBytes { Files.read(file, into: $0, at: offset) } ? bytes : nil
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    private static func half(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    }
}
