internal import CTxaio

// Another pipeline takes the place of the one in force, while threads log.

extension LogSystem {
    /// See ``LoggingSession/change(to:within:)``.
    internal func change(
        _ session: LoggingSession,
        to setup: LoggingSetup,
        within limit: Duration
    ) throws(LoggingSetupError) {
        try setup.check()
        try claimChange(of: session)
        defer { state.withLock { $0.isChanging = false } }
        let old = session.pipeline
        let new = Pipeline(setup.emitters, noise: setup.noise, inPlaceOf: old)
        let registry = NamespaceRegistry.shared
        let levels = registry.levels

        registry.makeWay(setup.levels, gates: new.gates)
        let queue = old.queue
        let outboxes = queue?.outboxes ?? []
        if let queue, !queue.change(to: new, until: .after(limit)) {
            registry.takeBack(to: levels, gates: old.gates)
            throw LoggingSetupError(.busy, "\(limit) were not enough")
        }
        // Now the queue's thread hands to the new emitters, and nobody who logs by itself meets the old ones any more.
        let reference = txaio_pipeline_exchange(Unmanaged.passRetained(new).toOpaque(), new.queue?.id ?? 0)
        session.put(new)
        registry.settle()
        RecordLimits.current = setup.recordLimit

        let deadline = Deadline.after(limit)
        let kept = new.slots.map(\.identity)
        let allLeft = ThreadQuiescence.wait(until: deadline) {
            (outboxes + (queue?.outboxes ?? [])).flatMap(\.threads)
        }
        if let noise = old.noise, noise !== new.noise { session.retire(noise) }
        for slot in old.slots where !kept.contains(slot.identity) {
            _ = outboxes.first { $0.identity == slot.identity }?.stop(until: deadline)
            _ = slot.emitter.flush(until: deadline)
            slot.emitter.close(until: deadline)
            session.retire(slot.ledger.snapshot)
        }
        // A thread that is still inside may read it: then it is never freed.
        if allLeft, let reference, txaio_thread_depth(txaio_thread_current()) == 0 {
            Unmanaged<Pipeline>.fromOpaque(reference).release()
        }
    }

    /// Takes the change upon this thread, once nobody else is at one.
    private func claimChange(of session: LoggingSession) throws(LoggingSetupError) {
        while let phase = claim(session, { $0.isChanging = true }) {
            switch phase {
            case .running: break
            // Within an emitter it does not wait for itself.
            case .catchingUpHere: throw LoggingSetupError(.busy, "logging is being started")
            case .catchingUp: break
            default: throw LoggingSetupError(.ended, "")
            }
            Platform.pause()
        }
    }
}
