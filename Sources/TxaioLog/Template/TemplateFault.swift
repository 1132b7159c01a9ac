/// What the parser found wrong.
///
/// It is kept in its place and reported when formatting arrives there, as CPython does, which formats while it parses.
internal enum TemplateFault: UInt8 {
    case none
    case singleOpeningBrace
    case singleClosingBrace
    case openingBraceInName
    case endInConversion
    case noColonAfterConversion
    case openSpecification
    case openField
    case emptyAttribute
    case openBracket
    case textAfterBracket
    case tooManyDigits
    case tooDeep
    case unknownConversion

    internal var code: TemplateError.Code { self == .tooManyDigits ? .value : .syntax }

    internal func message(conversion: UInt32 = 0) -> String {
        switch self {
        case .none: ""
        case .singleOpeningBrace: "Single '{' encountered in format string"
        case .singleClosingBrace: "Single '}' encountered in format string"
        case .openingBraceInName: "unexpected '{' in field name"
        case .endInConversion: "end of string while looking for conversion specifier"
        case .noColonAfterConversion: "expected ':' after conversion specifier"
        case .openSpecification: "unmatched '{' in format spec"
        case .openField: "expected '}' before end of string"
        case .emptyAttribute: "Empty attribute in format string"
        case .openBracket: "Missing ']' in format string"
        case .textAfterBracket: "Only '.' or '[' may follow ']' in format field specifier"
        case .tooManyDigits: "Too many decimal digits in format string"
        case .tooDeep: "Max string recursion exceeded"
        case .unknownConversion: "Unknown conversion specifier \(printable(conversion, below: 127))"
        }
    }
}

/// A scalar in an error's text: itself if it is ASCII and visible, else `\x` and its number.
internal func printable(_ scalar: UInt32, below limit: UInt32 = 128) -> String {
    if scalar > 32, scalar < limit, let shown = Unicode.Scalar(scalar) { return String(Character(shown)) }
    return "\\x" + String(scalar, radix: 16)
}
