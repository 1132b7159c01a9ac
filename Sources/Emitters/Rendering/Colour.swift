/// Whether a text emitter colours its lines.
public struct ColourChoice: Sendable, Hashable, CustomStringConvertible {
    /// The name in files: `auto`, `always`, `never`.
    public let description: String
    private init(_ description: String) { self.description = description }

    /// As terminal and environment have it, decided once, when the emitter is made, for its own stream.
    ///
    /// 1. `NO_COLOR` that is not empty: no.
    /// 2. `FORCE_COLOR` or `CLICOLOR_FORCE` that is not empty: yes; but no where it is `0` or `false`.
    /// 3. `TERM=dumb` or `CLICOLOR=0`: no.
    /// 4. Yes if the stream is a terminal, else no.
    public static let automatic = ColourChoice("auto")
    /// Always, whatever the environment says.
    public static let always = ColourChoice("always")
    /// Never, whatever the environment says.
    public static let never = ColourChoice("never")

    internal static let all = [automatic, always, never]

    /// Decides; `environment` gives a variable's value.
    package func isOn(terminal: Bool, environment: (String) -> String?) -> Bool {
        if self == .always { return true }
        if self == .never { return false }
        func set(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        if set("NO_COLOR") != nil { return false }
        if let forced = set("FORCE_COLOR") ?? set("CLICOLOR_FORCE") { return forced != "0" && forced != "false" }
        if set("TERM") == "dumb" || set("CLICOLOR") == "0" { return false }
        return terminal
    }
}
