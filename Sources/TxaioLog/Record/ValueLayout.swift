internal import CTxaio

/// How a pair of a name and a value of any type lies in memory.
///
/// The value's words, then its type's address, then its conformance. That is no promise of the language: it is checked
/// once with values of known types, and where it does not hold they are read the plain way.
internal enum ValueLayout {
    @inline(__always) internal static var stride: Int { 64 }
    @inline(__always) internal static var box: Int { 24 }
    @inline(__always) private static var typeOffset: Int { 24 }
    @inline(__always) private static var nameFlags: Int { 16 }

    @inline(__always)
    private static func address(_ type: Any.Type) -> UInt { unsafeBitCast(type, to: UInt.self) }

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
        @inline(__always)
        internal func encode(_ pairs: UnsafeRawPointer, count: Int, into writer: inout RecordWriter) {
            let knowsStrings = StringLayout.isKnown
            var pair = pairs
            // In a local, so that it stays in a register.
            var pen = writer
            for _ in 0..<count {
                pen.put(pair.load(as: UInt64.self))
                pen.put(UInt32(truncatingIfNeeded: pair.load(fromByteOffset: 8, as: UInt64.self)))
                let value = pair + box
                let type = value.load(fromByteOffset: typeOffset, as: UInt.self)
                if type == string {
                    if knowsStrings, let bytes = StringLayout.bytes(unchecked: value), pen.hasRoom(bytes.count) {
                        pen.put(RecordTag.string)
                        pen.put(UInt32(truncatingIfNeeded: bytes.count))
                        pen.copy(bytes)
                    } else {
                        writer = pen
                        writer.string(value.assumingMemoryBound(to: String.self).pointee)
                        pen = writer
                    }
                } else if type == int {
                    pen.int(value.load(as: Int64.self))
                } else if type == double {
                    pen.double(value.load(as: Double.self))
                } else if type == bool {
                    pen.bool(value.load(as: UInt8.self) & 1 != 0)
                } else {
                    writer = pen
                    value.assumingMemoryBound(to: (any LogValue).self).pointee.encode(into: &writer)
                    pen = writer
                }
                pair += stride
            }
            writer = pen
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
        txaio_set_existentials_checked(holds ? 1 : 2)
        return holds
    }
}
