/// A ring file that is right but for what an input changes. The places are those of txaio_ring_file.h.
struct FuzzedFile {
    private static let header = 24_576
    private static let ringHeader = 384
    private static let capacity = 4_096
    private static let module = 136
    private static let chunk = 65_536

    private(set) var bytes: [UInt8]
    /// The dead program's file, where the input holds one.
    private(set) var program: [UInt8]?

    init(_ input: UnsafeRawBufferPointer, program path: String) {
        var rest = input[4...]
        let patches = rest.prefix(Int(input[1]) % 8 * 10)
        rest = rest.dropFirst(patches.count)
        let notes = rest.prefix(Int(input[2]) * 8)
        rest = rest.dropFirst(notes.count)

        let rings = (Self.header + notes.count + 127) & ~127
        let contexts = rings + 2 * (Self.ringHeader + Self.capacity)
        let end = contexts + (input[0] & 2 == 0 ? 0 : Self.chunk)
        bytes = [UInt8](repeating: 0, count: end)
        put(0x656C_6946_6F69_7854, at: 0)
        put(2 | UInt64(Self.header) << 32, at: 8)
        put(UInt64(end), at: 16)
        put(7, at: 24)
        put(UInt64(Self.header), at: 48)
        put(UInt64(notes.count), at: 56)
        put(UInt64(notes.count), at: 64)
        put(UInt64(rings), at: 72)
        put(UInt64(end - rings), at: 80)
        copy(notes, to: Self.header)
        ring(at: rings)
        ring(at: rings + Self.ringHeader + Self.capacity)
        if input[0] & 2 != 0 {
            context(at: contexts, rest)
            record(at: rings + Self.ringHeader)
            put(0x200040, at: rings + Self.ringHeader + 64)
            put(0x200080 + UInt64(input[3]) << 4, at: rings + Self.ringHeader + 72)
            put(80, at: rings + 128)
        } else if input[0] & 1 == 0 {
            let positions = (0..<3).map { Self.number(rest.dropFirst(2 * $0).prefix(2)) }
            put(positions[0] * 8, at: rings + 264)
            put(positions[1] * 8, at: rings + 256)
            put(positions[2] * 8, at: rings + 128)
            copy(rest.dropFirst(6).prefix(2 * Self.capacity), to: rings + Self.ringHeader)
        } else {
            program = Array(rest)
            module(path)
            record(at: rings + Self.ringHeader)
            put(80, at: rings + 128)
        }
        for start in stride(from: patches.startIndex, to: patches.endIndex - 9, by: 10) {
            let place = Int(Self.number(patches[start..<start + 2]))
            let value = Self.number(patches[(start + 2)..<(start + 10)])
            switch place % 3 {
            case 0: put(value, at: place / 3 % 11 * 8)
            case 1: put(value, at: rings + place / 3 % 48 * 8)
            default: put(value, at: Self.module + place / 3 % 40 * 8)
            }
        }
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func ring(at start: Int) {
        put(0x3167_6E69_5278_6154, at: start)
        put(UInt64(Self.capacity), at: start + 8)
        put(7, at: start + 16)
        put(1 | 99 << 32, at: start + 24)
    }

    /// One program, whose build id is "abcd".
    private mutating func module(_ path: String) {
        put(1 << 32, at: 40)
        put(0x10000, at: Self.module)
        put(0x10000, at: Self.module + 8)
        put(0x100000, at: Self.module + 16)
        put(4 | 0x6463_6261 << 32, at: Self.module + 24)
        for (index, byte) in path.utf8.prefix(255).enumerated() { bytes[Self.module + 64 + index] = byte }
    }

    /// A record without fields whose template and function are literals.
    private mutating func record(at start: Int) {
        put(80 | 3 << 32, at: start)
        put(1_700_000_000_000_000_000, at: start + 8)
        put(1, at: start + 24)
        put(0x10100, at: start + 32)
        put(16, at: start + 40)
        put(0x10120, at: start + 48)
        put(8, at: start + 56)
    }

    /// A part of the table of contexts whose blocks are the input's, but for the first words of the first two.
    private mutating func context(at start: Int, _ blocks: Slice<UnsafeRawBufferPointer>) {
        put(0x6B6E_6843_7843_6154, at: start)
        put(UInt64(Self.chunk - 64), at: start + 8)
        put(0x200000, at: start + 16)
        copy(blocks.prefix(Self.chunk - 64), to: start + 64)
        for block in [64, 128] { put(0x3174_7874_4378_6154, at: start + block) }
    }

    private mutating func put(_ value: UInt64, at place: Int) {
        guard place + 8 <= bytes.count else { return }
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: place, as: UInt64.self) }
    }

    private mutating func copy(_ source: Slice<UnsafeRawBufferPointer>, to place: Int) {
        bytes.replaceSubrange(place..<place + source.count, with: source)
    }
}
