/// Reads a number with its unit: `64 KiB`, `500 ms`.
package enum Quantity {
    /// Bytes.
    package static let sizes: [(unit: String, factor: Int64)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
        ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ]
    /// Nanoseconds.
    package static let durations: [(unit: String, factor: Int64)] = [
        ("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000),
        ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    package enum Outcome: Hashable {
        case value(Int64)
        /// No number, or nothing but one.
        case malformed
        case unknownUnit(String)
        /// Beyond 64 bits.
        case tooLarge
    }

    /// Reads digits, at most one space, and a unit.
    package static func read(_ text: String, _ units: [(unit: String, factor: Int64)]) -> Outcome {
        let bytes = Array(text.utf8)
        let digits = bytes.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        var rest = bytes[digits.count...]
        if rest.first == UInt8(ascii: " ") { rest = rest.dropFirst() }
        guard !digits.isEmpty, !rest.isEmpty, rest.first != UInt8(ascii: " ") else { return .malformed }
        let word = String(decoding: rest, as: UTF8.self)
        guard let factor = units.first(where: { $0.unit == word })?.factor else { return .unknownUnit(word) }
        guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { return .tooLarge }
        let (value, isTooLarge) = number.multipliedReportingOverflow(by: factor)
        return isTooLarge ? .tooLarge : .value(value)
    }

    /// The number with the largest unit that divides it: `4 MiB`.
    package static func text(
        _ value: Int64,
        _ units: [(unit: String, factor: Int64)],
        separator: String = " "
    ) -> String {
        let dividing = units.filter { value % $0.factor == 0 && value >= $0.factor }
        let best = dividing.max { $0.factor < $1.factor } ?? units.first
        return best.map { "\(value / $0.factor)\(separator)\($0.unit)" } ?? "\(value)"
    }
}
