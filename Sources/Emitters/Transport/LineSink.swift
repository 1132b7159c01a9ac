internal import TxaioLog

/// A descriptor that many threads write lines to: none tears another's, every lost one is answered for and told of.
internal final class LineSink: Sendable {
    private struct State {
        let descriptor: LineDescriptor
        var teller = FaultTeller()
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

    /// Writes a line with its line feed, and says what became of it.
    internal func write(_ line: borrowing ByteBuffer) -> Acceptance {
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

    /// Nothing is kept back here; waits for the disk where that was asked for.
    internal func flush() -> Bool {
        !synchronisesOnFlush || state.withLock { $0.descriptor.synchronise() }
    }

    /// Lets go of the descriptor.
    internal func close() { state.withLock { $0.descriptor.close() } }
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
