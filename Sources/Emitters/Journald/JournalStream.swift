internal import TxaioLog

extension JournaldEmitter {
    /// Whether a descriptor is connected to journald, so that native entries may take the place of what is written
    /// there.
    ///
    /// systemd sets `$JOURNAL_STREAM` to the device and inode of the stream it made. The variable alone proves
    /// nothing: children inherit it, and redirections leave it behind. Only where the open descriptor is the very
    /// file it names is the answer true. Mirrors systemd.exec(5).
    ///
    /// - Parameter descriptor: 1 is standard output, 2 standard error.
    public static func isStream(_ descriptor: Int32) -> Bool {
        isStream(descriptor, variable: Platform.environment("JOURNAL_STREAM"))
    }

    /// Whether standard error is connected to journald, or standard output where standard error is not.
    public static var isStreamConnected: Bool { isStream(2) || isStream(1) }

    package static func isStream(_ descriptor: Int32, variable: String?) -> Bool {
        guard let variable, let named = JournalStreamName(variable) else { return false }
        guard let open = SystemCall.identity(of: descriptor) else { return false }
        return open.device == named.device && open.inode == named.inode
    }
}

/// `$JOURNAL_STREAM`: two decimal numbers with a colon between them, nothing else.
package struct JournalStreamName: Hashable {
    package let device: UInt64
    package let inode: UInt64

    package init?(_ text: String) {
        let parts = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard parts.count == 2, let device = Self.number(parts[0]), let inode = Self.number(parts[1]) else {
            return nil
        }
        self.device = device
        self.inode = inode
    }

    /// Digits only: `UInt64("+1")` would be 1.
    private static func number(_ digits: Substring.UTF8View) -> UInt64? {
        guard !digits.isEmpty, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
        return UInt64(String(Substring(digits)))
    }
}
