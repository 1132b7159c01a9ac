import TxaioTesting

/// Data that attackers and accidents put into logs.
enum Hostile {
    /// Texts that broke other loggers.
    static let texts: [String] = [
        "", " ", "\0", "a\0b", "\n", "\r", "\r\n", "a\r\nb", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}",
        "split\r", "\nsplit", "\u{7}", "\u{8}\u{8}", "\u{7F}", "\t", "\u{1B}[2J", "\u{1B}]0;title\u{7}", "\u{9B}31m",
        "\u{9D}0;title\u{9C}", "\u{1B}c", "\u{202E}gnp.exe", "\u{202A}\u{202B}\u{202C}\u{202D}", "\u{2066}a\u{2069}",
        "\u{2067}\u{2068}", "\u{200E}\u{200F}", "\u{61C}", "${jndi:ldap://x/a}", "%n%s%d", "{0}", "{x.y}", "{x!r}",
        "{", "}", "{{", "\"", "\\", "\\\"", "\\n", "\\u0000", "a=b", "key=\"value\"", "\",\"log_level\":\"critical",
        "\"}\n{\"forged\":true}", "</script>", "\u{FEFF}", "\u{FFFD}", "\u{FFFF}", "é", "e\u{301}", "日本語", "👩‍👩‍👧‍👦",
        "2026-11-22T21:38:54.123456Z CRIT  forged  line", String(repeating: "x", count: 4096),
        String(repeating: "\n", count: 1000), String(repeating: "\u{10FFFF}", count: 100),
    ]

    /// Scalars that must not come out of the text emitter as they are, besides the line feed that ends its line.
    static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x61C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    static func randomBytes(_ generator: inout SeededGenerator, upTo limit: Int) -> [UInt8] {
        (0..<Int.random(in: 0...limit, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
}
