internal import CTxaio

/// How a pair of a name and a value of any type lies in memory.
///
/// The value's words, then its type's address, then its conformance. That is no promise of the language: it is checked
/// once with values of known types, and where it does not hold they are read the plain way.
internal enum ValueLayout {
    @inline(__always) internal static var stride: Int { Int(TXAIO_PAIR_SIZE) }
    @inline(__always) internal static var box: Int { Int(TXAIO_PAIR_VALUE) }
    /// Where an array's elements begin, behind its object's own words.
    @inline(__always) internal static var elements: Int { 32 }
    @inline(__always) private static var typeOffset: Int { Int(TXAIO_PAIR_TYPE) - Int(TXAIO_PAIR_VALUE) }
    @inline(__always) private static var nameFlags: Int { Int(TXAIO_PAIR_FLAGS) }

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
    }

    @inline(__always)
    internal static func isString(_ box: UnsafeRawPointer) -> Bool {
        box.load(fromByteOffset: typeOffset, as: UInt.self) == address(String.self)
    }

    internal static var isReadable: Bool {
        @inline(__always) get { txaio_existentials_checked() == 1 || isFoundReadable }
    }

    private static var isFoundReadable: Bool {
        @inline(never) get { txaio_existentials_checked() == 0 && check() }
    }

    @inline(never)
    private static func check() -> Bool {
        let samples: [(StaticString, any LogValue)] = [
            ("a", 0x1234_5678_9ABC), ("bb", 2.5), ("ccc", true), ("dddd", "text of more than fifteen bytes"),
        ]
        var holds = StringLayout.isKnown && MemoryLayout<(StaticString, any LogValue)>.stride == stride
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
        if holds {
            let (int, string, double, bool) = (
                address(Int.self), address(String.self), address(Double.self), address(Bool.self)
            )
            txaio_pairs_learn(UInt64(int), UInt64(string), UInt64(double), UInt64(bool))
            checkStackObjects(samples)
        }
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
