/// What the tool's exit status says, whatever the subcommand.
///
/// 64 is wrong usage.
enum EndStatus: Int32 {
    /// All that was asked for was done.
    case done = 0
    /// Done but for what standard error names.
    case incomplete = 1
    /// Nothing could be done.
    case impossible = 2

    static let description = """
        Exit status: 0 all was done; 1 not all, and standard error says what was left; 2 nothing could be done; \
        64 wrong usage.
        """
}
