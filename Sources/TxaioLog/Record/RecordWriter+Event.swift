public import CTxaio

// From a log call to the record's end. Everything up to `finish` is inlined into the caller: without that a call that is
// turned away would cost hundreds of nanoseconds.

extension RecordWriter {
    /// Begins an event's record, or counts that the call is refused, or dropped, and returns `nil`.
    ///
    /// With `direct` it lies in the thread's ring or own memory and nothing of the user's may run before ``finish(_:)``;
    /// otherwise in memory of its own, for values whose encoding runs the user's code.
    @inlinable @inline(__always)
    internal static func begin(_ level: LogLevel, _ handle: LogHandle, count: Int, direct: Bool) -> RecordWriter? {
        let thread = txaio_thread_current()
        if !direct { return beginPrepared(level, handle, count: count, thread) }
        if thread.pointee.refusing != 0 || thread.pointee.own.pointee.capacity == 0 {
            guard makeReady(thread) else { return nil }
        }
        txaio_thread_refuse(thread)
        let sequence = txaio_counter_increment(&thread.pointee.sequence)
        guard let buffer = txaio_record_begin(thread, handle.cell, level.rawValue, LogLevel.error.rawValue) else {
            return nil
        }
        var writer = RecordWriter(buffer, offset: RecordLayout.header)
        // Its time is the end's: a reading of the clock costs least when nothing comes after it.
        writer.header(level, handle, count: count, sequence: sequence, flags: 0)
        return writer
    }

    @inlinable @inline(__always)
    internal mutating func header(
        _ level: LogLevel,
        _ handle: LogHandle,
        count: Int,
        sequence: UInt64,
        flags: UInt8
    ) {
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        // Level, flags and number of fields, in one.
        let head = UInt32(level.rawValue) | UInt32(flags) << 8 | UInt32(UInt16(clamping: count)) << 16
        base.storeBytes(of: head.littleEndian, toByteOffset: RecordLayout.level, as: UInt32.self)
        base.storeBytes(of: UInt64(UInt(bitPattern: handle.cell)), toByteOffset: RecordLayout.cell, as: UInt64.self)
        base.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
    }

    /// The event's time: now.
    @inline(__always)
    private mutating func time(_ thread: UnsafeMutablePointer<txaio_thread>) {
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        base.storeBytes(of: txaio_clock_next(thread), toByteOffset: RecordLayout.time, as: Int64.self)
    }

    /// The call's place and its template, a literal.
    @inlinable @inline(__always)
    internal mutating func call(_ template: StaticString, _ function: StaticString, _ line: UInt32) {
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        let address = UInt64(UInt(bitPattern: template.utf8Start))
        base.storeBytes(of: address, toByteOffset: RecordLayout.template, as: UInt64.self)
        let length = UInt32(truncatingIfNeeded: template.utf8CodeUnitCount)
        base.storeBytes(of: length, toByteOffset: RecordLayout.templateLength, as: UInt32.self)
        base.storeBytes(of: line, toByteOffset: RecordLayout.line, as: UInt32.self)
        let place = UInt64(UInt(bitPattern: function.utf8Start))
        base.storeBytes(of: place, toByteOffset: RecordLayout.function, as: UInt64.self)
        let nameLength = UInt32(truncatingIfNeeded: function.utf8CodeUnitCount)
        base.storeBytes(of: nameLength, toByteOffset: RecordLayout.functionLength, as: UInt32.self)
    }

    /// A literal name and its value.
    @inlinable @inline(__always)
    internal mutating func field<V: LogValue>(_ pair: (StaticString, V)) {
        name(pair.0)
        write(pair.1)
    }

    // ------------------------------------------------------------------------------------------------ out of line

    /// Sees to a thread that is busy, or logs for the first time.
    @usableFromInline @inline(never)
    internal static func makeReady(_ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        if thread.pointee.refusing != 0 {
            txaio_counter_add(&thread.pointee.turned_away)
            return false
        }
        txaio_thread_refuse(thread)
        txaio_buffer_begin(thread.pointee.own, UInt64(clamping: RecordLimits.current))
        txaio_thread_admit(thread)
        return true
    }

    @usableFromInline @inline(never)
    internal static func beginPrepared(
        _ level: LogLevel,
        _ handle: LogHandle,
        count: Int,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> RecordWriter? {
        guard isWanted(level, handle.cell, thread), beginPreparing() else { return nil }
        let buffer = UnsafeMutablePointer<txaio_buffer>.allocate(capacity: 1)
        buffer.initialize(to: .record(RecordLimits.initial))
        var writer = RecordWriter(buffer, offset: RecordLayout.header)
        writer.header(level, handle, count: count, sequence: 0, flags: RecordFlag.prepared)
        // The user's code may take any time.
        writer.time(thread)
        writer.call("", "", 0)
        return writer
    }

    /// Whether a call's scope lets it pass, asked before the user's code runs for it.
    private static func isWanted(
        _ level: LogLevel,
        _ cell: UnsafePointer<txaio_cell>,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        guard txaio_cell_scoped(cell) != 0 else { return true }
        var isWanted = true
        LogContext.withCurrent { scope in
            if case .isGivenUp = ScopeGate.verdict(level.rawValue, cell, scope, nil, thread) { isWanted = false }
        }
        return isWanted
    }

    /// Says that the user's code is about to run for a call, or counts that the call is refused.
    ///
    /// A description that logs a value whose description logs: two deep is a use, more is a circle.
    internal static func beginPreparing() -> Bool {
        let thread = txaio_thread_current()
        guard thread.pointee.refusing == 0, thread.pointee.preparing < 2 else {
            txaio_counter_add(&thread.pointee.turned_away)
            return false
        }
        thread.pointee.preparing += 1
        return true
    }

    internal static func endPreparing() { txaio_thread_current().pointee.preparing -= 1 }

    /// Makes room for a field's name and a scalar.
    ///
    /// Where there is none, or where more fields stand than a record counts, the record ends with the `written` ones
    /// that it has.
    internal mutating func ensureField(_ written: Int) -> Bool {
        if written < RecordLimits.fields {
            if ensure(64) { return true }
        } else {
            buffer.pointee.lost += 1
        }
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        base.storeBytes(of: UInt16(clamping: written), toByteOffset: RecordLayout.fieldCount, as: UInt16.self)
        return false
    }

    /// A template whose bytes live as long as the process.
    internal mutating func template(literal bytes: UnsafeRawBufferPointer) {
        store(template: UInt64(UInt(bitPattern: bytes.baseAddress)), length: bytes.count, flags: 0)
    }

    /// The template of a call that passes it as a `String`: a literal's address where it shows one, else its bytes.
    internal mutating func template(_ text: String, hasValues: Bool) {
        if let literal = StringLayout.literal(text) {
            return template(literal: literal)
        }
        var text = text
        // A short literal cannot be told from a short text made at run time.
        let isShort = text.utf8.count <= StringLayout.shortLength
        let kind = !hasValues ? RecordFlag.text : isShort ? 0 : RecordFlag.runtime
        text.withUTF8 { template(copying: UnsafeRawBufferPointer($0), flags: kind) }
    }

    private mutating func template(copying bytes: UnsafeRawBufferPointer, flags: UInt8) {
        let room = ensure(bytes.count) ? bytes.count : max(0, position.distance(to: end) - RecordLayout.slack)
        let length = clip(bytes, to: room)
        copy(UnsafeRawBufferPointer(rebasing: bytes[..<length]))
        store(template: 0, length: length, flags: flags)
    }

    /// A call without a template.
    internal mutating func noTemplate() { store(template: 0, length: 0, flags: RecordFlag.bare) }

    internal mutating func store(template address: UInt64, length: Int, flags: UInt8) {
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        base.storeBytes(of: address, toByteOffset: RecordLayout.template, as: UInt64.self)
        // With no line, in one.
        let length = UInt64(UInt32(clamping: length))
        base.storeBytes(of: length.littleEndian, toByteOffset: RecordLayout.templateLength, as: UInt64.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.function, as: UInt64.self)
        let kept = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
        base.storeBytes(of: kept | flags, toByteOffset: RecordLayout.flags, as: UInt8.self)
    }

    /// Ends the record and hands it to delivery.
    @inlinable @inline(__always)
    internal mutating func finish(_ handle: LogHandle) {
        if handle.bound == nil, txaio_record_end(buffer, position, handle.cell) { return }
        finishWithCare(handle)
    }

    @usableFromInline @inline(never)
    internal mutating func finishWithCare(_ handle: LogHandle) {
        let thread = txaio_thread_current()
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        // In the ring it has its time.
        let isInPlace = txaio_is_in_place(thread, buffer)
        let isPrepared = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self) & RecordFlag.prepared != 0
        if !isInPlace, !isPrepared { time(thread) }
        if buffer == thread.pointee.own, finishPlainly(base, handle, thread) { return }
        if isInPlace, finishInPlace(handle, thread) { return }
        finish(handle, thread)
    }

    /// Hands a record in the thread's own memory to delivery, where it is as the call made it and nothing else bears on it.
    @inline(__always)
    private func finishPlainly(
        _ base: UnsafeMutableRawPointer,
        _ handle: LogHandle,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        guard !txaio_scopes_in_use(), !txaio_categories_in_use(), txaio_cell_scoped(handle.cell) == 0,
            buffer.pointee.lost == 0, !(handle.bound?.isCut ?? false)
        else { return false }
        end(base, handle)
        return Delivery.deliverPlainly(base, thread)
    }

    /// Writes what is known of a record at its end.
    @inline(__always)
    private func end(_ base: UnsafeMutableRawPointer, _ handle: LogHandle) {
        base.storeBytes(of: UInt32(clamping: offset), toByteOffset: RecordLayout.size, as: UInt32.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.contextCount, as: UInt32.self)
        base.storeBytes(of: handle.bound?.reference ?? 0, toByteOffset: RecordLayout.bound, as: UInt64.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.scope, as: UInt64.self)
    }

    /// Commits a record that lies in the thread's ring, or moves it to the thread's own memory, which is `false`.
    @inline(never)
    private mutating func finishInPlace(_ handle: LogHandle, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        if commit(handle, thread) { return true }
        moveOut(thread)
        return false
    }

    /// Commits a record that lies in the thread's ring, with the fields of its logger and scopes; `false` where there is more
    /// to it.
    @inline(__always)
    private mutating func commit(_ handle: LogHandle, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        guard !txaio_categories_in_use(), txaio_cell_scoped(handle.cell) == 0, buffer.pointee.lost == 0 else {
            return false
        }
        if txaio_scopes_in_use() {
            var isCommitted = false
            LogContext.withCurrent { isCommitted = commit(handle.bound, $0, thread) }
            return isCommitted
        }
        return commit(handle.bound, nil, thread)
    }

    @inline(__always)
    private mutating func commit(
        _ bound: EncodedFields?,
        _ scope: LogContext?,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        if let scope, scope.isCut || scope.recording != nil || scope.pipeline != nil { return false }
        let base = UnsafeMutableRawPointer(buffer.pointee.base.unsafelyUnwrapped)
        base.storeBytes(of: bound?.reference ?? 0, toByteOffset: RecordLayout.bound, as: UInt64.self)
        base.storeBytes(of: scope?.reference ?? 0, toByteOffset: RecordLayout.scope, as: UInt64.self)
        if bound != nil || scope != nil {
            guard !(bound?.isCut ?? false), Pipeline.refersToTable(base, thread) else { return false }
        }
        let size = UInt32(truncatingIfNeeded: UnsafeRawPointer(base).distance(to: position))
        base.storeBytes(of: size, toByteOffset: RecordLayout.size, as: UInt32.self)
        base.storeBytes(of: 0, toByteOffset: RecordLayout.contextCount, as: UInt32.self)
        txaio_ring_commit(thread, size)
        return true
    }

    /// Has the record go on in the thread's own memory.
    @inline(never)
    internal mutating func moveOut(_ thread: UnsafeMutablePointer<txaio_thread>) {
        let used = offset
        txaio_ring_move_out(thread, UInt64(used))
        self = RecordWriter(thread.pointee.own, offset: used, depth: depth, nodes: nodes)
    }

    /// Hands a record in the thread's own memory, or in memory of its own, to delivery.
    @inline(__always)
    private mutating func finish(_ handle: LogHandle, _ thread: UnsafeMutablePointer<txaio_thread>) {
        guard let base = buffer.pointee.base.map(UnsafeMutableRawPointer.init) else { return }
        end(base, handle)
        var isCut = handle.bound?.isCut ?? false
        if buffer.pointee.lost > 0 {
            isCut = true
            buffer.pointee.lost = 0
        }
        let buffer = buffer
        LogContext.withCurrent { scope in
            if let scope {
                base.storeBytes(of: scope.reference, toByteOffset: RecordLayout.scope, as: UInt64.self)
                isCut = isCut || scope.isCut
            }
            var flags = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
            if isCut {
                flags |= RecordFlag.cut
                base.storeBytes(of: flags, toByteOffset: RecordLayout.flags, as: UInt8.self)
            }
            if txaio_categories_in_use() { LogCategories.apply(to: base) }
            if txaio_cell_scoped(handle.cell) != 0, !Self.passes(base, handle.cell, scope, thread) {
                return Self.giveUp(base, buffer, thread, flags)
            }
            if let recording = scope?.recording, Self.fails(base, thread), recording.tape.isWorthWriting {
                return Self.finish(base, buffer, thread, scope, behind: recording.tape)
            }
            if flags & RecordFlag.prepared != 0 {
                Self.finishPrepared(base, buffer, thread, scope)
            } else {
                Delivery.deliver(base, thread, scope, isThreadsOwn: true)
            }
        }
    }

    /// Decides for an event of a namespace of which more passes, or is recorded, in some scopes.
    private static func passes(
        _ base: UnsafeMutableRawPointer,
        _ cell: UnsafePointer<txaio_cell>,
        _ scope: LogContext?,
        _ thread: UnsafeMutablePointer<txaio_thread>
    ) -> Bool {
        let level = base.load(fromByteOffset: RecordLayout.level, as: UInt8.self)
        let flags = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
        switch ScopeGate.verdict(level, cell, scope, base, thread) {
        case .passes: return true
        case .passesHere:
            base.storeBytes(of: flags | RecordFlag.scoped, toByteOffset: RecordLayout.flags, as: UInt8.self)
            return true
        case .isKept(let tape):
            base.storeBytes(of: flags | RecordFlag.scoped, toByteOffset: RecordLayout.flags, as: UInt8.self)
            base.storeBytes(of: 1, toByteOffset: RecordLayout.recorded, as: UInt16.self)
            tape.keep(base, thread)
            return false
        case .isGivenUp: return false
        }
    }

    /// Whether an event is one for which a scope's recording is written.
    ///
    /// What emitters log is not their callers'.
    private static func fails(_ base: UnsafeMutableRawPointer, _ thread: UnsafeMutablePointer<txaio_thread>) -> Bool {
        base.load(fromByteOffset: RecordLayout.level, as: UInt8.self) <= LogLevel.error.rawValue
            && txaio_thread_depth(thread) == 0
    }

    /// Ends a record behind those that its scope's recording holds.
    private static func finish(
        _ base: UnsafeMutableRawPointer,
        _ buffer: UnsafeMutablePointer<txaio_buffer>,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ scope: LogContext?,
        behind tape: Tape
    ) {
        let flags = base.load(fromByteOffset: RecordLayout.flags, as: UInt8.self)
        if flags & RecordFlag.prepared != 0 {
            tape.write(since: .error)
            return finishPrepared(base, buffer, thread, scope)
        }
        // What is written first needs the thread's memory, and numbers before this one's.
        let size = Int(base.load(fromByteOffset: RecordLayout.size, as: UInt32.self))
        let copy = UnsafeMutableRawPointer(txaio_allocate(size))
        copy.copyMemory(from: base, byteCount: size)
        txaio_counter_take_back(&thread.pointee.sequence)
        txaio_thread_admit(thread)
        tape.write(since: .error)
        txaio_thread_refuse(thread)
        deliver(copy, thread, scope)
        txaio_free(copy.assumingMemoryBound(to: UInt8.self))
    }

    /// Gives a record that lies in memory of its own the thread's next number, and hands it to delivery.
    private static func deliver(
        _ record: UnsafeMutableRawPointer,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ scope: LogContext?
    ) {
        let sequence = txaio_counter_increment(&thread.pointee.sequence)
        record.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
        Delivery.deliver(record, thread, scope, isThreadsOwn: false)
    }

    /// Leaves everything as if the namespace's cell had turned the call away.
    private static func giveUp(
        _ base: UnsafeMutableRawPointer,
        _ buffer: UnsafeMutablePointer<txaio_buffer>,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ flags: UInt8
    ) {
        if flags & RecordFlag.prepared != 0 {
            endPreparing()
            txaio_free(buffer.pointee.base)
            buffer.deallocate()
        } else {
            txaio_counter_take_back(&thread.pointee.sequence)
            txaio_thread_admit(thread)
        }
    }

    /// Leaves everything as if a record that was begun in the thread's ring or own memory had never been.
    @inline(never)
    internal mutating func abandon() {
        let thread = txaio_thread_current()
        buffer.pointee.lost = 0
        if txaio_is_in_place(thread, buffer) { txaio_thread_leave(thread) }
        txaio_counter_take_back(&thread.pointee.sequence)
        txaio_thread_admit(thread)
    }

    private static func finishPrepared(
        _ base: UnsafeMutableRawPointer,
        _ buffer: UnsafeMutablePointer<txaio_buffer>,
        _ thread: UnsafeMutablePointer<txaio_thread>,
        _ scope: LogContext?
    ) {
        endPreparing()
        txaio_thread_refuse(thread)
        deliver(base, thread, scope)
        txaio_free(buffer.pointee.base)
        buffer.deallocate()
    }
}

extension txaio_buffer {
    /// Memory for a record that is no thread's.
    internal static func record(_ capacity: Int) -> txaio_buffer {
        txaio_buffer(
            base: txaio_allocate(capacity),
            capacity: UInt64(capacity),
            limit: UInt64(clamping: RecordLimits.current),
            lost: 0,
            home: nil
        )
    }
}
