internal import CTxaio

/// The way of a finished record to the emitters, on the thread that logged.
internal enum Delivery {
    /// An emitter may log while it takes an event; what that makes an emitter log is refused.
    private static var maximumDepth: UInt32 { 2 }

    /// Delivers a record in the thread's own memory about which neither a queue, nor a rule, nor a scope says anything.
    ///
    /// The way of nearly all events of direct delivery, in one function: behind a system call the processor has no code at hand.
    /// False, with nothing done, where there is more to it.
    @inline(__always)
    internal static func deliverPlainly(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        txaio_thread_enter(thread)
        defer { txaio_thread_leave(thread) }
        guard txaio_thread_depth(thread) == 1, let pipeline = txaio_pipeline_load() else { return false }
        // The pipeline lives until this thread has left: see `LogSystem.retire`.
        return Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { pipeline in
            guard pipeline.isPlain else { return false }
            lendMemory(of: thread) {
                pipeline.deliverPlainly(event(record, thread, EventMessage(of: thread, depth: 1)), on: thread)
            }
            txaio_counter_bump(&thread.pointee.delivered)
            txaio_thread_admit(thread)
            return true
        }
    }

    /// Has log calls admitted while emitters read what lies in the thread's memory: meanwhile records are written elsewhere.
    @inline(__always)
    private static func lendMemory(of thread: UnsafeMutablePointer<txaio_thread>, _ read: () -> Void) {
        let lent = thread.pointee.own
        thread.pointee.own = txaio_thread_spare(thread)
        txaio_thread_admit(thread)
        read()
        txaio_thread_refuse(thread)
        shrink(thread.pointee.own)
        thread.pointee.own = lent
        shrink(lent)
    }

    /// Delivers a record.
    ///
    /// Log calls of the thread, from signal handlers too, are refused until its memory is safe from them.
    internal static func deliver(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ scope: LogContext?,
        isThreadsOwn: Bool
    ) {
        txaio_thread_enter(thread)
        defer { txaio_thread_leave(thread) }
        let depth = txaio_thread_depth(thread)
        guard depth <= maximumDepth else {
            txaio_counter_add(&thread.pointee.refused)
            txaio_thread_admit(thread)
            return
        }
        if depth == 1 || thread.pointee.recovering > 0, enqueue(record, thread, scope) {
            if isThreadsOwn { shrink(thread.pointee.own) }
            txaio_thread_admit(thread)
            return
        }
        let message = EventMessage(of: thread, depth: depth)
        if depth == maximumDepth {
            // What is logged meanwhile is refused before it is begun: it would lie over what the emitters read.
            send(record, thread, message, scope)
            if isThreadsOwn { shrink(thread.pointee.own) }
            txaio_thread_admit(thread)
        } else if isThreadsOwn {
            lendMemory(of: thread) { send(record, thread, message, scope) }
            txaio_thread_admit(thread)
        } else {
            txaio_thread_admit(thread)
            send(record, thread, message, scope)
        }
    }

    /// Commits the record to the queue of the pipeline in force; `false` where that has none.
    ///
    /// The pipeline lives until this thread has left, so no reference is counted.
    @inline(__always)
    private static func enqueue(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ scope: LogContext?
    ) -> Bool {
        if let pipeline = scope?.pipeline { return pipeline.enqueue(record, thread) }
        guard let pipeline = txaio_pipeline_load() else { return false }
        return Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { $0.enqueue(record, thread) }
    }

    private static func send(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ message: EventMessage,
        _ scope: LogContext?
    ) {
        let event = event(record, thread, message)
        if let pipeline = scope?.pipeline {
            pipeline.deliver(event, on: thread)
            txaio_counter_bump(&thread.pointee.redirected)
        } else if let pipeline = txaio_pipeline_load() {
            // The pipeline lives until this thread has left: see `LogSystem.retire`.
            Unmanaged<Pipeline>.fromOpaque(pipeline)._withUnsafeGuaranteedRef { $0.deliver(event, on: thread) }
            txaio_counter_bump(&thread.pointee.delivered)
        } else if !LogSystem.shared.keep(event, thread) {
            txaio_counter_add(&thread.pointee.refused)
        }
    }

    @inline(__always)
    private static func event(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ message: EventMessage
    ) -> LogEvent {
        message.reset()
        return LogEvent(
            record: UnsafeRawPointer(record),
            threadNumber: thread.pointee.number,
            threadID: txaio_thread_tid(thread),
            startID: txaio_process_current().pointee.start_id,
            message: message
        )
    }

    /// Sees to it that a thread's end gives back what its events took.
    internal static func watchThreads() {
        txaio_thread_at_exit { thread in
            EventQueue.release(thread)
            for depth in 1...2 as ClosedRange<UInt32> { EventMessage(of: thread, depth: depth).free() }
        }
    }

    /// One large event must not bind much memory to a thread for ever.
    internal static func shrink(_ buffer: UnsafeMutablePointer<txaio_buffer>) {
        guard buffer.pointee.capacity > UInt64(RecordLimits.kept) else { return }
        txaio_buffer_begin(buffer, UInt64(clamping: RecordLimits.current))
    }
}
