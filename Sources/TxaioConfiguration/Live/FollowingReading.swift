#if Configuration
internal import TxaioEmitters

extension LoggingConfiguration.Following {
    /// Reads what stands under `reload:`.
    ///
    /// An absent section reads as an empty one.
    internal init(_ read: inout EmitterOptions) {
        self.init(
            watch: read.bool("watch", default: true),
            hangup: read.bool("hangup", default: true),
            verbosity: read.bool("verbosity", default: false)
        )
    }
}
#endif
