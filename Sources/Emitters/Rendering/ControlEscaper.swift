internal import CTxaio
package import TxaioLog

/// The one place where text from outside is made harmless: what it appends is valid UTF-8 of one line that moves no
/// cursor, sets no title and turns no writing direction.
///
/// Escaped are C0, DEL and C1 controls, the line ends U+2028 and U+2029, and the marks that reorder text: U+061C, U+200E,
/// U+200F, U+202A to U+202E, U+2066 to U+2069. The spelling is that of JSON: `\n`, `\r`, `\t`, else `\u001b`. Bytes that
/// are not UTF-8 become U+FFFD, as `String(decoding:as:)` does it. It works on bytes: as a `Character`, CR LF is one.
package enum ControlEscaper {
    /// Where the text goes, which decides what else is escaped.
    package enum Place {
        /// Free text: nothing else.
        case message
        /// Between double quotes, of JSON or logfmt: the quote and the backslash too.
        case quoted
        /// A bare key of logfmt: space and `=` as well.
        case key

        /// The same in C.
        @inline(__always)
        internal var code: Int32 {
            switch self {
            case .message: TXAIO_TEXT_FREE
            case .quoted: TXAIO_TEXT_QUOTED
            case .key: TXAIO_TEXT_BARE
            }
        }
    }

    /// Appends `text`, escaped.
    ///
    /// Runs of clean bytes are found eight at a time and copied at once.
    package static func append(_ text: UnsafeRawBufferPointer, for place: Place, to buffer: inout ByteBuffer) {
        guard let base = text.baseAddress else { return }
        var clean = 0
        if text.count <= 4096 {
            let to = buffer.tail(text.count &+ Self.padding)
            clean = txaio_put_clean(to, base, text.count, place.code)
            buffer.advance(by: clean)
        }
        if clean < text.count { append(base, text.count, from: clean, for: place, to: &buffer) }
    }

    /// Behind bytes that were copied while they were looked at so many more may be written.
    internal static var padding: Int { 16 }

    /// Appends the bytes of a text from `first` on.
    @inline(never)
    private static func append(
        _ base: UnsafeRawPointer,
        _ count: Int,
        from first: Int,
        for place: Place,
        to buffer: inout ByteBuffer
    ) {
        let text = UnsafeRawBufferPointer(start: base, count: count)
        var start = first
        var at = first
        while true {
            at = firstSuspect(base, from: at, to: text.count, place)
            if at >= text.count { break }
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x80 {
                buffer.append(UnsafeRawBufferPointer(start: base + start, count: at - start))
                appendEscape(of: UInt32(byte), to: &buffer)
                at += 1
                start = at
                continue
            }
            let scalar = ScalarBytes(base + at, count: text.count - at)
            if scalar.isClean {
                at += scalar.length
                continue
            }
            buffer.append(UnsafeRawBufferPointer(start: base + start, count: at - start))
            if let value = scalar.value {
                appendEscape(of: value, to: &buffer)
            } else {
                buffer.append("\u{FFFD}")
            }
            at += scalar.length
            start = at
        }
        buffer.append(UnsafeRawBufferPointer(start: base + start, count: text.count - start))
    }

    /// Whether `text` is left as it is.
    package static func leavesAlone(_ text: UnsafeRawBufferPointer, for place: Place) -> Bool {
        guard let base = text.baseAddress else { return true }
        var at = 0
        while true {
            at = firstSuspect(base, from: at, to: text.count, place)
            if at >= text.count { return true }
            if base.load(fromByteOffset: at, as: UInt8.self) < 0x80 { return false }
            let scalar = ScalarBytes(base + at, count: text.count - at)
            guard scalar.isClean else { return false }
            at += scalar.length
        }
    }

    /// The first byte that is not plain ASCII, or that `place` wants escaped.
    @inline(__always)
    private static func firstSuspect(
        _ base: UnsafeRawPointer,
        from start: Int,
        to end: Int,
        _ place: Place
    ) -> Int {
        var at = start
        while at &+ 8 <= end {
            let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            if Word.mayHoldSuspect(word, place) { break }
            at &+= 8
        }
        // The last bytes at once as well, with some that were looked at before.
        let left = end &- at
        if left == 0 { return end }
        if left < 8, !Word.mayHoldSuspect(lastBytes(base, from: start, to: end), place) { return end }
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte >= 0x7F { return at }
            if place != .message, byte == 0x22 || byte == 0x5C { return at }
            if place == .key, byte == 0x20 || byte == 0x3D { return at }
            at &+= 1
        }
        return end
    }

    /// All bytes of a text of up to seven, or the last eight of a longer one; which lies where does not matter.
    @inline(__always)
    private static func lastBytes(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> UInt64 {
        let count = end &- start
        if count >= 8 { return base.loadUnaligned(fromByteOffset: end &- 8, as: UInt64.self) }
        if count >= 4 {
            let head = base.loadUnaligned(fromByteOffset: start, as: UInt32.self)
            return UInt64(head) | UInt64(base.loadUnaligned(fromByteOffset: end &- 4, as: UInt32.self)) << 32
        }
        let head = UInt64(base.load(fromByteOffset: start, as: UInt8.self))
        let middle = UInt64(base.load(fromByteOffset: start &+ count / 2, as: UInt8.self))
        let tail = UInt64(base.load(fromByteOffset: end &- 1, as: UInt8.self))
        // The rest is filled with letters.
        return 0x6161_6161_6100_0000 | head | middle << 8 | tail << 16
    }

    private static func appendEscape(of scalar: UInt32, to buffer: inout ByteBuffer) {
        switch scalar {
        case 0x0A: buffer.append("\\n")
        case 0x0D: buffer.append("\\r")
        case 0x09: buffer.append("\\t")
        case 0x22: buffer.append("\\\"")
        case 0x5C: buffer.append("\\\\")
        default:
            buffer.append("\\u")
            buffer.append(hex: UInt64(scalar), width: 4)
        }
    }
}

/// Arithmetic on the eight bytes of a word.
private enum Word {
    @inline(__always)
    static func each(_ byte: UInt64) -> UInt64 { byte &* 0x0101_0101_0101_0101 }

    /// Whether a byte may be one that is not plain ASCII, or that `place` wants escaped; a word without one is known for it.
    @inline(__always)
    static func mayHoldSuspect(_ word: UInt64, _ place: ControlEscaper.Place) -> Bool {
        // The sign bit of a byte is set where it is over 0x7F, and where what is sought came below zero or to 0x80. Carries
        // come from such bytes only, so a byte above one may be taken for one too, which does no harm.
        var hits = word | (word &+ each(0x01))
        if place == .message {
            hits |= word &- each(0x20)
        } else {
            // 0x20 and 0x22 change places: what is below 0x21 then are controls and quotes.
            hits |= ((word ^ each(0x02)) &- each(0x21)) | ((word ^ each(0x5C)) &- each(0x01))
        }
        if place == .key { hits |= ((word ^ each(0x20)) &- each(0x01)) | ((word ^ each(0x3D)) &- each(0x01)) }
        return hits & each(0x80) != 0
    }
}

/// The scalar that begins with a byte over 0x7F.
private struct ScalarBytes {
    /// How many bytes it takes; of what is not UTF-8, the longest part that began well, at least one.
    let length: Int
    /// The scalar, or `nil` where the bytes are none.
    let value: UInt32?

    init(_ bytes: UnsafeRawPointer, count: Int) {
        let lead = bytes.load(as: UInt8.self)
        let size: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: size = 2
        case 0xE0: (size, second) = (3, 0xA0...0xBF)
        case 0xED: (size, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: size = 3
        case 0xF0: (size, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: size = 4
        case 0xF4: (size, second) = (4, 0x80...0x8F)
        default:
            (length, value) = (1, nil)
            return
        }
        var scalar = UInt32(lead) & (0x7F >> UInt32(size))
        var at = 1
        while at < size {
            guard at < count else { break }
            let byte = bytes.load(fromByteOffset: at, as: UInt8.self)
            guard at == 1 ? second.contains(byte) : byte & 0xC0 == 0x80 else { break }
            scalar = scalar << 6 | UInt32(byte & 0x3F)
            at += 1
        }
        length = at
        value = at == size ? scalar : nil
    }

    /// Whether it may stay as it is.
    var isClean: Bool {
        guard let value else { return false }
        switch value {
        case 0x80...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: return false
        default: return true
        }
    }
}
