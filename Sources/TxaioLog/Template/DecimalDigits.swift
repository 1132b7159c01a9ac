/// The decimal digits of a finite double's magnitude, without zeros at the end.
///
/// The value is 0.DIGITS times ten to the power of `point`. The digits are exact: a double is a whole number times a power
/// of two, and two to the power of -n is five to the power of n, shifted by n decimal places. Rounding is of that exact
/// value, ties to even, as CPython's `dtoa` does it.
internal struct DecimalDigits {
    /// Room for the digits of any double: the longest, a denormal, has 767.
    internal static let room = 800
    /// Room for a whole number of so many digits, nine in each limb.
    private static let limbs = 90
    private static let limbBase: UInt64 = 1_000_000_000

    internal let digits: UnsafeMutablePointer<UInt8>
    internal private(set) var count = 0
    internal private(set) var point = 0

    /// Lets `body` use room for digits, on the stack.
    internal static func withRoom(_ body: (UnsafeMutablePointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { bytes in
            guard let base = bytes.baseAddress else { return }
            body(base.assumingMemoryBound(to: UInt8.self))
        }
    }

    /// All digits of `value`, whose sign is ignored.
    ///
    /// It must be finite.
    internal init(exactly value: Double, in digits: UnsafeMutablePointer<UInt8>) {
        self.digits = digits
        guard value != 0 else {
            setZero()
            return
        }
        let isNormal = value.exponentBitPattern != 0
        var significand = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
        var exponent = (isNormal ? Int(value.exponentBitPattern) : 1) - 1075
        let zeros = significand.trailingZeroBitCount
        significand >>= UInt64(zeros)
        exponent += zeros
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.limbs) { limbs in
            guard let limbs = limbs.baseAddress else { return }
            var used = 0
            while significand > 0 {
                limbs[used] = UInt32(truncatingIfNeeded: significand % Self.limbBase)
                significand /= Self.limbBase
                used += 1
            }
            var power = abs(exponent)
            // 5^13 and 2^29 are the largest that keep a product within 64 bits.
            let (factor, step): (UInt64, Int) = exponent < 0 ? (1_220_703_125, 13) : (1 << 29, 29)
            while power >= step {
                Self.multiply(limbs, &used, by: factor)
                power -= step
            }
            var rest: UInt64 = 1
            for _ in 0..<power { rest *= exponent < 0 ? 5 : 2 }
            if rest > 1 { Self.multiply(limbs, &used, by: rest) }
            write(limbs, used)
        }
        if exponent < 0 { point += exponent }
        dropZeros()
    }

    private static func multiply(_ limbs: UnsafeMutablePointer<UInt32>, _ used: inout Int, by factor: UInt64) {
        var carry: UInt64 = 0
        for index in 0..<used {
            let product = UInt64(limbs[index]) &* factor &+ carry
            carry = product / limbBase
            limbs[index] = UInt32(truncatingIfNeeded: product &- carry &* limbBase)
        }
        while carry > 0, used < Self.limbs {
            limbs[used] = UInt32(truncatingIfNeeded: carry % limbBase)
            carry /= limbBase
            used += 1
        }
    }

    /// Writes the limbs' digits, the highest first, without leading zeros.
    private mutating func write(_ limbs: UnsafeMutablePointer<UInt32>, _ used: Int) {
        for index in stride(from: used - 1, through: 0, by: -1) {
            var limb = limbs[index]
            var width = 9
            if index == used - 1 {
                width = 1
                var bound: UInt32 = 10
                while width < 9, limb >= bound {
                    width += 1
                    bound *= 10
                }
            }
            guard count + width <= Self.room else { break }
            for place in stride(from: width - 1, through: 0, by: -1) {
                digits[count + place] = 0x30 &+ UInt8(truncatingIfNeeded: limb % 10)
                limb /= 10
            }
            count += width
        }
        point = count
    }

    /// The digits of a text such as `-12.5e+20`, which is how the standard library spells the shortest ones.
    internal init(parsing text: UnsafeRawBufferPointer, in digits: UnsafeMutablePointer<UInt8>) {
        self.digits = digits
        var exponent = 0
        var at = 0
        var sawPoint = false
        var leading = 0
        while at < text.count, text[at] | 0x20 != 0x65 {
            let byte = text[at]
            at += 1
            if byte == 0x2E {
                sawPoint = true
            } else if byte >= 0x30, byte <= 0x39 {
                if count == 0, byte == 0x30 {
                    if sawPoint { leading += 1 }
                    continue
                }
                if count < Self.room {
                    digits[count] = byte
                    count += 1
                }
                if !sawPoint { point += 1 }
            }
        }
        if at < text.count {
            let isNegative = at + 1 < text.count && text[at + 1] == 0x2D
            for byte in text[(at + 1)...] where byte >= 0x30 && byte <= 0x39 && exponent < 10_000 {
                exponent = exponent * 10 + Int(byte - 0x30)
            }
            if isNegative { exponent = -exponent }
        }
        guard count > 0 else {
            setZero()
            return
        }
        point += exponent - leading
        dropZeros()
    }

    private mutating func setZero() {
        digits[0] = 0x30
        count = 1
        point = 1
    }

    private mutating func dropZeros() {
        while count > 0, digits[count - 1] == 0x30 { count -= 1 }
    }

    /// Whether it is nothing but zero.
    internal var isZero: Bool { count == 0 || (count == 1 && digits[0] == 0x30) }

    /// Rounds to `wanted` digits.
    internal mutating func round(toDigits wanted: Int) { if !isZero { round(keeping: wanted) } }

    /// Rounds to `places` digits behind the decimal point.
    internal mutating func round(toPlaces places: Int) {
        guard !isZero else { return }
        round(keeping: point + places)
        if count == 0 { point = -places }
    }

    private mutating func round(keeping kept: Int) {
        guard kept < count else { return }
        guard kept >= 0 else {
            count = 0
            return
        }
        let next = digits[kept]
        // Digits behind the next one are not all zeros: the last of all is none.
        let isOdd = kept > 0 && digits[kept - 1] & 1 == 1
        let goesUp = next > 0x35 || (next == 0x35 && (kept + 1 < count || isOdd))
        count = kept
        if goesUp {
            while count > 0, digits[count - 1] == 0x39 { count -= 1 }
            if count == 0 {
                digits[0] = 0x31
                count = 1
                point += 1
            } else {
                digits[count - 1] += 1
            }
        } else {
            dropZeros()
        }
    }
}
