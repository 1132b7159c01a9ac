/// Says which line is to wait until the file was looked at: once a second of events, where it has grown up to a size, where a
/// period ends, and where it was asked for.
///
/// Pure. It costs an event three comparisons and no system call; time is the event's own.
internal struct FileWatch {
    /// How often the path is looked at.
    private static let second: Int64 = 1_000_000_000
    /// How soon again while another process is at it.
    private static let moment: Int64 = 1_000_000

    /// Bytes in the file, as far as this process knows.
    private(set) var size: Int64
    private let ceiling: Int64
    /// Where the span of times begins that need no look.
    ///
    /// A second before the last look: threads' events do not come in the order of their times, but a clock that was set back
    /// is noticed.
    private let start: Int64
    private let span: UInt64
    private let requests: UInt32

    /// For a file of which nothing is known yet: the first line waits for a look.
    internal static func unknown(requests: UInt32) -> FileWatch {
        FileWatch(size: 0, ceiling: .max, start: 0, span: 0, requests: requests)
    }

    /// For what is no file, or one that cannot be looked at.
    internal static func never(requests: UInt32) -> FileWatch {
        FileWatch(size: 0, ceiling: .max, start: 0, span: .max, requests: requests)
    }

    private init(size: Int64, ceiling: Int64, start: Int64, span: UInt64, requests: UInt32) {
        self.size = size
        self.ceiling = ceiling
        self.start = start
        self.span = span
        self.requests = requests
    }

    /// How a look went.
    internal enum Result {
        case done
        /// Another process is at it.
        case busy
        /// The file is full or its time is over, and it could not be put aside: the next try is a second later.
        case failed
    }

    /// Begins anew after a look.
    ///
    /// - Parameters:
    ///   - time: Of the look.
    ///   - size: Of the file.
    ///   - ceiling: The size up to which no look is needed.
    ///   - boundary: When its time is over.
    ///   - requests: How often it was asked for looks.
    ///   - result: How it went.
    internal init(
        at time: Int64,
        size: Int64,
        ceiling: Int64,
        boundary: Int64,
        requests: UInt32,
        _ result: Result
    ) {
        let pause = result == .busy ? Self.moment : Self.second
        let isSoon = result == .done && boundary > time && UInt64(bitPattern: boundary &- time) < UInt64(pause)
        let end = isSoon ? boundary : time &+ pause
        let start = time &- Self.second
        self.init(
            size: size,
            ceiling: result == .done ? ceiling : .max,
            start: start,
            span: UInt64(bitPattern: end &- start),
            requests: requests
        )
    }

    /// Whether the file is to be looked at before `count` more bytes of an event at `time` are written.
    @inline(__always)
    internal func isDue(_ time: Int64, adding count: Int, requests: UInt32) -> Bool {
        UInt64(bitPattern: time &- start) >= span || size &+ Int64(count) > ceiling || requests != self.requests
    }

    /// Notes bytes that were written.
    @inline(__always)
    internal mutating func wrote(_ count: Int) { size &+= Int64(count) }
}
