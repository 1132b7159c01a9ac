internal import CTxaio
internal import Synchronization

/// How large records may grow.
package enum RecordLimits {
    /// What a thread's memory for records begins with.
    package static let initial = Int(TXAIO_BUFFER_HOME)
    /// What it is cut back to after a record that was larger.
    package static let kept = 256 << 10
    /// What `current` begins with.
    package static let standard = 4 << 20
    /// How many fields a record counts.
    package static let fields = Int(UInt16.max)
    /// Within what `current` must lie.
    package static let range = (64 << 10)...(256 << 20)

    private static let limit = Atomic<Int>(standard)

    /// The bytes that one event's record may have.
    ///
    /// Threads' own memory for records takes it over with the first event, and after one that was large.
    package static var current: Int {
        get { limit.load(ordering: .relaxed) }
        set { limit.store(min(max(newValue, range.lowerBound), range.upperBound), ordering: .relaxed) }
    }
}
