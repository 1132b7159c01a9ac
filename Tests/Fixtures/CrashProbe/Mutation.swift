/// Numbers that are the same in every run of a seed (SplitMix64).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Ways in which a ring file may be wrong. The places are those of txaio_ring_file.h.
enum Mutation {
    private static let headerWords = Array(stride(from: 0, to: 88, by: 8))
    private static let ringWords = [0, 8, 16, 24, 32, 128, 136, 144, 256, 264, 272, 280]
    private static let notesOffset = 48
    private static let ringsOffset = 72
    private static let modules = 136
    private static let ringHeader = 384
    private static let chunkBytes = 65_536

    static func of(_ real: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = real
        // The first of the table of contexts comes before the rings: the first event refers to it.
        let chunk = Int(word(bytes, ringsOffset))
        let ring = chunk + chunkBytes
        let data = ring + ringHeader
        switch Int.random(in: 0..<10, using: &random) {
        case 0: change(&bytes, headerWords.randomElement(using: &random) ?? 0, &random)
        case 1: change(&bytes, ring + (ringWords.randomElement(using: &random) ?? 0), &random)
        case 2: change(&bytes, data + Int.random(in: 0..<8_192, using: &random) & ~7, &random)
        case 3:
            // Within the first records, byte by byte.
            for _ in 0..<Int.random(in: 1...16, using: &random) {
                let at = data + Int.random(in: 0..<1_024, using: &random)
                bytes[at] = UInt8.random(in: 0...255, using: &random)
            }
        case 4: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
        case 5:
            let start = Int(word(bytes, notesOffset))
            for _ in 0..<8 { change(&bytes, start + Int.random(in: 0..<512, using: &random) & ~7, &random) }
        case 6:
            // The modules: where programs lay, and their paths.
            for _ in 0..<4 { change(&bytes, modules + Int.random(in: 0..<1_280, using: &random) & ~7, &random) }
        case 7: change(&bytes, chunk + Int.random(in: 0..<64, using: &random) & ~7, &random)
        case 8:
            // Its first blocks.
            for _ in 0..<4 { change(&bytes, chunk + 64 + Int.random(in: 0..<320, using: &random) & ~7, &random) }
        default:
            for _ in 0..<64 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    private static func word(_ bytes: [UInt8], _ at: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: UInt64.self) }
    }

    private static func change(_ bytes: inout [UInt8], _ at: Int, _ random: inout Random) {
        guard at + 8 <= bytes.count else { return }
        let old = word(bytes, at)
        let values: [UInt64] = [
            0, 1, .max, .max - 7, 1 << 63, 1 << 31, UInt64(UInt32.max), old &+ 1, old &- 1, old &+ 8, old &- 8,
            old &* 2, old ^ (1 << (random.next() & 63)), random.next(), UInt64(bytes.count),
        ]
        let new = values.randomElement(using: &random) ?? 0
        bytes.withUnsafeMutableBytes { $0.storeBytes(of: new, toByteOffset: at, as: UInt64.self) }
    }
}
