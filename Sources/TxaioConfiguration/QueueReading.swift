#if Configuration
internal import TxaioEmitters
internal import TxaioLog
internal import TxaioRecovery

extension LoggingConfiguration.Queue {
    /// Bytes that one ring may have.
    private static let ringBounds = (64 << 10)...(64 << 20)
    private static let totalBounds = (128 << 10)...(4 << 30)
    private static let outboxBounds = (64 << 10)...(1 << 30)
    private static let longestWait = Duration.zero ... .seconds(60)

    /// Reads what stands under `queue:`.
    ///
    /// An absent section reads as an empty one.
    internal init(_ read: inout EmitterOptions) {
        var options = QueueOptions()
        options.ringBytes = read.size("ring", in: Self.ringBounds, default: options.ringBytes)
        let total = read.sizeIfPresent("total", in: Self.totalBounds)
        Self.checkTotal(total, options.ringBytes, &read)
        options.totalBytes = total ?? max(options.totalBytes, 2 * options.ringBytes)
        options.outboxBytes = read.size("outbox", in: Self.outboxBounds, default: options.outboxBytes)
        options.overflow = Self.policy("overflow", "wait", default: options.overflow, &read)
        options.errorOverflow = Self.policy("error_overflow", "error_wait", default: options.errorOverflow, &read)
        options.spins = read.bool("spin", default: false)
        options.handlesFatalSignals = read.bool("fatal_signals", default: false)
        let survives = read.bool("survive", default: true)
        let service = read.stringIfPresent("service")
        if let service, !RingDirectory.isName(service) {
            let form = "at most 100 letters, digits, '.', '_' and '-', the first no dot"
            read.fault("service", "'queue.service' must have \(form), unlike \(Quotation.of(service))")
        }
        let directory = read.stringIfPresent("directory")
        if let directory, directory.isEmpty || directory.utf8.contains(0) {
            read.fault("directory", "'queue.directory' is no path")
        }
        if !survives {
            if service != nil { read.fault("service", "'queue.service' goes with 'survive: true'") }
            if directory != nil { read.fault("directory", "'queue.directory' goes with 'survive: true'") }
        }
        // The service may change its working directory before it starts logging.
        let place = directory.map(RingDirectory.absolute)
        self.init(options, survives: survives, service: service, directory: place)
        position = read.position
    }

    /// A thread that finds no ring loses its events, so there must be room for two at least.
    private static func checkTotal(_ total: Int?, _ ring: Int, _ read: inout EmitterOptions) {
        guard let total else { return }
        // Rings are powers of two.
        var rounded = ringBounds.lowerBound
        while rounded < ring { rounded *= 2 }
        guard total < 2 * rounded else { return }
        let size = rounded < 1 << 20 ? "\(rounded >> 10) KiB" : "\(rounded >> 20) MiB"
        read.fault("total", "'queue.total' must have room for two rings of \(size)")
    }

    private static func policy(
        _ key: String,
        _ waitKey: String,
        default fallback: OverflowPolicy,
        _ read: inout EmitterOptions
    ) -> OverflowPolicy {
        let choice = read.choiceIfPresent(key, of: ["drop newest", "drop oldest", "wait"])
        let wait = read.durationIfPresent(waitKey, in: longestWait)
        let waiting = OverflowPolicy.block(upTo: wait ?? .milliseconds(100))
        let policy =
            switch choice {
            case "drop newest": OverflowPolicy.dropNewest
            case "drop oldest": OverflowPolicy.dropOldest
            case "wait": waiting
            default: fallback == .block(upTo: .milliseconds(100)) ? waiting : fallback
            }
        // What `key` says wrongly has been told.
        let isUnderstood = choice != nil || read.value(key) == nil
        if wait != nil, isUnderstood, policy != waiting {
            read.fault(waitKey, "'queue.\(waitKey)' goes with '\(key): wait'")
        }
        return policy
    }
}
#endif
