/// Shows text that was found somewhere in a message: on one line, harmless to a terminal, and short.
package enum Quotation {
    /// The text between single quotation marks, cut after 60 bytes; controls and invisible marks are shown escaped.
    package static func of(_ text: some StringProtocol) -> String {
        var shown = "'"
        var budget = 60
        for scalar in text.unicodeScalars {
            budget -= UTF8.width(scalar)
            guard budget >= 0 else {
                shown += "…"
                break
            }
            if isHarmful(scalar) {
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown + "'"
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: true
        default: false
        }
    }
}
