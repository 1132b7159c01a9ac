internal import Synchronization
package import TxaioLog

/// Gives each template the id that `journalctl MESSAGE_ID=` finds its events by.
///
/// The id is MurmurHash3 (x64, 128 bits, seed 0x7478_6169, "txai") of the template's UTF-8 bytes, its first half
/// printed before its second, with version 8 and the RFC 9562 variant set: 32 small hexadecimal digits, the same on
/// every machine and in every release.
package final class TemplateIdentity: @unchecked Sendable {
    package static let shared = TemplateIdentity()
    static let length = 32

    /// Ids by the address of the template.
    ///
    /// A slot is filled once and never again, so readers need no lock and nothing is ever freed; a template that
    /// finds its slot taken is hashed each time.
    private static let size = 1024
    private let slots: UnsafeMutablePointer<Atomic<UInt>>

    private init() {
        slots = .allocate(capacity: Self.size)
        for index in 0..<Self.size { (slots + index).initialize(to: Atomic(0)) }
    }

    /// What a slot points at: these, then the template's bytes.
    private struct Entry {
        var length: Int
        var digits: (UInt64, UInt64, UInt64, UInt64)
    }

    /// Appends the id's 32 digits.
    package func append(for template: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        guard let base = template.baseAddress else { return Self.write(Self.hash(template), to: &buffer) }
        let address = UInt(bitPattern: base)
        let mixed = (address ^ UInt(template.count)) &* 0x9E37_79B9_7F4A_7C15
        let slot = slots + Int(truncatingIfNeeded: mixed >> 54) & (Self.size - 1)
        let known = slot.pointee.load(ordering: .acquiring)
        guard let entry = UnsafeRawPointer(bitPattern: known) else {
            let hash = Self.hash(template)
            fill(slot, template, hash)
            return Self.write(hash, to: &buffer)
        }
        // An address may be another template's by now: memory of run-time ones is used again.
        guard entry.load(as: Entry.self).length == template.count,
            sameBytes(UnsafeRawBufferPointer(start: entry + MemoryLayout<Entry>.size, count: template.count), template)
        else { return Self.write(Self.hash(template), to: &buffer) }
        buffer.append(UnsafeRawBufferPointer(start: entry + MemoryLayout<Int>.size, count: Self.length))
    }

    private func fill(_ slot: UnsafeMutablePointer<Atomic<UInt>>, _ template: UnsafeRawBufferPointer, _ hash: Hash) {
        guard template.count <= 4096 else { return }
        let size = MemoryLayout<Entry>.size
        let entry = UnsafeMutableRawPointer.allocate(byteCount: size + template.count, alignment: 8)
        var text = ByteBuffer(capacity: 64)
        Self.write(hash, to: &text)
        entry.storeBytes(of: template.count, as: Int.self)
        text.withBytes {
            UnsafeMutableRawBufferPointer(start: entry + MemoryLayout<Int>.size, count: 32).copyMemory(from: $0)
        }
        UnsafeMutableRawBufferPointer(start: entry + size, count: template.count).copyMemory(from: template)
        let (isOurs, _) = slot.pointee.compareExchange(
            expected: 0,
            desired: UInt(bitPattern: entry),
            ordering: .acquiringAndReleasing
        )
        if !isOurs { entry.deallocate() }
    }

    private static func write(_ hash: Hash, to buffer: inout ByteBuffer) {
        buffer.append(hex: hash.high & ~0xF000 | 0x8000, width: 16)
        buffer.append(hex: hash.low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000, width: 16)
    }

    package struct Hash: Equatable {
        package var high: UInt64
        package var low: UInt64
    }

    /// MurmurHash3_x64_128 by Austin Appleby, which is in the public domain.
    package static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0x7478_6169) -> Hash {
        let (c1, c2): (UInt64, UInt64) = (0x87C3_7B91_1142_53D5, 0x4CF5_AD43_2745_937F)
        var (h1, h2) = (seed, seed)
        var at = 0
        while bytes.count - at >= 16 {
            let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self))
            h1 ^= rotate(k1 &* c1, 31) &* c2
            h1 = (rotate(h1, 27) &+ h2) &* 5 &+ 0x52DC_E729
            h2 ^= rotate(k2 &* c2, 33) &* c1
            h2 = (rotate(h2, 31) &+ h1) &* 5 &+ 0x3849_5AB5
            at += 16
        }
        var (t1, t2): (UInt64, UInt64) = (0, 0)
        for index in at..<bytes.count {
            let byte = UInt64(bytes[index])
            let place = index - at
            if place < 8 { t1 |= byte << UInt64(8 * place) } else { t2 |= byte << UInt64(8 * (place - 8)) }
        }
        h2 ^= rotate(t2 &* c2, 33) &* c1
        h1 ^= rotate(t1 &* c1, 31) &* c2
        h1 ^= UInt64(bytes.count)
        h2 ^= UInt64(bytes.count)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        h1 = mix(h1)
        h2 = mix(h2)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        return Hash(high: h1, low: h2)
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value << by | value >> (64 - by) }

    @inline(__always)
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value ^= value >> 33
        value = value &* 0xFF51_AFD7_ED55_8CCD
        value ^= value >> 33
        value = value &* 0xC4CE_B9FE_1A85_EC53
        value ^= value >> 33
        return value
    }
}
