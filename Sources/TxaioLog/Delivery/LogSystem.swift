internal import CTxaio

/// The one logging system of the process: which pipeline is in force, and what came before there was one.
internal final class LogSystem: Sendable {
    internal static let shared = LogSystem()

    internal struct State {
        var phase = Phase.waiting
        /// Whether a thread puts another pipeline in the place of the one in force.
        var isChanging = false
        var session: LoggingSession?
        var backlog = Backlog()
        /// Until when others wait for the thread that catches up.
        var patience = Deadline(nanoseconds: 0)
    }

    // While it is starting, events are kept as before: the levels of the new pipeline are in force, itself it is not.
    // While a thread catches up it delivers what was kept, in direct delivery; others wait for it, so that none of theirs
    // overtakes an earlier one. While it is stopping it is as if it had stopped, but nobody may start before.
    internal enum Phase: Equatable {
        case waiting, starting
        case catchingUp(UInt)
        case running, stopping, stopped

        /// That of the calling thread.
        static var catchingUpHere: Phase { .catchingUp(UInt(bitPattern: txaio_thread_current())) }
    }

    /// For so long others wait for the thread that catches up.
    private static let patience = Duration.seconds(1)

    // A signal handler waits for it: nobody takes memory from `malloc` under it, which the handler may have interrupted.
    internal let state = Lock(State())

    private let hasExitHook = Lock(false)

    private init() { txaio_thread_after_fork { LogSystem.shared.beginAnew() } }

    // ------------------------------------------------------------------------------------------------ before the start

    /// Keeps an event that found no pipeline; `false` if it is to be refused.
    internal func keep(_ event: borrowing LogEvent, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        while true {
            var isKept: Bool?
            let pipeline = state.withLock { state -> Pipeline? in
                switch state.phase {
                case .waiting, .starting: isKept = state.backlog.append(event)
                case .stopping, .stopped: isKept = false
                case .running: return state.session?.pipeline
                case .catchingUp:
                    // Within an emitter it does not wait for itself.
                    let waits = state.phase != .catchingUpHere && !state.patience.hasPassed
                    return waits ? nil : state.session?.pipeline
                }
                return nil
            }
            if let isKept { return isKept }
            if let pipeline {
                // This thread is inside, so that it does not go away meanwhile.
                if pipeline.queue != nil {
                    enqueue(event, pipeline, thread)
                } else {
                    pipeline.deliver(event, on: thread)
                    txaio_counter_bump(&thread.pointee.delivered)
                }
                return true
            }
            Platform.pause()
        }
    }

    /// Commits the event to the queue, behind what its thread logged before; a signal handler must not come in between.
    private func enqueue(
        _ event: borrowing LogEvent,
        _ pipeline: Pipeline,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) {
        txaio_thread_refuse(thread)
        // The record is the caller's, who is done with it.
        _ = pipeline.enqueue(UnsafeMutableRawPointer(mutating: event.record), thread)
        txaio_thread_admit(thread)
    }

    // ------------------------------------------------------------------------------------------------ start and end

    internal func start(_ setup: LoggingSetup) throws(LoggingSetupError) -> LoggingSession {
        if let session = running { return session }
        try setup.check()
        let environment = try LoggingSetupError.ofEnvironment()
        // Before anything is made: of several at once only one may start threads, and say where names are noted.
        if let other = claimStart() { return other }
        RecordLimits.current = setup.recordLimit
        txaio_fences_begin()
        let pipeline = Pipeline(setup.emitters, usesCells: true, delivery: setup.delivery, noise: setup.noise)
        pipeline.prepare()
        let session = LoggingSession(pipeline)
        session.runAfterFork()
        _ = RecorderTotals.counts
        _ = EventQueue.counts(with: nil)
        if let environment { NamespaceRegistry.shared.setEnvironment(environment) }
        NamespaceRegistry.shared.apply(setup.levels, gates: pipeline.gates)
        hasExitHook.withLock { hasExitHook in
            if !hasExitHook { Platform.atExit { _ = LogSystem.shared.running?.flush(within: .seconds(1)) } }
            hasExitHook = true
        }
        var (backlog, earlier) = state.withLock { state in
            let (backlog, earlier) = (state.backlog, state.session)
            state.session = session
            state.backlog = Backlog()
            if pipeline.queue == nil, backlog.count > 0 {
                state.phase = .catchingUpHere
                state.patience = .after(Self.patience)
            } else {
                pipeline.queue?.adopt(backlog)
                Self.putInForce(pipeline, &state)
            }
            return (backlog, earlier)
        }
        withExtendedLifetime(earlier) {}
        let refused = backlog.refused
        if let queue = pipeline.queue {
            queue.start()
            state.withLock { $0.isChanging = false }
        } else if backlog.count > 0 {
            var isInForce = false
            while !isInForce {
                deliver(&backlog, through: pipeline)
                isInForce = state.withLock { state in
                    // In a child that an emitter forked what it kept itself follows.
                    if state.phase != .catchingUpHere, state.backlog.count > 0 {
                        backlog = state.backlog
                        state.backlog = Backlog()
                        state.phase = .catchingUpHere
                        return false
                    }
                    Self.putInForce(pipeline, &state)
                    return true
                }
            }
        }
        if refused > 0 {
            TxaioLogger.own.warn(
                "{count} events before the start of logging found no room in the backlog.",
                ("count", refused)
            )
        }
        if let environment {
            TxaioLogger.audit.info(
                "Levels '{levels}' of {variable} hold above all others.",
                levels: environment.rulesText,
                variable: EnvironmentLevels.variable
            )
        }
        return session
    }

    private static func putInForce(_ pipeline: Pipeline, _ state: inout State) {
        state.phase = .running
        // Nobody changes or stops it before the queue's thread was started.
        state.isChanging = pipeline.queue != nil
        _ = txaio_pipeline_exchange(Unmanaged.passRetained(pipeline).toOpaque(), pipeline.queue?.id ?? 0)
    }

    /// Takes the start upon this thread, or waits for the thread that has and returns its session.
    private func claimStart() -> LoggingSession? {
        while true {
            let (isMine, session): (Bool, LoggingSession?) = state.withLock { state in
                switch state.phase {
                case .running: return (false, state.session)
                // Within an emitter it does not wait for itself.
                case .catchingUpHere: return (false, state.session)
                case .starting, .catchingUp, .stopping: return (false, nil)
                case .waiting, .stopped:
                    state.phase = .starting
                    return (true, nil)
                }
            }
            if isMine || session != nil { return session }
            Platform.pause()
        }
    }

    // ------------------------------------------------------------------------------------------------ fork

    /// In a child process: what was kept is the parent's to deliver, and the counters count what the child does.
    private func beginAnew() {
        let session = state.withLock { state in
            state.backlog.release()
            switch state.phase {
            // The thread that was starting it is not here.
            case .starting, .catchingUp: state.phase = .waiting
            case .stopping: state.phase = .stopped
            default: break
            }
            state.isChanging = false
            return state.session
        }
        EventQueue.forgetCounts()
        session?.beginAnew()
        RecorderTotals.beginAnew()
        TemporaryLevelStore.beginAnew()
    }

    internal var running: LoggingSession? {
        state.withLock { $0.phase == .running ? $0.session : nil }
    }

    /// Delivers what was kept, on this thread; not in a child that an emitter forks meanwhile.
    private func deliver(_ backlog: inout Backlog, through pipeline: Pipeline) {
        let thread = txaio_thread_current()
        let batch = EventBatch(bytes: 64 << 10)
        let cache = MessageCache()
        let run = txaio_process_current().pointee.start_id
        while backlog.count > 0 {
            backlog.fill(batch, limit: EventBatch.limit)
            for entry in batch.entries {
                guard run == txaio_process_current().pointee.start_id else { return backlog.release() }
                txaio_thread_enter(thread)
                cache.message.reset()
                pipeline.deliver(batch.event(entry, cache: cache, isInBatch: false), on: thread)
                txaio_counter_bump(&thread.pointee.delivered)
                txaio_thread_leave(thread)
            }
            batch.removeAll()
        }
    }

    /// Notes by `mark` what is to become of a running session that nobody is changing; else answers in which phase it is.
    internal func claim(_ session: LoggingSession, _ mark: (inout State) -> Void) -> Phase? {
        state.withLock { state in
            guard state.session === session else { return .stopped }
            guard state.phase == .running, !state.isChanging else { return state.phase }
            mark(&state)
            return nil
        }
    }

    /// Takes the pipeline out of force, waits until no thread is inside it, and closes its emitters.
    internal func stop(_ session: LoggingSession, until deadline: Deadline) -> Bool {
        while let phase = claim(session, { $0.phase = .stopping }) {
            switch phase {
            // A change that is under way ends within its own time.
            case .running: break
            // Within an emitter it does not wait for itself.
            case .catchingUp: if phase == .catchingUpHere || deadline.hasPassed { return false }
            default: return session.isComplete
            }
            Platform.pause()
        }
        defer { state.withLock { $0.phase = .stopped } }
        NamespaceRegistry.shared.endRecording()
        if let noise = session.pipeline.noise {
            // What waits is judged first, so that all that is held back can be told.
            _ = session.pipeline.flush(until: deadline)
            noise.end()
        }
        session.end()
        return retire(txaio_pipeline_exchange(nil, 0), until: deadline)
    }

    private func retire(_ pipeline: UnsafeRawPointer?, until deadline: Deadline) -> Bool {
        guard let pipeline else { return true }
        let object = Unmanaged<Pipeline>.fromOpaque(pipeline)
        // An emitter that does not return holds up its own thread, and nobody waits for that.
        var allLeft = ThreadQuiescence.wait(until: deadline) {
            object._withUnsafeGuaranteedRef { $0.queue?.outboxes.flatMap(\.threads) ?? [] }
        }
        if let queue = object._withUnsafeGuaranteedRef({ $0.queue }) {
            allLeft = queue.stop(until: deadline) && allLeft
        }
        let isFlushed = object._withUnsafeGuaranteedRef { $0.flush(until: deadline) }
        object._withUnsafeGuaranteedRef { $0.close(until: deadline) }
        if allLeft, isFlushed { object._withUnsafeGuaranteedRef { $0.queue?.finish() } }
        // A thread that is still inside, this one too, may read it: then it is never freed.
        if allLeft, txaio_thread_depth(txaio_thread_current()) == 0 { object.release() }
        return allLeft && isFlushed
    }

    internal var waitingCount: Int { state.withLock { $0.backlog.count } }
}

/// Waits for threads to leave a pipeline that is no longer in force.
internal enum ThreadQuiescence {
    /// Waits until every thread was seen outside the pipeline.
    ///
    /// Outboxes' `workers` may be within their emitters, which may never return.
    internal static func wait(until deadline: Deadline, workers: () -> [UInt] = { [] }) -> Bool {
        let own = txaio_thread_current()
        // The pipeline was swapped: from now on who is seen outside meets the new one.
        txaio_fence_threads()
        var next = txaio_thread_first()
        while let thread = next {
            if thread != own, !hasLeft(thread, workers, until: deadline) { return false }
            next = thread.pointee.next
        }
        return true
    }

    /// Outside now, or since then inside anew: that time it met the pipeline in force.
    private static func hasLeft(
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ workers: () -> [UInt],
        until deadline: Deadline
    ) -> Bool {
        let before = txaio_thread_visits(thread)
        while txaio_thread_depth(thread) > 0 {
            if txaio_thread_visits(thread) != before { return true }
            // A worker within its emitter holds what it has of the pipeline; where that logs, it is deeper inside.
            if txaio_thread_depth(thread) == 1, workers().contains(UInt(bitPattern: thread)) { return true }
            if deadline.hasPassed { return false }
            Platform.pause()
        }
        return true
    }
}

extension TxaioLogger {
    /// What the logger itself has to say.
    internal static let own = makeLogger("TxaioLog", file: "TxaioLog/LogSystem.swift")
    /// What is to be said of changes of levels, whatever the levels are.
    package static let audit = makeLogger(NamespaceRegistry.audit, file: "TxaioLog/LogSystem.swift")
}
