public import TxaioLog

public enum SharedName {
    /// The tests make another logger of this name in a file of theirs.
    public static let log = makeLogger("fixture.shared-name")
}
