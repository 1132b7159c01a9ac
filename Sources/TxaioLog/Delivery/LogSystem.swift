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
        var hasExitHook = false
        var hasForkHook = false
    }

    // While it is starting, events are kept as before: the levels of the new pipeline are in force, itself it is not.
    // While it is stopping it is as if it had stopped, but nobody may start before.
    internal enum Phase { case waiting, starting, running, stopping, stopped }

    internal let state = Lock(State())

    // ------------------------------------------------------------------------------------------------ before the start

    /// Keeps an event that found no pipeline; `false` if it is to be refused.
    internal func keep(_ event: borrowing LogEvent, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        let isKept: Bool? = state.withLock { state in
            Self.watchForks(&state)
            return switch state.phase {
            case .waiting, .starting: state.backlog.append(event)
            case .running: nil
            case .stopping, .stopped: false
            }
        }
        if let isKept { return isKept }
        // It was put in force just now: this thread is inside, so the pipeline cannot go away meanwhile.
        guard let pipeline = txaio_pipeline_load() else { return false }
        Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { $0.deliver(event, on: thread) }
        _ = txaio_counter_increment(&thread.pointee.delivered)
        return true
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
        pipeline.start()
        let session = LoggingSession(pipeline)
        session.runAfterFork()
        _ = RecorderTotals.counts
        _ = EventQueue.counts(with: nil)
        if let environment { NamespaceRegistry.shared.setEnvironment(environment) }
        NamespaceRegistry.shared.apply(setup.levels, gates: pipeline.gates)
        let backlog = state.withLock { state in
            state.phase = .running
            state.session = session
            _ = txaio_pipeline_exchange(Unmanaged.passRetained(pipeline).toOpaque(), pipeline.queue?.id ?? 0)
            if !state.hasExitHook {
                state.hasExitHook = true
                Platform.atExit { _ = LogSystem.shared.running?.flush(within: .seconds(1)) }
            }
            Self.watchForks(&state)
            let backlog = state.backlog
            state.backlog = Backlog()
            return backlog
        }
        deliver(backlog, through: pipeline)
        if let environment {
            TxaioLogger.audit.info(
                "Levels '{levels}' of {variable} hold above all others.",
                levels: environment.rulesText,
                variable: EnvironmentLevels.variable
            )
        }
        return session
    }

    /// Takes the start upon this thread, or waits for the thread that has and returns its session.
    private func claimStart() -> LoggingSession? {
        while true {
            let (isMine, session): (Bool, LoggingSession?) = state.withLock { state in
                switch state.phase {
                case .running: return (false, state.session)
                case .starting, .stopping: return (false, nil)
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

    private static func watchForks(_ state: inout State) {
        guard !state.hasForkHook else { return }
        state.hasForkHook = true
        txaio_thread_after_fork { LogSystem.shared.beginAnew() }
    }

    /// In a child process: what was kept is the parent's to deliver, and the counters count what the child does.
    private func beginAnew() {
        let session = state.withLock { state in
            state.backlog = Backlog()
            // The thread that was starting it is not here.
            if state.phase == .starting { state.phase = .waiting }
            if state.phase == .stopping { state.phase = .stopped }
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

    private func deliver(_ backlog: Backlog, through pipeline: Pipeline) {
        let thread = txaio_thread_current()
        let cache = MessageCache()
        txaio_thread_enter(thread)
        backlog.visit { record, threadNumber, threadID in
            cache.message.reset()
            let event = LogEvent(
                record: record,
                threadNumber: threadNumber,
                threadID: threadID,
                startID: txaio_process_current().pointee.start_id,
                message: cache.message
            )
            pipeline.deliver(event, on: thread)
            _ = txaio_counter_increment(&thread.pointee.delivered)
        }
        txaio_thread_leave(thread)
        if backlog.refused > 0 {
            TxaioLogger.own.warn(
                "{count} events before the start of logging found no room in the backlog.",
                ("count", backlog.refused)
            )
        }
    }

    /// Takes the pipeline out of force, waits until no thread is inside it, and closes its emitters.
    internal func stop(_ session: LoggingSession, until deadline: Deadline) -> Bool {
        var wasRunning: Bool?
        while wasRunning == nil {
            // A change that is under way ends within its own time.
            wasRunning = state.withLock { state in
                guard state.phase == .running, state.session === session else { return false }
                guard !state.isChanging else { return nil }
                state.phase = .stopping
                return true
            }
            if wasRunning == nil { Platform.pause() }
        }
        guard wasRunning == true else { return session.isComplete }
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
        let workers = object._withUnsafeGuaranteedRef { $0.queue?.outboxes.map(\.thread) ?? [] }
        var allLeft = ThreadQuiescence.wait(until: deadline, workers: workers)
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
    internal static func wait(until deadline: Deadline, workers: [UInt] = []) -> Bool {
        let own = txaio_thread_current()
        // The pipeline was swapped: from now on who is seen outside meets the new one.
        txaio_fence_threads()
        var next = txaio_thread_first()
        while let thread = next {
            // A worker within its emitter has nothing of the pipeline; where that logs, it is deeper inside.
            let allowed: UInt32 = workers.contains(UInt(bitPattern: thread)) ? 1 : 0
            if thread != own, !hasLeft(thread, downTo: allowed, until: deadline) { return false }
            next = thread.pointee.next
        }
        return true
    }

    /// Outside now, or since then inside anew: that time it met the pipeline in force.
    private static func hasLeft(
        _ thread: UnsafeMutablePointer<txaio_thread>,
        downTo depth: UInt32,
        until deadline: Deadline
    ) -> Bool {
        let before = txaio_thread_visits(thread)
        while txaio_thread_depth(thread) > depth {
            if txaio_thread_visits(thread) != before { return true }
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
