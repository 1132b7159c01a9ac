internal import TxaioLog

/// Remembers what short names of values became as names of fields: a service has few of them, and they come back.
///
/// A slot of 128 bytes: sizes, hash, the original, and the made name. A name has two slots to lie in; where both are taken it
/// takes the first one over.
internal struct JournalNameCache: ~Copyable {
    /// A name that was made before.
    internal struct Known {
        /// With the prefix, whether it is part of the name or not.
        let text: UnsafeRawBufferPointer
        /// Where the name begins in it.
        let start: Int
        let hash: UInt64
        let isRestorable: Bool
    }

    private static var count: Int { 128 }
    private static var size: Int { 128 }
    private static var longest: Int { 32 }
    private static var room: Int { size - 48 }
    private let slots: UnsafeMutableRawPointer

    internal init() {
        slots = .allocate(byteCount: Self.count * Self.size, alignment: 8)
        slots.initializeMemory(as: UInt8.self, repeating: 0, count: Self.count * Self.size)
    }

    deinit { slots.deallocate() }

    internal mutating func removeAll() {
        slots.initializeMemory(as: UInt8.self, repeating: 0, count: Self.count * Self.size)
    }

    @inline(__always)
    private borrowing func slot(of name: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        guard name.count > 0, name.count <= Self.longest, let base = name.baseAddress else { return nil }
        var mixed = UInt64(truncatingIfNeeded: name.count)
        if name.count >= 8 {
            mixed ^= base.loadUnaligned(as: UInt64.self)
            mixed = mixed &* 0x9E37_79B9_7F4A_7C15
            mixed ^= base.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self)
        } else {
            var at = 0
            while at < name.count {
                mixed = mixed << 8 ^ UInt64(base.load(fromByteOffset: at, as: UInt8.self))
                at &+= 1
            }
        }
        return slots + Int(truncatingIfNeeded: (mixed &* 0x9E37_79B9_7F4A_7C15) >> 57) &* Self.size
    }

    /// What the name became; valid until the next call.
    @inline(__always)
    internal borrowing func find(_ name: UnsafeRawBufferPointer) -> Known? {
        guard var slot = slot(of: name) else { return nil }
        if !Self.holds(slot, name) {
            slot = other(slot)
            if !Self.holds(slot, name) { return nil }
        }
        let length = Int(slot.load(fromByteOffset: 1, as: UInt8.self))
        return Known(
            text: UnsafeRawBufferPointer(start: slot + 48, count: length),
            start: Int(slot.load(fromByteOffset: 2, as: UInt8.self)),
            hash: slot.load(fromByteOffset: 8, as: UInt64.self),
            isRestorable: slot.load(fromByteOffset: 3, as: UInt8.self) != 0
        )
    }

    @inline(__always)
    private static func holds(_ slot: UnsafeMutableRawPointer, _ name: UnsafeRawBufferPointer) -> Bool {
        Int(slot.load(as: UInt8.self)) == name.count
            && sameBytes(UnsafeRawBufferPointer(start: slot + 16, count: name.count), name)
    }

    /// The neighbour of a slot.
    private borrowing func other(_ slot: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
        slots + ((slot - slots) ^ Self.size)
    }

    internal mutating func keep(_ name: UnsafeRawBufferPointer, as known: Known) {
        guard var slot = slot(of: name), known.text.count <= Self.room else { return }
        if slot.load(as: UInt8.self) != 0, other(slot).load(as: UInt8.self) == 0 { slot = other(slot) }
        slot.storeBytes(of: UInt8(truncatingIfNeeded: name.count), as: UInt8.self)
        slot.storeBytes(of: UInt8(truncatingIfNeeded: known.text.count), toByteOffset: 1, as: UInt8.self)
        slot.storeBytes(of: UInt8(truncatingIfNeeded: known.start), toByteOffset: 2, as: UInt8.self)
        slot.storeBytes(of: known.isRestorable ? 1 : 0, toByteOffset: 3, as: UInt8.self)
        slot.storeBytes(of: known.hash, toByteOffset: 8, as: UInt64.self)
        UnsafeMutableRawBufferPointer(start: slot + 16, count: name.count).copyMemory(from: name)
        UnsafeMutableRawBufferPointer(start: slot + 48, count: known.text.count).copyMemory(from: known.text)
    }
}
