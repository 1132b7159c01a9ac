internal import TxaioLog

/// The name of a file that was put aside: `app.log.20261123T011500.123456Z`.
///
/// Pure. Names compare byte by byte, never by what Unicode holds to be the same.
internal struct RotatedName: Hashable {
    internal enum Form: String, CaseIterable {
        case plain = ""
        case compressed = ".gz"
        /// What a compression writes until it is complete.
        case unfinished = ".gz.part"
    }

    /// `20261123T011500.123456Z`: later ones are greater.
    let stamp: String
    let form: Form

    internal init(stamp: String, form: Form = .plain) {
        self.stamp = stamp
        self.form = form
    }

    /// Reads the name of a file that was put aside for the file named `base`; `nil` for any other.
    internal init?(_ name: String, of base: String) {
        let (name, base) = (Array(name.utf8), Array(base.utf8))
        let (stampStart, stampEnd) = (base.count + 1, base.count + 1 + Self.pattern.utf8CodeUnitCount)
        guard name.count >= stampEnd, name.starts(with: base), name[base.count] == UInt8(ascii: ".") else { return nil }
        let rest = String(decoding: name[stampEnd...], as: UTF8.self)
        guard Self.isStamp(name[stampStart..<stampEnd]), let form = Form(rawValue: rest) else { return nil }
        stamp = String(decoding: name[stampStart..<stampEnd], as: UTF8.self)
        self.form = form
    }

    /// The whole name, behind the file's own.
    internal func name(of base: String) -> String { "\(base).\(stamp)\(form.rawValue)" }

    /// The stamp of a time in nanoseconds since 1970.
    internal static func stamp(of time: Int64) -> String {
        var text = ByteBuffer(capacity: 64)
        var timestamp = Timestamp()
        timestamp.append(time, to: &text)
        return text.withBytes { bytes in
            String(decoding: bytes.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }, as: UTF8.self)
        }
    }

    private static let pattern: StaticString = "00000000T000000.000000Z"

    private static func isStamp(_ bytes: ArraySlice<UInt8>) -> Bool {
        let digit = UInt8(ascii: "0")
        let isShaped = pattern.withUTF8Buffer { pattern in
            zip(bytes, pattern).allSatisfy { byte, expected in
                expected == digit ? byte >= digit && byte <= UInt8(ascii: "9") : byte == expected
            }
        }
        guard isShaped else { return false }
        func pair(_ offset: Int) -> UInt8 {
            let index = bytes.startIndex + offset
            return (bytes[index] - digit) * 10 + bytes[index + 1] - digit
        }
        return (1...12).contains(pair(4)) && (1...31).contains(pair(6))
            && pair(9) < 24 && pair(11) < 60 && pair(13) < 60
    }
}
