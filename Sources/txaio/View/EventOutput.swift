import TxaioLog

/// Writes lines to standard output, many at once.
struct EventOutput: ~Copyable {
    private var bytes: [UInt8] = []

    /// Why no more can be written.
    enum End: Error {
        /// Nobody reads on.
        case closed
        /// The error of the system.
        case failed(Int32)
    }

    mutating func put(_ line: String) throws {
        bytes.append(contentsOf: line.utf8)
        bytes.append(0x0A)
        if bytes.count > 64 << 10 { try flush() }
    }

    mutating func flush() throws {
        guard !bytes.isEmpty else { return }
        let error = Console.write(bytes, to: 1)
        bytes.removeAll(keepingCapacity: true)
        if error != 0 { throw Console.isClosed(error) ? End.closed : End.failed(error) }
    }
}
