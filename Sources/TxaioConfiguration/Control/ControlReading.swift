#if Configuration
internal import TxaioEmitters
internal import TxaioLog

extension LoggingConfiguration {
    /// The socket by which the tool `txaio` talks to the running service.
    public struct Control: Sendable, Hashable {
        /// Where it lies, at most 107 bytes; a relative path starts at the working directory.
        ///
        /// Nobody but the process's own user, and root, can talk to it.
        public var socket: String

        internal var position: OptionPosition?

        /// Takes a path.
        public init(socket: String) { self.socket = socket }
    }
}

extension LoggingConfiguration.Control {
    /// What the system's addresses have room for.
    private static let longestPath = 107

    /// Reads what stands under `control:`; `nil` where nothing does.
    internal init?(_ read: inout EmitterOptions) {
        guard let path = read.stringIfPresent("socket") else { return nil }
        position = read.value("socket")?.position
        socket = path
        if path.isEmpty || path.utf8.count > Self.longestPath || path.utf8.contains(0) {
            read.fault("socket", "'control.socket' must be a path of 1 to \(Self.longestPath) bytes")
        }
    }
}
#endif
