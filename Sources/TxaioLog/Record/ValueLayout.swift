internal import CTxaio

/// How a pair of a name and a value of any type lies in memory.
///
/// The value's words, then its type's address, then its conformance. That is no promise of the language: it is checked
/// once with values of known types, and where it does not hold they are read the plain way.
internal enum ValueLayout {
    @inline(__always) internal static var stride: Int { 64 }
    @inline(__always) internal static var box: Int { 24 }
    /// Where an array's elements begin, behind its object's own words.
    @inline(__always) internal static var elements: Int { 32 }
    @inline(__always) private static var typeOffset: Int { 24 }
    @inline(__always) private static var nameFlags: Int { 16 }

    @inline(__always)
    private static func address(_ type: Any.Type) -> UInt { unsafeBitCast(type, to: UInt.self) }

    /// What was seen of pairs while they were written.
    internal struct Findings {
        // Bit 0 is that of a name without an address, bit 7 that of a text that counts a reference, as each lies in memory.
        fileprivate var bits: UInt8 = 0

        @inline(__always)
        fileprivate init() {}

        /// Whether a pair must be written in another way: by the user's code, or without its name's address.
        @inline(__always)
        internal var areForeign: Bool { bits & 1 != 0 }

        /// Whether a value may count a reference.
        @inline(__always)
        internal var mayCount: Bool { bits & 0x80 != 0 }

        @inline(__always)
        fileprivate mutating func addString(_ place: UnsafeRawPointer) {
            bits |= ~place.load(fromByteOffset: 15, as: UInt8.self) & 0x80
        }

        @inline(__always)
        fileprivate mutating func addReference() { bits |= 0x80 }
    }

    /// The types whose values are read in place, for the length of a call.
    internal struct Types {
        private let int = address(Int.self)
        private let string = address(String.self)
        private let double = address(Double.self)
        private let bool = address(Bool.self)

        @inline(__always)
        internal init() {}

        /// Whether a pair has a name with an address, and a value that runs none of the user's code.
        @inline(__always)
        internal func areKnown(_ pair: UnsafeRawPointer) -> Bool {
            guard pair.load(fromByteOffset: nameFlags, as: UInt8.self) & 1 == 0 else { return false }
            let type = pair.load(fromByteOffset: box &+ typeOffset, as: UInt.self)
            return type == string || type == int || type == double || type == bool || isKnown(pair + box)
        }

        @inline(never)
        private func isKnown(_ value: UnsafeRawPointer) -> Bool {
            type(of: value.assumingMemoryBound(to: (any LogValue).self).pointee).runsNoUserCode
        }

        /// Whether a pair's name is empty.
        @inline(__always)
        internal func isUnnamed(_ pair: UnsafeRawPointer) -> Bool { pair.load(fromByteOffset: 8, as: UInt.self) == 0 }

        /// Writes up to eight pairs; there is room for their names and for scalars.
        ///
        /// Stops where a pair must be written in another way.
        @inline(__always)
        internal func encode(_ pairs: UnsafeRawPointer, count: Int, into writer: inout RecordWriter) -> Findings {
            let knowsStrings = StringLayout.isKnown
            var pair = pairs
            // In a local, so that it stays in a register.
            var pen = RecordWriter(sharing: writer)
            var found = Findings()
            for _ in 0..<count {
                pen.put(pair.load(as: UInt64.self))
                pen.put(UInt32(truncatingIfNeeded: pair.load(fromByteOffset: 8, as: UInt64.self)))
                found.bits |= pair.load(fromByteOffset: nameFlags, as: UInt8.self)
                let value = pair + box
                let type = value.load(fromByteOffset: typeOffset, as: UInt.self)
                if type == string {
                    if knowsStrings, StringLayout.isShort(value) {
                        pen.short(value)
                    } else if knowsStrings, let text = StringLayout.text(long: value), pen.hasRoom(text.count) {
                        found.addString(value)
                        pen.put(RecordTag.string)
                        pen.put(UInt32(truncatingIfNeeded: text.count))
                        pen.copy(UnsafeRawBufferPointer(start: text.start, count: text.count))
                    } else {
                        found.addReference()
                        writer = RecordWriter(sharing: pen)
                        writer.string(value.assumingMemoryBound(to: String.self).pointee)
                        pen = RecordWriter(sharing: writer)
                    }
                } else if type == int {
                    pen.int(value.load(as: Int64.self))
                } else if type == double {
                    pen.double(value.load(as: Double.self))
                } else if type == bool {
                    pen.bool(value.load(as: UInt8.self) & 1 != 0)
                } else {
                    found.addReference()
                    guard isKnown(value) else {
                        found.bits |= 1
                        return found
                    }
                    writer = RecordWriter(sharing: pen)
                    value.assumingMemoryBound(to: (any LogValue).self).pointee.encode(into: &writer)
                    pen = RecordWriter(sharing: writer)
                }
                pair += stride
            }
            writer = RecordWriter(sharing: pen)
            return found
        }

        /// Destroys the values of so many pairs where they lie, and leaves raw memory.
        @inline(__always)
        internal func destroy(_ pairs: UnsafeMutableRawPointer, count: Int) {
            var value = pairs + box
            for _ in 0..<count {
                let type = value.load(fromByteOffset: typeOffset, as: UInt.self)
                if type == string {
                    // Most are literals, or lie in the words themselves: they count no references.
                    if !StringLayout.isUncounted(value) {
                        value.assumingMemoryBound(to: String.self).deinitialize(count: 1)
                    }
                } else if type != int, type != double, type != bool {
                    destroy(value)
                }
                value += stride
            }
        }

        @inline(never)
        private func destroy(_ value: UnsafeMutableRawPointer) {
            value.assumingMemoryBound(to: (any LogValue).self).deinitialize(count: 1)
        }

        /// Writes pairs where there is room for so many bytes; returns their end.
        ///
        /// `nil` where a name has no address, a value is of none of the commonest types, or there is not enough room; only
        /// where ``StringLayout/isKnown``.
        @inline(__always)
        internal func encode(
            plain pairs: UnsafeRawPointer,
            count: Int,
            to memory: UnsafeMutableRawPointer,
            room: Int
        ) -> UnsafeMutableRawPointer? {
            var (pair, at, room) = (pairs, memory, room)
            var left = count
            while left > 0 {
                left &-= 1
                // A name, and the largest scalar.
                room &-= 21
                guard room >= 0, pair.load(fromByteOffset: nameFlags, as: UInt8.self) & 1 == 0 else { return nil }
                at.storeBytes(of: pair.load(as: UInt64.self), as: UInt64.self)
                let length = UInt32(truncatingIfNeeded: pair.load(fromByteOffset: 8, as: UInt64.self))
                at.storeBytes(of: length, toByteOffset: 8, as: UInt32.self)
                let value = pair + box
                let type = value.load(fromByteOffset: typeOffset, as: UInt.self)
                if type == string {
                    guard let (text, count) = StringLayout.text(unchecked: value), count <= room else { return nil }
                    room &-= count
                    at.storeBytes(of: RecordTag.string, toByteOffset: 12, as: UInt8.self)
                    at.storeBytes(of: UInt32(truncatingIfNeeded: count), toByteOffset: 13, as: UInt32.self)
                    txaio_copy(at + 17, text, count)
                    at += 17 &+ count
                } else if type == int || type == double {
                    at.storeBytes(of: type == int ? RecordTag.int : RecordTag.double, toByteOffset: 12, as: UInt8.self)
                    at.storeBytes(of: value.load(as: UInt64.self), toByteOffset: 13, as: UInt64.self)
                    at += 21
                } else if type == bool {
                    let isTrue = value.load(as: UInt8.self) & 1 != 0
                    at.storeBytes(of: isTrue ? RecordTag.yes : RecordTag.no, toByteOffset: 12, as: UInt8.self)
                    at += 13
                } else {
                    return nil
                }
                pair += stride
            }
            return at
        }
    }

    @inline(__always)
    internal static func isString(_ box: UnsafeRawPointer) -> Bool {
        box.load(fromByteOffset: typeOffset, as: UInt.self) == address(String.self)
    }

    internal static var isReadable: Bool {
        @inline(__always) get {
            let state = txaio_existentials_checked()
            return state == 0 ? check() : state == 1
        }
    }

    @inline(never)
    private static func check() -> Bool {
        let samples: [(StaticString, any LogValue)] = [
            ("a", 0x1234_5678_9ABC), ("bb", 2.5), ("ccc", true), ("dddd", "text of more than fifteen bytes"),
        ]
        var holds = MemoryLayout<(StaticString, any LogValue)>.stride == stride
        if holds {
            samples.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                for (index, type) in [
                    address(Int.self), address(Double.self), address(Bool.self), address(String.self),
                ]
                .enumerated() {
                    let element = base + index * stride
                    let name = element.assumingMemoryBound(to: StaticString.self).pointee
                    holds = holds && name.utf8CodeUnitCount == index + 1
                    holds = holds && element.load(as: UInt.self) == UInt(bitPattern: name.utf8Start)
                    holds = holds && element.load(fromByteOffset: 8, as: UInt.self) == index + 1
                    holds = holds && element.load(fromByteOffset: nameFlags, as: UInt8.self) & 1 == 0
                    holds = holds && element.load(fromByteOffset: box + typeOffset, as: UInt.self) == type
                }
                holds = holds && (base + box).load(as: Int.self) == 0x1234_5678_9ABC
                holds = holds && (base + stride + box).load(as: Double.self) == 2.5
                holds = holds && (base + 2 * stride + box).load(as: UInt8.self) == 1
            }
        }
        if holds { checkStackObjects(samples) }
        txaio_set_existentials_checked(holds ? 1 : 2)
        return holds
    }

    /// Finds out how to tell an array on the stack that nobody else has, where its elements begin as they should.
    private static func checkStackObjects(_ samples: [(StaticString, any LogValue)]) {
        let word = txaio_new_stack_references()
        let onHeap = Unmanaged.passRetained(OnHeap())
        defer { onHeap.release() }
        let object = unsafeBitCast(samples, to: UnsafeRawPointer.self)
        guard samples.withUnsafeBytes({ $0.baseAddress }) == object + elements,
            txaio_references(UnsafeRawPointer(onHeap.toOpaque())) != word
        else { return }
        txaio_set_stack_references(word)
    }

    private final class OnHeap {}
}
