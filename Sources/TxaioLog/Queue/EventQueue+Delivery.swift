internal import CTxaio
internal import Synchronization

// The delivering thread.

extension EventQueue {
    private static let threadName: StaticString = "txaio-log"

    /// Notes what records refer to from now on.
    internal func prepare(_ pipeline: Pipeline) {
        let storage = state.withLock { state in
            state.pipeline = pipeline
            return state.storage
        }
        guard pipeline.usesCells else { return }
        NamespaceRegistry.shared.observe { cell in
            let address = UInt64(UInt(bitPattern: cell))
            let name = UnsafeRawBufferPointer(start: cell.pointee.name, count: Int(cell.pointee.name_length))
            storage.note(.namespace, address: address, text: name)
            let file = UnsafeRawBufferPointer(start: cell.pointee.file, count: Int(cell.pointee.file_length))
            storage.note(.file, address: address, text: file)
        }
        LogCategories.shared.observe { template in
            storage.note(.template, address: UInt64(UInt(bitPattern: template.baseAddress)), text: template)
        }
        ContextNames.shared.observe { name in
            storage.note(.name, address: UInt64(UInt(bitPattern: name.baseAddress)), text: name)
        }
    }

    /// Takes over what came before the start, before anything else comes.
    internal func adopt(_ backlog: Backlog) {
        adoptedCount.store(UInt64(backlog.count), ordering: .relaxed)
        if backlog.count > 0 { txaio_fatal_backlog(true) }
        state.withLock { $0.backlog = backlog }
    }

    /// Starts the thread that delivers, and those of outboxes; once in a process.
    internal func start() {
        let (pool, contexts, pipeline) = state.withLock { ($0.pool, $0.contexts, $0.pipeline) }
        // None once it has ended.
        guard let pipeline else { return }
        let done = Bell()
        let slots = pipeline.slots.count > 1 ? pipeline.slots : []
        let outboxes = slots.map { Outbox($0, limit: outboxLimit, done: done) }
        let backlog = state.withLock { state in
            state.outboxes = outboxes
            state.done = done
            defer { state.backlog = Backlog() }
            return state.backlog
        }
        for outbox in outboxes { outbox.start() }
        let set = outboxes.isEmpty ? nil : OutboxSet(outboxes, pipeline, done: done)
        let deliverer = QueueDeliverer(
            of: self,
            pool: pool,
            contexts: contexts,
            pipeline: pipeline,
            outboxes: set,
            backlog: backlog
        )
        if options.handlesFatalSignals { _ = txaio_fatal_install(1_000_000_000) }
        txaio_fatal_delivery_begins()
        Platform.startThread(named: Self.threadName) { Outbox.work(at: deliverer.deliver()) }
    }

    /// Has the calling thread deliver until the end; or until an outbox's thread has taken its part, which is answered.
    internal func deliver(with deliverer: QueueDeliverer) -> Outbox? {
        Platform.nameThread(Self.threadName)
        _ = txaio_thread_current()
        txaio_fatal_delivers(true)
        let outbox = run(deliverer)
        txaio_fatal_delivers(false)
        if outbox == nil { hasEnded.store(true, ordering: .releasing) }
        return outbox
    }

    private func run(_ deliverer: QueueDeliverer) -> Outbox? {
        // Where another thread was at a change when this one took its part.
        if state.withLock({ $0.next != nil }) { isChanging.store(true, ordering: .releasing) }
        var idle = 0
        while true {
            Clocks.refresh()
            let isLast = isStopping.load(ordering: .acquiring)
            if let outbox = change(deliverer) { return outbox }
            switch deliverer.deliverBatch(takingLatest: isLast) {
            case .relieved(let outbox):
                return outbox
            case .delivered:
                deliverer.announceSlowEmitters(isLast: false)
                idle = 0
            case .nothing:
                deliverer.announceSlowEmitters(isLast: isLast)
                deliverer.announceDrops(dropped)
                if isLast { return nil }
                idle += 1
                if !options.spins { Platform.sleep(microseconds: min(1_000, 50 << min(idle, 5))) }
            }
        }
    }
}
