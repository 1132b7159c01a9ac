internal import TxaioLog

/// A descriptor that many threads write lines to: none tears another's, every lost one is answered for and told of.
internal final class LineSink: Sendable {
    private struct State {
        let descriptor: LineDescriptor
        let kept = KeptLines()
        var teller = FaultTeller()
        var ledger: EmitterLedger?
    }

    private let state: Lock<State>
    private let emitter: String
    private let place: String
    /// Whether standard error leads to this very sink: telling of its trouble there could only add to it.
    private let isStandardError: Bool
    private let synchronisesOnFlush: Bool

    /// Takes a descriptor over.
    ///
    /// - Parameters:
    ///   - descriptor: Where the lines go.
    ///   - emitter: The emitter's name, for what is told.
    ///   - place: The path or the stream's name, for what is told.
    ///   - identity: Of the file behind the descriptor.
    ///   - synchronisesOnFlush: Whether a flush waits for the disk.
    internal init(
        _ descriptor: sending LineDescriptor,
        emitter: String,
        place: String,
        identity: SystemCall.Identity?,
        synchronisesOnFlush: Bool = false
    ) {
        state = Lock(State(descriptor: descriptor))
        self.emitter = emitter
        self.place = place
        self.synchronisesOnFlush = synchronisesOnFlush
        isStandardError = identity != nil && identity == SystemCall.identity(of: 2)
    }

    /// Where it is reported what became of lines that were kept.
    internal func attach(to ledger: EmitterLedger) { state.withLock { $0.ledger = ledger } }

    /// Keeps a line until ``writeKept()``, or until many are kept.
    internal func keep(_ line: borrowing ByteBuffer) -> Acceptance {
        let isFull = line.withBytes { bytes in state.withLock { $0.kept.append(bytes) } }
        if isFull { writeKept() }
        return .accepted
    }

    /// Writes the lines that were kept, in one call where the sink takes them at once.
    internal func writeKept() {
        let (outcome, told) = state.withLock { state -> (LineDescriptor.Outcome, Int?) in
            guard state.kept.count > 0 else { return (.written, nil) }
            let (outcome, written, lost) = state.kept.write(to: state.descriptor)
            state.ledger?.handedOver(written)
            guard lost > 0, let reason = outcome.reason else {
                state.teller.recovered()
                return (outcome, nil)
            }
            state.ledger?.dropped(lost, reason)
            return (outcome, state.teller.lost(reason, at: Clocks.monotonic()))
        }
        if let told, !isStandardError { tell(outcome, told) }
    }

    /// Writes a line with its line feed, and says what became of it.
    internal func write(_ line: borrowing ByteBuffer) -> Acceptance {
        writeKept()
        let (outcome, told) = line.withBytes { bytes in
            state.withLock { state -> (LineDescriptor.Outcome, Int?) in
                let outcome = state.descriptor.write(bytes)
                if let reason = outcome.reason {
                    return (outcome, state.teller.lost(reason, at: Clocks.monotonic()))
                }
                state.teller.recovered()
                return (outcome, nil)
            }
        }
        guard let reason = outcome.reason else { return .handedOver }
        if let told, !isStandardError { tell(outcome, told) }
        return .dropped(reason)
    }

    private func tell(_ outcome: LineDescriptor.Outcome, _ count: Int) {
        let events = count == 1 ? "events" : "\(count) more events"
        StandardError.tell("emitter '\(emitter)' lost \(events): \(outcome.text) (\(place))")
    }

    /// Writes what is kept; waits for the disk where that was asked for.
    internal func flush() -> Bool {
        writeKept()
        return !synchronisesOnFlush || state.withLock { $0.descriptor.synchronise() }
    }

    /// Writes what is kept, and lets go of the descriptor.
    internal func close() {
        writeKept()
        state.withLock { $0.descriptor.close() }
    }
}

/// Lines that are written together.
///
/// A plain state machine: who shares it holds a lock.
private final class KeptLines {
    /// So many bytes are not waited over.
    private static let most = 256 << 10

    private var bytes = ByteBuffer(capacity: 4096)
    private(set) var count = 0

    /// Appends a line; answers whether they are enough to be written.
    func append(_ line: UnsafeRawBufferPointer) -> Bool {
        bytes.append(line)
        count += 1
        return bytes.count >= Self.most
    }

    /// Writes them all; what the sink does not take is lost.
    func write(to descriptor: LineDescriptor) -> (outcome: LineDescriptor.Outcome, written: Int, lost: Int) {
        let (outcome, written) = bytes.withBytes { bytes -> (LineDescriptor.Outcome, Int) in
            let (outcome, done) = descriptor.writeLines(bytes)
            if done == bytes.count { return (outcome, count) }
            // A line counts whose every byte but the line feed is there.
            let reached = min(done + 1, bytes.count)
            return (outcome, bytes[..<reached].count { $0 == 0x0A })
        }
        let lost = count - written
        count = 0
        bytes.removeAll()
        return (outcome, written, lost)
    }
}

extension LineDescriptor.Outcome {
    /// Why the line is lost; `nil` where it is not.
    fileprivate var reason: DropReason? {
        switch self {
        case .written: nil
        case .full: .overflow
        case .gone: .sinkGone
        case .refused(let error): error == .messageSize ? .oversize : .sinkError
        }
    }

    fileprivate var text: String {
        switch self {
        case .written: "nothing"
        case .full: "no room in time"
        case .gone(let error), .refused(let error): error.description
        }
    }
}
