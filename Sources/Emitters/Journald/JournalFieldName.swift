internal import TxaioLog

/// Turns the names of values into names that journald stores.
///
/// journald takes `[A-Z0-9_]`, 1 to 64 bytes, no `_` and no digit first, and drops a field of any other name without
/// a word. So: letters become capitals, every other character becomes one `_`; a name that then begins with `_` or a
/// digit, or is one that this emitter or journald gives a meaning of its own, gets `DATA_` before it; an empty one is
/// `DATA_EMPTY`. One over 64 bytes keeps its first 55 and ends with `_` and eight hexadecimal digits of its hash. Two
/// names of an event that come out the same are told apart by a number: `X_Y`, `X_Y_2`, `X_Y_3`.
package struct JournalFieldName: ~Copyable {
    /// The longest name that journald takes.
    package static var maximumLength: Int { 64 }

    private var bytes = ByteBuffer(capacity: 512)
    private var start = 0
    private var taken = TakenNames()
    private var cache = JournalNameCache()
    /// Whether the field's name in small letters is the original one, so that nobody needs to be told what that was.
    package private(set) var isRestorable = true

    package init() {}

    /// Forgets the names of the event before.
    package mutating func beginEvent() { taken.beginEvent() }

    /// Lets `body` read the name that was made last.
    @inline(__always)
    package borrowing func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        let start = start
        return bytes.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Forgets which names were made, for other reserved ones.
    package mutating func forget() { cache.removeAll() }

    /// Makes the field's name of a value's name, unlike all others of the event.
    ///
    /// `reserved` is the same at each call, or ``forget()`` was called in between.
    package mutating func make(_ name: UnsafeRawBufferPointer, reserved: [UInt64]) {
        let hash: UInt64
        if let known = cache.find(name) {
            bytes.truncate(to: 0)
            bytes.append(known.text)
            start = known.start
            isRestorable = known.isRestorable
            hash = known.hash
        } else {
            hash = makeAnew(name, reserved: reserved)
        }
        tellApart(hash)
    }

    /// Makes a name that was not made lately, and returns its hash.
    @inline(never)
    private mutating func makeAnew(_ name: UnsafeRawBufferPointer, reserved: [UInt64]) -> UInt64 {
        var plain = true
        let original = write(name, isPlain: &plain)
        let bare = Self.prefix.utf8CodeUnitCount
        var hash = withMade { FNV.hash($0) }
        if withMade({ $0.isEmpty }) {
            bytes.append("EMPTY")
            start = 0
        } else if withMade({ JournalReservedNames.cannotBegin($0) || JournalReservedNames.contains($0) })
            || reserved.contains(hash)
        {
            start = 0
        }
        if bytes.count - start > Self.maximumLength {
            shorten(to: Self.maximumLength, hash: original)
            plain = false
        }
        if start != bare || !plain { hash = withMade { FNV.hash($0) } }
        isRestorable = plain && start == bare
        let (start, isRestorable) = (start, isRestorable)
        bytes.withBytes {
            cache.keep(name, as: .init(text: $0, start: start, hash: hash, isRestorable: isRestorable))
        }
        return hash
    }

    /// Gives the name a number where another of the event's has it already.
    private mutating func tellApart(_ hash: UInt64) {
        var number = taken.insert(hash)
        guard number > 1 else { return }
        isRestorable = false
        let length = bytes.count
        repeat {
            // A made-up name may be another value's own: look again until it is nobody's.
            bytes.truncate(to: length)
            let digits = Self.digits(number)
            bytes.truncate(to: min(length, start + Self.maximumLength - digits - 1))
            bytes.append(0x5F)
            bytes.append(decimal: UInt64(number))
            if taken.insertNew(withMade { FNV.hash($0) }) { return }
            number = taken.insert(hash)
        } while number < UInt32.max
    }

    private static var prefix: StaticString { "DATA_" }

    private borrowing func withMade<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { withBytes(body) }

    /// Writes prefix and mangled name, and returns the original's hash.
    private mutating func write(_ name: UnsafeRawBufferPointer, isPlain: inout Bool) -> UInt64 {
        bytes.truncate(to: 0)
        bytes.append(Self.prefix)
        start = bytes.count
        var hash = FNV.basis
        var room = Self.maximumLength + 1
        for byte in name {
            hash = FNV.step(hash, byte)
            let mangled: UInt8
            switch byte {
            case 0x61...0x7A: mangled = byte &- 0x20
            case 0x30...0x39, 0x5F: mangled = byte
            case 0x41...0x5A:
                mangled = byte
                isPlain = false
            case 0x80...0xBF:
                isPlain = false
                continue
            default:
                mangled = 0x5F
                isPlain = false
            }
            if room > 0 {
                bytes.append(mangled)
                room -= 1
            }
        }
        return hash
    }

    private mutating func shorten(to length: Int, hash: UInt64) {
        bytes.truncate(to: start + length - 9)
        bytes.append(0x5F)
        let short = UInt32(truncatingIfNeeded: hash ^ (hash >> 32))
        var shift: UInt32 = 32
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: (short >> shift) & 15)
            bytes.append(digit < 10 ? 0x30 &+ digit : 0x37 &+ digit)
        }
    }

    private static func digits(_ number: UInt32) -> Int {
        var (rest, count) = (number, 1)
        while rest >= 10 {
            rest /= 10
            count += 1
        }
        return count
    }
}

/// FNV-1a with 64 bits: short names need no better.
internal enum FNV {
    static var basis: UInt64 { 0xCBF2_9CE4_8422_2325 }

    @inline(__always)
    static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = basis
        for byte in bytes { hash = step(hash, byte) }
        return hash
    }
}

/// Names that no value may take: this emitter's own, and those that journald and journalctl give a meaning.
internal enum JournalReservedNames {
    static func cannotBegin(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let first = name.first else { return true }
        return first == 0x5F || (first >= 0x30 && first <= 0x39)
    }

    /// Takes a name that is in capitals already.
    static func contains(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.first {
        case UInt8(ascii: "M"): name.isEqual("MESSAGE") || name.isEqual("MESSAGE_ID")
        case UInt8(ascii: "P"): name.isEqual("PRIORITY")
        case UInt8(ascii: "C"): name.hasPrefix("CODE_") || name.hasPrefix("COREDUMP_")
        case UInt8(ascii: "S"): name.hasPrefix("SYSLOG_")
        case UInt8(ascii: "T"): name.isEqual("TID") || name.hasPrefix("TXAIO_")
        // Of managers that speak about a unit; `journalctl -u` believes them.
        case UInt8(ascii: "U"):
            name.isEqual("UNIT") || name.hasPrefix("USER_UNIT") || name.hasPrefix("USER_INVOCATION_ID")
        case UInt8(ascii: "I"): name.isEqual("INVOCATION_ID")
        case UInt8(ascii: "O"): name.hasPrefix("OBJECT_")
        default: false
        }
    }
}

extension UnsafeRawBufferPointer {
    @inline(__always)
    internal func isEqual(_ literal: StaticString) -> Bool {
        count == literal.utf8CodeUnitCount && hasPrefix(literal)
    }

    @inline(__always)
    internal func hasPrefix(_ literal: StaticString) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard count >= length else { return false }
        for index in 0..<length where self[index] != literal.utf8Start[index] { return false }
        return true
    }
}

/// The field names of one event, by hash.
///
/// Clearing it is counting one up.
internal struct TakenNames: ~Copyable {
    private struct Slot {
        var hash: UInt64
        var event: UInt32
        var number: UInt32
    }

    // At most 1,024 fields are in an entry; a numbered one takes a slot as well as its base.
    private static var size: Int { 4096 }
    private let slots: UnsafeMutablePointer<Slot>
    private var event: UInt32 = 1

    init() {
        slots = .allocate(capacity: Self.size)
        slots.initialize(repeating: Slot(hash: 0, event: 0, number: 0), count: Self.size)
    }

    deinit { slots.deallocate() }

    mutating func beginEvent() {
        event &+= 1
        if event == 0 {
            slots.update(repeating: Slot(hash: 0, event: 0, number: 0), count: Self.size)
            event = 1
        }
    }

    /// Counts a name, and says how often it came now: 1 where it is new.
    mutating func insert(_ hash: UInt64) -> UInt32 {
        guard let slot = slot(of: hash) else { return 1 }
        slot.pointee.number &+= 1
        return slot.pointee.number
    }

    /// Counts a name if it is new.
    mutating func insertNew(_ hash: UInt64) -> Bool {
        guard let slot = slot(of: hash), slot.pointee.number > 0 else { return insert(hash) == 1 }
        return false
    }

    /// The slot of a hash, made where it is new; `nil` where there is no room.
    private mutating func slot(of hash: UInt64) -> UnsafeMutablePointer<Slot>? {
        var index = Int(truncatingIfNeeded: hash ^ (hash >> 29)) & (Self.size - 1)
        for _ in 0..<Self.size {
            let slot = slots + index
            if slot.pointee.event != event {
                slot.pointee = Slot(hash: hash, event: event, number: 0)
                return slot
            }
            if slot.pointee.hash == hash { return slot }
            index = (index + 1) & (Self.size - 1)
        }
        return nil
    }
}
