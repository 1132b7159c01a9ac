#if Configuration
internal import TxaioEmitters

/// Counts lines and columns as the parser does: LF, CR and CR LF end a line, columns are scalars.
internal struct Place {
    private var line = 1
    private var column = 1
    private var afterReturn = false

    internal var position: OptionPosition { OptionPosition(line: line, column: column) }

    /// The place of a byte of a text.
    internal static func position(in text: String, at offset: Int) -> OptionPosition {
        var place = Place()
        var bytes = 0
        for scalar in text.unicodeScalars {
            if bytes >= offset { break }
            bytes += UTF8.width(scalar)
            place.pass(scalar)
        }
        return place.position
    }

    internal mutating func pass(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\n" where afterReturn: afterReturn = false
        case "\n", "\r":
            line += 1
            column = 1
            afterReturn = scalar == "\r"
        default:
            column += 1
            afterReturn = false
        }
    }
}
#endif
