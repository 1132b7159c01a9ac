internal import Synchronization
public import TxaioLog

/// Writes events to the journal of systemd, each as one entry with native fields.
///
/// | field | holds |
/// |---|---|
/// | `MESSAGE`, `PRIORITY`, `SYSLOG_IDENTIFIER` | the rendered message; the level's priority; who logs, for `journalctl -t` |
/// | `MESSAGE_ID` | the template's id: `journalctl MESSAGE_ID=` finds all events of a call site |
/// | `TXAIO_TEMPLATE`, `TXAIO_LEVEL`, `TXAIO_NAMESPACE` | the template as written; the level's name; the logger |
/// | `CODE_FILE`, `CODE_FUNC`, `CODE_LINE`, `TID` | where it was logged, as far as known; the kernel's thread id |
/// | `TXAIO_TIME` | when it was logged: microseconds since 1970 (journald adds when it received it) |
/// | `TXAIO_START`, `TXAIO_THREAD`, `TXAIO_SEQ` | process run, thread, number on it: together they name the event |
/// | the values | one field each: `requestID` is `REQUESTID`, `x.y` is `X_Y`, `message` is `DATA_MESSAGE` |
/// | `TXAIO_KEYS` | JSON, field to original name, for those whose small letters are not the original |
/// | `TXAIO_TEXTS` | the fields, commas between them, whose values are texts though they read as numbers or other JSON |
/// | `TXAIO_MORE` | JSON: values beyond the number of fields an entry takes, by their names |
/// | `TXAIO_RECOVERED`, `TXAIO_MAYBE_REPEATED` | 1, where the event was found in the rings of a process that died, which may have handed it over |
/// | `TXAIO_CUT` | `values`, where the record's limit cut some; else the size of the entry before it was cut |
/// | `TXAIO_DROPPED`, `TXAIO_DROPPED_SINCE` | of the emitter's own entry about events that are missing here |
///
/// Strings and ``LogBytes`` are stored byte for byte, whatever they hold. `true`, `false`, `null` and numbers are text,
/// spans of time seconds, arrays, dictionaries and objects with attributes compact JSON, errors their text.
///
/// **What is lost, and when.** While journald's queue is full, events are dropped and counted
/// (``JournaldOptions/whenFull``), in queued delivery once it took nothing for a second, so that a batch of 64 takes a
/// journald that is as slow a minute; when there is room again an entry says how many and why. While there is no journald
/// they go to the fallback, or are dropped and counted. What the kernel took from a journald that then dies with its own
/// socket is lost unseen, as is what journald's rate limit suppresses: handed over never means stored.
/// An entry that exceeds a datagram goes as a sealed memory file; where none can be had its values are cut and
/// `TXAIO_CUT` says so.
///
/// **Ledger.** What the fallback takes is handed over: its answer is this emitter's. Entries about missing events are
/// no events and are counted in ``counts`` alone.
///
/// **Threads, fork, cost.** Any thread, without a lock; usable in a child after `fork`, with the child's `_PID`;
/// nothing is inherited over `exec`. With the native transport one system call an event, in queued delivery one for up to
/// 64, each a datagram of its own; no allocation when warm.
///
/// Mirrors https://systemd.io/JOURNAL_NATIVE_PROTOCOL/ and systemd.journal-fields(7).
public final class JournaldEmitter: LogEmitter {
    /// The name in rules and in the ledger.
    public let name: String

    internal let socket: JournalSocket?
    private let path: String
    internal let plan: JournalEntryPlan
    internal let pool: JournalScratchPool
    internal let patience: Duration?
    internal let fallback: (any LogEmitter)?
    internal let notes = JournalLossNotes()

    internal let isOutage = Atomic<Bool>(false)
    /// What a batch keeps, while no thread works on it.
    internal let batchSlot = Atomic<UInt>(0)
    /// The run of the process that the batch belongs to.
    internal let batchRun = Atomic<UInt64>(ProcessRun.current)
    /// How many entries are kept.
    internal let keptCount = Atomic<Int>(0)
    internal let ledger = Lock<EmitterLedger?>(nil)
    private let hasToldError = Atomic<Bool>(false)
    private let toldAt = Atomic<Int64>(0)
    private let cutCount = Atomic<UInt64>(0)
    private let fallbackCount = Atomic<UInt64>(0)
    private let announcementCount = Atomic<UInt64>(0)

    /// Makes one.
    ///
    /// That there is no journald now is no error: it may come.
    ///
    /// - Parameters:
    ///   - name: The name in rules and in the ledger.
    ///   - options: How it works.
    /// - Throws: ``JournaldError`` where the transport is not part of this build.
    public init(name: String = "journal", options: JournaldOptions = JournaldOptions()) throws(JournaldError) {
        let isNative = options.transport == .native
        #if !LibSystemd
        guard isNative else { throw .noLibSystemd }
        #endif
        self.name = name
        path = isNative ? options.socketPath : JournaldOptions().socketPath
        socket = isNative ? JournalSocket(path: options.socketPath, sendBuffer: options.sendBuffer) : nil
        plan = JournalEntryPlan(
            identifier: options.identifier ?? Self.programName,
            priorities: options.priorities,
            fields: options.fields
        )
        pool = JournalScratchPool(form: isNative ? .framed : .pairs)
        patience = options.whenFull.patience
        fallback = options.fallback
    }

    deinit {
        guard let batch = UnsafeRawPointer(bitPattern: batchSlot.load(ordering: .relaxed)) else { return }
        Unmanaged<JournalBatch>.fromOpaque(batch).release()
    }

    private static var programName: String {
        let path = CommandLine.arguments.first ?? ""
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return name.isEmpty ? "unknown" : name
    }

    // ------------------------------------------------------------------------------------------------ events

    /// Writes one entry; in a batch keeps it until that ends, or until 64 are kept.
    ///
    /// Returns at once, or within ``JournaldOptions/whenFull``'s time; in a batch within that or a second.
    public func emit(_ event: borrowing LogEvent) -> Acceptance {
        if event.isBatched, let socket { return keep(event, socket) }
        // Once there were batches no caller waits: it is the thread of the queue.
        if batchSlot.load(ordering: .relaxed) != 0 {
            sendKept()
            return send(event, until: batchDeadline)
        }
        return send(event, until: patience.map { Deadline.after($0) })
    }

    /// True with the native transport.
    public var takesBatches: Bool { socket != nil }

    /// Sends the entries of a batch together, each as a datagram of its own.
    public func endBatch() { sendKept() }

    /// Writes one entry at once.
    internal func send(_ event: borrowing LogEvent, until deadline: Deadline?) -> Acceptance {
        let scratch = pool.take()
        let outcome = send(event, scratch, until: deadline)
        pool.give(scratch)
        if outcome == .sent {
            if isOutage.load(ordering: .relaxed) { isOutage.store(false, ordering: .relaxed) }
            return .handedOver
        }
        return settle(outcome, event)
    }

    private func send(
        _ event: borrowing LogEvent,
        _ scratch: JournalScratch,
        until deadline: Deadline?
    ) -> JournalOutcome {
        if notes.isPending {
            let outcome = announce(scratch, until: deadline)
            if outcome.holdsUpEvents { return outcome }
        }
        scratch.encoder.encode(event, plan: plan)
        let outcome = transmit(scratch, until: deadline)
        guard case .tooLarge = outcome else { return outcome }
        // No memory file can be had: the same entry with its values cut to what a datagram takes.
        let size = scratch.encoder.count
        let room = socket?.safeSize ?? 64 << 10
        let limit = room / (event.fields.count + 24)
        scratch.encoder.encode(event, plan: plan, valueLimit: limit, fullSize: size)
        let second = transmit(scratch, until: deadline)
        if second == .sent { cutCount.wrappingAdd(1, ordering: .relaxed) }
        return second
    }

    private func transmit(_ scratch: JournalScratch, until deadline: Deadline?) -> JournalOutcome {
        if let socket { return scratch.encoder.withBytes { socket.send($0, until: deadline) } }
        #if LibSystemd
        return LibSystemdTransport.send(scratch.encoder, scratch.vectors)
        #else
        return .failed(ErrorNumber.invalid)
        #endif
    }

    @inline(never)
    internal func settle(_ outcome: JournalOutcome, _ event: borrowing LogEvent) -> Acceptance {
        if case .gone(let error) = outcome, let fallback {
            tellOutage(error)
            return hand(event, to: fallback)
        }
        return settle(outcome, at: event.time)
    }

    /// Counts an event of that time as dropped.
    internal func settle(_ outcome: JournalOutcome, at time: Int64) -> Acceptance {
        let reason: DropReason
        switch outcome {
        case .sent: return .handedOver
        case .full: reason = .overflow
        case .tooLarge: reason = .oversize
        case .failed(let error):
            reason = error == ErrorNumber.invalid ? .encoding : .sinkError
            tellError(error)
        case .gone(let error):
            tellOutage(error)
            reason = .sinkGone
        }
        notes.dropped(reason, at: time)
        return .dropped(reason)
    }

    private func hand(_ event: borrowing LogEvent, to fallback: any LogEmitter) -> Acceptance {
        let acceptance = fallback.emit(event)
        if case .dropped(let reason) = acceptance {
            notes.dropped(reason, at: event.time)
        } else {
            notes.wentElsewhere(at: event.time)
            fallbackCount.wrappingAdd(1, ordering: .relaxed)
        }
        return acceptance
    }

    // ------------------------------------------------------------------------------------------------ losses

    /// Writes the entry about missing events.
    internal func announce(_ scratch: JournalScratch, until deadline: Deadline?) -> JournalOutcome {
        guard let loss = notes.take() else { return .sent }
        scratch.encoder.encode(loss, elsewhere: fallback?.name ?? "", plan: plan)
        let outcome = transmit(scratch, until: deadline)
        if outcome == .sent {
            announcementCount.wrappingAdd(1, ordering: .relaxed)
        } else {
            notes.giveBack(loss)
        }
        return outcome
    }

    /// Tells an outage once, and no more than once a minute.
    private func tellOutage(_ error: Int32) {
        guard !isOutage.exchange(true, ordering: .relaxed) else { return }
        let now = Clocks.monotonic()
        let last = toldAt.load(ordering: .relaxed)
        guard last == 0 || now - last > 60_000_000_000 else { return }
        toldAt.store(now, ordering: .relaxed)
        let fate = fallback.map { "go to '\($0.name)'" } ?? "are dropped and counted"
        let text = ErrorNumber.text(error)
        StandardError.tell("emitter '\(name)': no journald at \(path) (\(text)); until it is back events \(fate)")
    }

    private func tellError(_ error: Int32) {
        guard !hasToldError.exchange(true, ordering: .relaxed) else { return }
        let text = ErrorNumber.text(error)
        StandardError.tell(
            "emitter '\(name)': journald's socket refuses entries (\(text)); they are dropped and counted"
        )
    }

    // ------------------------------------------------------------------------------------------------ life

    /// Sends what a batch keeps, announces what is missing, and flushes the fallback.
    ///
    /// What is kept has the time of a batch, whatever the deadline.
    public func flush(until deadline: Deadline) -> Bool {
        sendKept()
        if notes.isPending {
            let scratch = pool.take()
            // Whatever comes of it, nothing is kept: what is not announced now will be with the next event.
            _ = announce(scratch, until: deadline)
            pool.give(scratch)
        }
        return fallback?.flush(until: deadline) ?? true
    }

    /// Sends what a batch keeps, announces what is missing, then closes the socket and the fallback.
    public func close(until deadline: Deadline) {
        _ = flush(until: deadline)
        socket?.close()
        fallback?.close(until: deadline)
    }

    /// Takes the ledger in which entries of batches are reported; the fallback reports there too.
    public func attach(to ledger: EmitterLedger) {
        self.ledger.withLock { $0 = ledger }
        fallback?.attach(to: ledger)
    }

    /// Counters of what the ledger does not tell apart.
    public var counts: JournaldCounts {
        JournaldCounts(
            sealed: socket?.sealed.load(ordering: .relaxed) ?? 0,
            cut: cutCount.load(ordering: .relaxed),
            fallback: fallbackCount.load(ordering: .relaxed),
            announcements: announcementCount.load(ordering: .relaxed),
            connections: socket?.connections.load(ordering: .relaxed) ?? 0
        )
    }
}

/// What one ``JournaldEmitter`` did, beside what its ledger tells.
public struct JournaldCounts: Sendable, Hashable {
    /// Entries that exceeded a datagram and went as a sealed memory file.
    ///
    /// Native transport.
    public let sealed: UInt64
    /// Entries whose values were cut because no memory file could be had.
    public let cut: UInt64
    /// Events that the fallback took.
    public let fallback: UInt64
    /// Entries about missing events.
    public let announcements: UInt64
    /// Connections made, the first included.
    ///
    /// Native transport.
    public let connections: UInt64
}
