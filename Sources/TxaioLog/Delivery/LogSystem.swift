internal import CTxaio

/// The one logging system of the process: which pipeline is in force, and what came before there was one.
internal final class LogSystem: Sendable {
    internal static let shared = LogSystem()

    private struct State {
        var phase = Phase.waiting
        var session: LoggingSession?
        var backlog = Backlog()
    }

    private enum Phase { case waiting, starting, running, stopped }

    private let state = Lock(State())

    // ------------------------------------------------------------------------------------------------ before the start

    /// Keeps an event that found no pipeline; `false` if it is to be refused.
    internal func keep(_ event: borrowing LogEvent, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        let isKept: Bool? = state.withLock { state in
            switch state.phase {
            case .waiting, .starting: state.backlog.append(event)
            case .running: nil
            case .stopped: false
            }
        }
        if let isKept { return isKept }
        // It was started just now: this thread is inside, so the pipeline cannot go away meanwhile.
        guard let pipeline = txaio_pipeline_load() else { return false }
        let threadState = ThreadState.of(thread)
        Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { $0.deliver(event, on: threadState) }
        _ = txaio_counter_increment(&thread.pointee.delivered)
        return true
    }

    // ------------------------------------------------------------------------------------------------ start and end

    internal func start(_ setup: LoggingSetup) throws(LoggingSetupError) -> LoggingSession {
        try setup.check()
        if let session = beginStart() { return session }
        RecordLimits.current = setup.recordLimit
        let pipeline = Pipeline(setup.emitters, usesCells: true)
        let session = LoggingSession(pipeline)
        let gates = setup.emitters.map { EmitterGate(name: $0.emitter.name, minimum: $0.level) }
        NamespaceRegistry.shared.apply(rules: setup.rules, emitters: gates)
        _ = Self.exitHook
        let backlog = state.withLock { state in
            state.phase = .running
            state.session = session
            _ = txaio_pipeline_exchange(Unmanaged.passRetained(pipeline).toOpaque())
            let backlog = state.backlog
            state.backlog = Backlog()
            return backlog
        }
        deliver(backlog, through: pipeline)
        return session
    }

    /// Makes the caller the one who starts logging, or returns the session that runs. Waits for another's start to end.
    private func beginStart() -> LoggingSession? {
        while true {
            let (isMine, session): (Bool, LoggingSession?) = state.withLock { state in
                switch state.phase {
                case .running: return (false, state.session)
                case .starting: return (false, nil)
                case .waiting, .stopped:
                    state.phase = .starting
                    return (true, nil)
                }
            }
            if isMine || session != nil { return session }
            Platform.pause()
        }
    }

    private static let exitHook: Void = Platform.atExit { _ = LogSystem.shared.running?.flush(within: .seconds(1)) }

    internal var running: LoggingSession? {
        state.withLock { $0.phase == .running ? $0.session : nil }
    }

    private func deliver(_ backlog: Backlog, through pipeline: Pipeline) {
        let thread = txaio_thread_current()
        let threadState = ThreadState.of(thread)
        let cache = MessageCache()
        backlog.forEach { record, threadNumber, threadID in
            cache.reset()
            let event = LogEvent(
                record: record,
                threadNumber: threadNumber,
                threadID: threadID,
                startID: txaio_process_current().pointee.start_id,
                cache: cache
            )
            pipeline.deliver(event, on: threadState)
            _ = txaio_counter_increment(&thread.pointee.delivered)
        }
        if backlog.refused > 0 {
            TxaioLogger.own.warn(
                "{count} events before the start of logging found no room in the backlog.",
                ("count", backlog.refused)
            )
        }
    }

    /// Takes the pipeline out of force, waits until no thread is inside it, and closes its emitters.
    internal func stop(_ session: LoggingSession, until deadline: Deadline) -> Bool {
        let wasRunning = state.withLock { state in
            guard state.phase == .running, state.session === session else { return false }
            state.phase = .stopped
            return true
        }
        guard wasRunning else { return session.isComplete }
        return retire(txaio_pipeline_exchange(nil), until: deadline)
    }

    private func retire(_ pipeline: UnsafeRawPointer?, until deadline: Deadline) -> Bool {
        guard let pipeline else { return true }
        let object = Unmanaged<Pipeline>.fromOpaque(pipeline)
        let allLeft = ThreadQuiescence.wait(until: deadline)
        let isFlushed = object._withUnsafeGuaranteedRef { $0.flush(until: deadline) }
        object._withUnsafeGuaranteedRef { $0.close(until: deadline) }
        // A thread that is still inside may read it: then it is never freed.
        if allLeft { object.release() }
        return allLeft && isFlushed
    }

    internal var waiting: (count: Int, phaseIsWaiting: Bool) {
        state.withLock { ($0.backlog.count, $0.phase == .waiting) }
    }
}

/// Waits until every thread was seen outside the pipeline.
internal enum ThreadQuiescence {
    internal static func wait(until deadline: Deadline) -> Bool {
        let own = txaio_thread_current()
        var next = txaio_thread_first()
        while let thread = next {
            if thread != own, !hasLeft(thread, until: deadline) { return false }
            next = thread.pointee.next
        }
        return true
    }

    /// Outside now, or since then inside anew: that time it met the pipeline in force.
    private static func hasLeft(_ thread: UnsafeMutablePointer<txaio_thread>, until deadline: Deadline) -> Bool {
        let before = txaio_counter_load(&thread.pointee.visits)
        while txaio_thread_depth(thread) != 0 {
            if txaio_counter_load(&thread.pointee.visits) != before { return true }
            if deadline.hasPassed { return false }
            Platform.pause()
        }
        return true
    }
}

extension TxaioLogger {
    /// What the logger itself has to say.
    internal static let own = makeLogger("TxaioLog", file: "TxaioLog/LogSystem.swift")
}
