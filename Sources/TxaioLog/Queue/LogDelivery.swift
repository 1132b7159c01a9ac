/// How events get from the threads that log to the emitters.
public struct LogDelivery: Sendable {
    private let make: @Sendable () -> EventQueue?

    /// The thread that logs renders and writes before its call returns.
    ///
    /// The default.
    public static let direct = LogDelivery { nil }

    /// The thread that logs commits a record and goes on; a thread of the logger renders and writes.
    ///
    /// The caller makes no system call. Rings lie in `storage`; what they hold when the process dies is lost unless the
    /// storage outlives it.
    public static func queued(
        _ options: QueueOptions = QueueOptions(),
        storage: any RingStorage = MemoryRingStorage()
    ) -> LogDelivery {
        LogDelivery { EventQueue(options: options, storage: storage) }
    }

    private init(_ make: @escaping @Sendable () -> EventQueue?) { self.make = make }

    internal func makeQueue() -> EventQueue? { make() }
}
