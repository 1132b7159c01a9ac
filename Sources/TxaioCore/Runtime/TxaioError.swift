/// What goes wrong in the use of futures and timers.
public enum TxaioError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No framework was selected.
    case notSelected
    /// Another framework was selected before.
    case alreadySelected(EventFramework)
    /// A future was to be made both fulfilled and failed.
    case bothResultAndError
    /// A future was resolved or rejected that was so already.
    case alreadyResolved
    /// A batched timer's bucket is not longer than nothing; holds what was given, in seconds.
    case invalidBucket(Double)
    /// A batched timer's chunks are not to have at least one call; holds what was given.
    case invalidChunkSize(Int)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .notSelected:
            "To use txaio, you must first select a framework with Txaio.useConcurrency() or Txaio.useNIO(_:)"
        case .alreadySelected(let framework): "Explicitly using '\(framework)' already"
        case .bothResultAndError: "Cannot have both result and error."
        case .alreadyResolved: "The future is resolved, rejected or cancelled already."
        case .invalidBucket(let seconds): "secondsPerBucket must be > 0.0 and finite, is \(seconds)"
        case .invalidChunkSize(let size): "chunkSize must be at least 1, is \(size)"
        }
    }
}
