internal import CTxaio

/// What the flight recorder keeps of one scope; lives as long as anything holds the scope.
internal final class ScopeRecording: Sendable {
    internal let tape: Tape

    internal init(_ tape: Tape) { self.tape = tape }

    deinit { tape.discard() }
}

/// The tape of one scope's events.
internal final class Tape: @unchecked Sendable {
    // Unchecked: what changes is under the shelf's lock.
    private let recorder: Recorder
    private let shelf: TapeShelf
    /// What the scope adds to its events.
    private let fields: EncodedFields?
    private let openedAt = Clocks.monotonic()
    /// A child process has nothing to do with its parent's.
    private let startID = txaio_process_current().pointee.start_id

    @exclusivity(unchecked) private var ring = RecordingRing()
    /// How many bytes pass from now on, since the scope has failed.
    @exclusivity(unchecked) private var open = 0
    /// How many were lost since it was last written.
    @exclusivity(unchecked) private var lost: UInt64 = 0
    /// Whether the body of the scope is at work.
    @exclusivity(unchecked) private var isRunning = true
    @exclusivity(unchecked) private var isKnownAsSlow = false
    @exclusivity(unchecked) private var isOnShelf = false

    internal init(_ recorder: Recorder, _ shelf: TapeShelf, fields: EncodedFields?) {
        self.recorder = recorder
        self.shelf = shelf
        self.fields = fields
    }

    private var isForeign: Bool { startID != txaio_process_current().pointee.start_id }

    // ------------------------------------------------------------------------------------------------ events

    /// Whether an event passes as it comes, since the scope has failed.
    internal func passes(_ record: UnsafeRawPointer) -> Bool {
        let size = Int(record.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        return shelf.withLock { _ in
            guard open > 0 else { return false }
            open -= size
            return true
        }
    }

    /// Keeps an event; nothing of the user's runs meanwhile.
    internal func keep(_ record: UnsafeRawPointer, _ thread: UnsafeMutablePointer<txaio_thread>) {
        guard !isForeign else { return }
        txaio_counter_bump(&thread.pointee.recorded)
        let (lost, due): (Int, Int64?) = shelf.withLock { tapes in
            let (gaveWay, isKept) = ring.push(record, limit: recorder.options.bytes, lend: recorder.lend)
            let lost = gaveWay + (isKept ? 0 : 1)
            self.lost += UInt64(lost)
            guard !isOnShelf else { return (lost, nil) }
            isOnShelf = true
            tapes[ObjectIdentifier(self)] = self
            return (lost, self.due)
        }
        if lost > 0 { RecorderTotals.lose(lost) }
        if let due { SlowScopes.shared.watch(until: due) }
    }

    /// How many it holds; under the shelf's lock.
    internal var count: Int { ring.count }

    /// When the scope takes too long, on the clock that never goes back; `nil` for never, or where that is known.
    ///
    /// Under the shelf's lock.
    internal var due: Int64? {
        guard isRunning, !isKnownAsSlow, let slower = recorder.options.slower else { return nil }
        return openedAt &+ slower.inNanoseconds
    }

    // ------------------------------------------------------------------------------------------------ writing

    /// The scope has failed: writes what was kept.
    ///
    /// The caller is inside no log call.
    internal func write(since reason: Reason) {
        guard !isForeign else { return }
        var taken = RecordingRing()
        var lost: UInt64 = 0
        shelf.withLock { _ in
            swap(&ring, &taken)
            swap(&self.lost, &lost)
            open = recorder.options.bytes
            if reason == .slow { isKnownAsSlow = true }
        }
        guard taken.count > 0 || lost > 0 else { return }
        announce(taken.count, lost, reason)
        let thread = txaio_thread_current()
        taken.visit { record in
            txaio_thread_refuse(thread)
            let sequence = txaio_counter_increment(&thread.pointee.sequence)
            record.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
            Delivery.deliver(record, thread, nil, isThreadsOwn: false)
        }
        RecorderTotals.write(taken.count)
        recorder.takeBack(taken.capacity)
    }

    /// Whether there is something to write; asked before that is made way for.
    internal var isWorthWriting: Bool {
        shelf.withLock { _ in
            open = recorder.options.bytes
            return ring.count > 0 || lost > 0
        }
    }

    private func announce(_ count: Int, _ lost: UInt64, _ reason: Reason) {
        LogContext(fields: fields, pipeline: nil).run {
            TxaioLogger.audit.info(
                "{count} events recorded in this scope follow: {reason}; {lost} more were lost.",
                ("count", count),
                ("reason", reason.rawValue),
                ("lost", lost)
            )
        }
    }

    internal enum Reason: String {
        case error = "it logged an error"
        case slow = "it takes too long"
    }

    // ------------------------------------------------------------------------------------------------ its end

    /// The body of the scope has returned.
    internal func end() {
        let isSlow = shelf.withLock { _ in
            let isSlow = isKnownAsSlow || due.map { $0 <= Clocks.monotonic() } ?? false
            isRunning = false
            return isSlow
        }
        if isSlow { write(since: .slow) }
    }

    /// Nothing holds the scope any more.
    internal func discard() {
        guard !isForeign else { return }
        // Taken out: who looks after slow scopes may still hold the tape.
        var taken = RecordingRing()
        shelf.withLock { tapes in
            if isOnShelf { tapes[ObjectIdentifier(self)] = nil }
            swap(&ring, &taken)
            lost = 0
        }
        RecorderTotals.discard(taken.count)
        recorder.takeBack(taken.capacity)
    }
}

/// Tapes that hold something, and the lock that they share.
internal typealias TapeShelf = Lock<[ObjectIdentifier: Tape]>
