internal import CTxaio
internal import TxaioLog

/// A descriptor that many threads write lines to: none tears another's, every lost one is answered for and told of.
internal final class LineSink: @unchecked Sendable {
    // Unchecked: `state` is under the lock.
    private struct State: ~Copyable {
        var descriptor: LineDescriptor
        /// What follows the path of a file; other sinks have none.
        var follower: FileFollower?
        var watch: FileWatch
        var kept = KeptLines()
        let synchronises: Bool
        var teller = FaultTeller()
        var ledger: EmitterLedger?

        /// Writes the lines that were kept; answers what is to be told.
        mutating func writeKept() -> Trouble? {
            guard kept.count > 0 else { return nil }
            let (outcome, written, lost, done) = kept.write(to: descriptor)
            watch.wrote(done)
            ledger?.handedOver(written)
            guard lost > 0, let reason = outcome.reason else {
                teller.recovered()
                return nil
            }
            ledger?.dropped(lost, reason)
            return teller.lost(reason, at: Clocks.monotonic()).map { Trouble(outcome: outcome, lost: $0) }
        }

        /// Looks at the file's path before a line is written; what is kept goes to the file that it was kept for.
        @inline(never)
        mutating func look(at time: Int64, adding count: Int) -> Aftermath {
            var aftermath = Aftermath(keptTrouble: writeKept())
            guard let follower else {
                watch = .never(requests: Reopening.requests)
                return aftermath
            }
            let look = follower.look(at: time, adding: count)
            if let new = look.descriptor {
                // What was written to the old file would be out of a flush's reach.
                if synchronises { _ = descriptor.synchronise() }
                descriptor.close()
                descriptor = new
            }
            if let room = look.room {
                let begun = Clocks.monotonic()
                let isThere = descriptor.setAside(room)
                follower.setAside(isThere, in: Clocks.monotonic() &- begun)
            }
            watch = look.watch
            aftermath.fileTrouble = look.told
            if look.isRotated { aftermath.tidies = follower }
            return aftermath
        }
    }

    /// What is to be done once the lock is released.
    private struct Aftermath {
        var keptTrouble: Trouble?
        var trouble: Trouble?
        var fileTrouble: FileFollower.Trouble?
        var tidies: FileFollower?
    }

    /// Events that were lost.
    private struct Trouble {
        let outcome: LineDescriptor.Outcome
        let lost: Int
    }

    private let lock = PlainLock()
    @exclusivity(unchecked) private var state: State
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
    ///   - follower: What follows the path of a file.
    ///   - synchronisesOnFlush: Whether a flush waits for the disk.
    internal init(
        _ descriptor: sending LineDescriptor,
        emitter: String,
        place: String,
        identity: SystemCall.Identity?,
        follower: sending FileFollower? = nil,
        synchronisesOnFlush: Bool = false
    ) {
        let requests = Reopening.requests
        let watch = follower == nil ? FileWatch.never(requests: requests) : .unknown(requests: requests)
        state = State(descriptor: descriptor, follower: follower, watch: watch, synchronises: synchronisesOnFlush)
        self.emitter = emitter
        self.place = place
        self.synchronisesOnFlush = synchronisesOnFlush
        isStandardError = identity != nil && identity == SystemCall.identity(of: 2)
    }

    @inline(__always)
    private func withLock<R>(_ body: (inout State) -> R) -> R {
        lock.take()
        defer { lock.release() }
        return body(&state)
    }

    /// Where it is reported what became of lines that were kept.
    internal func attach(to ledger: EmitterLedger) { withLock { $0.ledger = ledger } }

    /// Keeps a line of an event at `time` until ``writeKept()``, or until many are kept.
    @inline(never)
    internal func keep(_ line: borrowing ByteBuffer, at time: Int64) -> Acceptance {
        line.withBytes { bytes in
            // Of C, in place: a call into another module is never inlined here.
            txaio_lock_enter(lock.mutex)
            let count = state.kept.byteCount &+ bytes.count
            if count < KeptLines.most, !state.watch.isDue(time, adding: count, requests: Reopening.requests) {
                state.kept.append(bytes)
                txaio_lock_leave(lock.mutex)
                return .accepted
            }
            return keepWithCare(bytes, at: time)
        }
    }

    /// Keeps a line where the file's path is to be looked at, or many are kept then; gives the lock back.
    @inline(never)
    private func keepWithCare(_ line: UnsafeRawBufferPointer, at time: Int64) -> Acceptance {
        var aftermath: Aftermath?
        let count = state.kept.byteCount &+ line.count
        if state.watch.isDue(time, adding: count, requests: Reopening.requests) {
            aftermath = state.look(at: time, adding: line.count)
        }
        state.kept.append(line)
        if state.kept.byteCount >= KeptLines.most, let trouble = state.writeKept() {
            aftermath = aftermath ?? Aftermath()
            aftermath?.trouble = trouble
        }
        lock.release()
        if let aftermath { settle(aftermath) }
        return .accepted
    }

    /// Writes the lines that were kept, in one call where the sink takes them at once.
    internal func writeKept() {
        let trouble = withLock { $0.writeKept() }
        if let trouble { tell(trouble) }
    }

    /// Writes a line of an event at `time`, with its line feed, and says what became of it.
    @inline(__always)
    internal func write(_ line: borrowing ByteBuffer, at time: Int64) -> Acceptance {
        line.withBytes { bytes in
            // Of C, in place: a call into another module is never inlined here.
            txaio_lock_enter(lock.mutex)
            var begun: Int?
            if state.kept.count == 0, !state.watch.isDue(time, adding: bytes.count, requests: Reopening.requests) {
                let done = state.descriptor.begin(bytes)
                if done == bytes.count {
                    state.watch.wrote(done)
                    if !state.teller.isUnused { state.teller.recovered() }
                    txaio_lock_leave(lock.mutex)
                    return .handedOver
                }
                begun = done
            }
            return finish(bytes, at: time, begun: begun)
        }
    }

    /// Writes the rest of a line, or all of it after what is due before, and gives the lock back.
    @inline(never)
    private func finish(_ bytes: UnsafeRawBufferPointer, at time: Int64, begun: Int?) -> Acceptance {
        var aftermath: Aftermath?
        let (outcome, done): (LineDescriptor.Outcome, Int)
        if let begun {
            (outcome, done) = state.descriptor.writeLine(bytes, begun: begun)
        } else {
            if state.kept.count > 0, let trouble = state.writeKept() { aftermath = Aftermath(keptTrouble: trouble) }
            if state.watch.isDue(time, adding: bytes.count, requests: Reopening.requests) {
                let kept = aftermath?.keptTrouble
                aftermath = state.look(at: time, adding: bytes.count)
                aftermath?.keptTrouble = kept
            }
            (outcome, done) = state.descriptor.writeLine(bytes)
        }
        state.watch.wrote(done)
        let reason = outcome.reason
        if let reason {
            if let told = state.teller.lost(reason, at: Clocks.monotonic()) {
                aftermath = aftermath ?? Aftermath()
                aftermath?.trouble = Trouble(outcome: outcome, lost: told)
            }
        } else {
            state.teller.recovered()
        }
        lock.release()
        if let aftermath { settle(aftermath) }
        return reason.map { .dropped($0) } ?? .handedOver
    }

    /// Tells of what happened, and has what was put aside looked after.
    @inline(never)
    private func settle(_ aftermath: Aftermath) {
        if let trouble = aftermath.keptTrouble { tell(trouble) }
        if let trouble = aftermath.trouble { tell(trouble) }
        if let trouble = aftermath.fileTrouble, !isStandardError {
            let what = trouble.kind == .rotation ? "cannot put its file aside" : "cannot open its file anew"
            let text = "\(what), and goes on with the old one: \(trouble.reason) (\(place))"
            StandardError.tell("emitter '\(emitter)' \(text)")
        }
        aftermath.tidies?.tidy()
    }

    private func tell(_ trouble: Trouble) {
        if isStandardError { return }
        let events = trouble.lost == 1 ? "events" : "\(trouble.lost) more events"
        StandardError.tell("emitter '\(emitter)' lost \(events): \(trouble.outcome.text) (\(place))")
    }

    /// Writes what is kept; waits for the disk where that was asked for.
    internal func flush() -> Bool {
        writeKept()
        return !synchronisesOnFlush || withLock { $0.descriptor.synchronise() }
    }

    /// Writes what is kept, and lets go of the descriptor.
    internal func close() {
        writeKept()
        withLock { state in
            state.descriptor.close()
            state.follower = nil
            state.watch = .never(requests: Reopening.requests)
        }
    }
}

/// Lines that are written together.
///
/// A plain state machine: who shares it holds a lock.
private struct KeptLines: ~Copyable {
    /// So many bytes are not waited over.
    static let most = 256 << 10

    private var bytes = ByteBuffer(capacity: 4096)
    private(set) var count = 0
    var byteCount: Int { bytes.count }

    @inline(__always)
    mutating func append(_ line: UnsafeRawBufferPointer) {
        bytes.append(line)
        count += 1
    }

    /// Writes them all; what the sink does not take is lost.
    mutating func write(
        to descriptor: LineDescriptor
    ) -> (outcome: LineDescriptor.Outcome, written: Int, lost: Int, done: Int) {
        let (outcome, written, done) = bytes.withBytes { bytes -> (LineDescriptor.Outcome, Int, Int) in
            let (outcome, done) = descriptor.writeLines(bytes)
            if done == bytes.count { return (outcome, count, done) }
            // A line counts whose every byte but the line feed is there.
            let reached = min(done + 1, bytes.count)
            return (outcome, bytes[..<reached].count { $0 == 0x0A }, done)
        }
        let lost = count - written
        count = 0
        bytes.removeAll()
        return (outcome, written, lost, done)
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
