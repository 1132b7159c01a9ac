#if Configuration
/// What one client has sent and is to get: pure, fed with bytes.
///
/// A request is a line, and so is its answer. As long as an answer waits to be taken no further request is looked at, so
/// a client that sends and never reads costs no more than its buffer.
internal struct ControlLines: Sendable {
    /// Bytes of a request; a longer one is a fault, after which nothing more is read.
    internal static let limit = 64 << 10

    /// What a line turned out to be.
    internal enum Line: Sendable, Hashable {
        case request(String)
        /// Why it is none.
        case fault(String)
    }

    private var input: [UInt8] = []
    /// Up to here there is no line's end in it.
    private var searched = 0
    /// What is still to be sent.
    internal private(set) var output: ArraySlice<UInt8> = []
    /// Nothing more will come.
    private var isInputOver = false
    /// Nothing more is looked at.
    private var isEnding = false

    /// Whether bytes are welcome.
    internal var wantsInput: Bool { output.isEmpty && !isEnding && !isInputOver }
    /// Whether the connection is to be closed now.
    internal var isOver: Bool { isEnding && output.isEmpty }

    /// Whether ``next()`` has something to do once the last answer is sent, without more bytes.
    internal var hasMore: Bool {
        !isEnding && (isInputOver || input.count > Self.limit || input[searched...].contains(UInt8(ascii: "\n")))
    }

    /// Takes what the client sent.
    internal mutating func receive(_ bytes: some Collection<UInt8>) { input.append(contentsOf: bytes) }

    /// Nothing more will come; requests that are there are answered.
    internal mutating func end() { isInputOver = true }

    /// The next line, if it is there and the last one's answer is sent.
    internal mutating func next() -> Line? {
        guard output.isEmpty, !isEnding else { return nil }
        guard let end = input[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = input.count
            guard input.count > Self.limit else {
                isEnding = isInputOver
                return nil
            }
            input = []
            searched = 0
            isEnding = true
            return .fault("a request has at most \(Self.limit) bytes")
        }
        var line = input[..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        defer {
            input.removeSubrange(...end)
            searched = 0
        }
        if line.count > Self.limit { return .fault("a request has at most \(Self.limit) bytes") }
        if let place = line.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            return .fault("a control character at \(place + 1)")
        }
        guard let text = String(validating: line, as: UTF8.self) else { return .fault("not UTF-8") }
        return .request(text)
    }

    /// Answers the line.
    internal mutating func answer(_ line: [UInt8]) {
        output = line[...]
        output.append(UInt8(ascii: "\n"))
    }

    /// So many bytes of the answer are sent.
    internal mutating func sent(_ count: Int) {
        output = output.dropFirst(count)
        if output.isEmpty { output = [] }
    }
}
#endif
