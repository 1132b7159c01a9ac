internal import CTxaio

/// Tells a literal `String` from one made at run time by how the standard library stores it on 64-bit systems.
///
/// A literal of more than 15 bytes is stored as its address, marked immortal. That is no promise of the library: it is
/// checked once, and where it does not hold no literal is recognised.
internal enum StringLayout {
    /// Texts of up to this many bytes lie within the `String` itself.
    internal static let shortLength = 15

    @inline(__always)
    internal static func literal(_ text: String) -> UnsafeRawBufferPointer? {
        let bits = unsafeBitCast(text, to: (UInt64, UInt64).self)
        return literal(bits.0, bits.1)
    }

    /// The bytes of a literal, from the two words of a `String`.
    @inline(__always)
    internal static func literal(_ countAndFlags: UInt64, _ object: UInt64) -> UnsafeRawBufferPointer? {
        guard object >> 60 == 0x8, isKnown else { return nil }
        let address = UInt(object & 0x0FFF_FFFF_FFFF_FFFF) &+ 32
        let count = Int(countAndFlags & 0x0000_FFFF_FFFF_FFFF)
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    private static var isKnown: Bool {
        let state = txaio_strings_checked()
        return state == 0 ? check() : state == 1
    }

    @inline(never)
    private static func check() -> Bool {
        let literal = "a literal of more than fifteen bytes"
        let made = String(repeating: "run time ", count: 4)
        var holds = MemoryLayout<String>.size == 16
        if holds {
            let bits = unsafeBitCast(literal, to: (UInt64, UInt64).self)
            let other = unsafeBitCast(made, to: (UInt64, UInt64).self)
            let address = UInt(bits.1 & 0x0FFF_FFFF_FFFF_FFFF) &+ 32
            let real = literal.utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) }
            holds =
                bits.1 >> 60 == 0x8 && other.1 >> 60 != 0x8 && real == address
                && Int(bits.0 & 0x0000_FFFF_FFFF_FFFF) == literal.utf8.count
        }
        txaio_set_strings_checked(holds ? 1 : 2)
        return holds
    }
}
