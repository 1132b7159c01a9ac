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
        return UnsafeRawBufferPointer(start: txaio_string_start(object), count: Int(txaio_string_size(countAndFlags)))
    }

    /// The bytes of the `String` that lies at `place`, read as a keyword call's values are; `nil` for a form that is not.
    private static func bytes(at place: UnsafeRawPointer) -> UnsafeRawBufferPointer? {
        let (first, second) = place.load(as: (UInt64, UInt64).self)
        if txaio_string_is_short(second) {
            return UnsafeRawBufferPointer(start: place, count: Int(txaio_string_short_size(second)))
        }
        guard txaio_string_is_behind_address(second) else { return nil }
        return UnsafeRawBufferPointer(start: txaio_string_start(second), count: Int(txaio_string_size(first)))
    }

    /// Whether the `String` at `place` surely counts no reference: short, or a literal.
    @inline(__always)
    internal static func isUncounted(_ place: UnsafeRawPointer) -> Bool {
        txaio_string_is_uncounted(place.load(fromByteOffset: 8, as: UInt64.self)) && isKnown
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
                guard let place = words.baseAddress, let found = bytes(at: place) else { return false }
                return found.elementsEqual(text.utf8)
            }
        }
        txaio_set_strings_checked(holds ? 1 : 2)
        return holds
    }
}
