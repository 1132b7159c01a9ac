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
        return isKnown ? literal(bits.0, bits.1) : nil
    }

    /// The same of the `String` that lies at `place`, where ``isKnown``.
    @inline(__always)
    internal static func literal(unchecked place: UnsafeRawPointer) -> UnsafeRawBufferPointer? {
        let bits = place.load(as: (UInt64, UInt64).self)
        return literal(bits.0, bits.1)
    }

    @inline(__always)
    private static func literal(_ countAndFlags: UInt64, _ object: UInt64) -> UnsafeRawBufferPointer? {
        guard object >> 60 == 0x8 else { return nil }
        let address = UInt(object & 0x0FFF_FFFF_FFFF_FFFF) &+ 32
        let count = Int(countAndFlags & 0x0000_FFFF_FFFF_FFFF)
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    /// The bytes of the `String` that lies at `place`, without counting a reference, where ``isKnown``; `nil` for a form
    /// that is not.
    ///
    /// Valid while the `String` is there and not changed.
    @inline(__always)
    internal static func bytes(unchecked place: UnsafeRawPointer) -> UnsafeRawBufferPointer? {
        text(unchecked: place).map { UnsafeRawBufferPointer(start: $0.start, count: $0.count) }
    }

    /// The same as address and length.
    @inline(__always)
    internal static func text(unchecked place: UnsafeRawPointer) -> (start: UnsafeRawPointer, count: Int)? {
        isShort(place) ? (place, Int(place.load(fromByteOffset: 15, as: UInt8.self)) & 15) : text(long: place)
    }

    /// The same of one that is not short.
    @inline(__always)
    internal static func text(long place: UnsafeRawPointer) -> (start: UnsafeRawPointer, count: Int)? {
        let object = place.load(fromByteOffset: 8, as: UInt64.self)
        // 0x8 or 0x0: behind an address.
        guard object >> 60 & 0b0111 == 0 else { return nil }
        let address = UInt(object & 0x0FFF_FFFF_FFFF_FFFF) &+ 32
        let count = Int(place.load(as: UInt64.self) & 0x0000_FFFF_FFFF_FFFF)
        return UnsafeRawPointer(bitPattern: address).map { ($0, count) }
    }

    /// Whether the `String` at `place` lies in its own words, where ``isKnown``.
    @inline(__always)
    internal static func isShort(_ place: UnsafeRawPointer) -> Bool {
        // 0xE or 0xA: its length is in the last byte.
        place.load(fromByteOffset: 15, as: UInt8.self) & 0b1011_0000 == 0b1010_0000
    }

    /// Whether the `String` at `place` surely counts no reference: short, or a literal.
    @inline(__always)
    internal static func isUncounted(_ place: UnsafeRawPointer) -> Bool {
        place.load(fromByteOffset: 15, as: UInt8.self) & 0b1000_0000 != 0 && isKnown
    }

    internal static var isKnown: Bool {
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
        // Each form: short, short and not ASCII, literal, made at run time, and that not ASCII.
        for text in ["", "short", "kürzer", literal, made, made + "ü"] where holds {
            holds = withUnsafeBytes(of: text) { words in
                guard let place = words.baseAddress, let found = bytes(unchecked: place) else { return false }
                return found.elementsEqual(text.utf8)
            }
        }
        txaio_set_strings_checked(holds ? 1 : 2)
        return holds
    }
}
