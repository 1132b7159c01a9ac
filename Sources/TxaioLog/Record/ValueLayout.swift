internal import CTxaio

/// How a pair of a name and a value of any type lies in memory.
///
/// The value's words, then its type's address, then its conformance. That is no promise of the language: it is checked
/// once with values of known types, and where it does not hold they are read the plain way.
internal enum ValueLayout {
    @inline(__always) internal static var stride: Int { 64 }
    @inline(__always) internal static var box: Int { 24 }
    @inline(__always) private static var typeOffset: Int { 24 }

    @inline(__always)
    private static func address(_ type: Any.Type) -> UInt { unsafeBitCast(type, to: UInt.self) }

    /// Whether the value in a box is of a type that ``encode(_:into:)`` reads in place.
    @inline(__always)
    internal static func isCommon(_ box: UnsafeRawPointer) -> Bool {
        let type = box.load(fromByteOffset: typeOffset, as: UInt.self)
        return type == address(Int.self) || type == address(String.self) || type == address(Double.self)
            || type == address(Bool.self)
    }

    @inline(__always)
    internal static func isString(_ box: UnsafeRawPointer) -> Bool {
        box.load(fromByteOffset: typeOffset, as: UInt.self) == address(String.self)
    }

    @inline(__always)
    internal static func encode(_ box: UnsafeRawPointer, into writer: inout RecordWriter) {
        let type = box.load(fromByteOffset: typeOffset, as: UInt.self)
        if type == address(Int.self) {
            writer.int(Int64(box.load(as: Int.self)))
        } else if type == address(String.self) {
            if let bytes = StringLayout.bytes(at: box) {
                writer.string(bytes)
            } else {
                writer.string(box.assumingMemoryBound(to: String.self).pointee)
            }
        } else if type == address(Double.self) {
            writer.double(box.load(as: Double.self))
        } else if type == address(Bool.self) {
            writer.bool(box.load(as: UInt8.self) & 1 != 0)
        } else {
            box.assumingMemoryBound(to: (any LogValue).self).pointee.encode(into: &writer)
        }
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
