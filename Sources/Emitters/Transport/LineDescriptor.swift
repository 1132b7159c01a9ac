internal import TxaioLog

/// Writes whole lines to a descriptor, in bounded time, whatever the descriptor is.
///
/// A plain state machine: who shares it holds a lock.
///
/// Invariant: while `isTorn` the sink ends within a line, and nothing but a line feed is written next.
internal final class LineDescriptor {
    private var descriptor: Int32
    private let kind: SystemCall.Kind
    private var way: SystemCall.Way
    /// Whether the way of writing may raise signals, which are held back at two more system calls a write.
    private var holdsSignals: Bool
    /// Whether a write may wait without bound, so that room must be seen first.
    private let blocks: Bool
    private let waitsAtMost: Int64

    /// Whether the sink ends within a line, because what followed was refused.
    private var isTorn: Bool
    /// Whether the last line found no room in time: until one does, none waits again.
    private var isStalled = false

    /// Takes a descriptor over.
    ///
    /// - Parameters:
    ///   - descriptor: Closed at the end of life; negative for none.
    ///   - kind: What it leads to.
    ///   - waitsAtMost: How long one line waits for room, in nanoseconds.
    ///   - isTorn: Whether the sink ends within a line already.
    internal init(_ descriptor: Int32, _ kind: SystemCall.Kind, waitsAtMost: Int64, isTorn: Bool = false) {
        var own = descriptor
        self.kind = kind
        if kind == .pipe || kind == .terminal, !SystemCall.isNonBlocking(descriptor) {
            if let reopened = SystemCall.reopenNonBlocking(descriptor) {
                SystemCall.closeDescriptor(descriptor)
                own = reopened
                blocks = false
            } else {
                blocks = true
            }
        } else {
            blocks = false
        }
        switch kind {
        case .socket: way = .socket
        case .pipe: way = .quiet
        case .file, .terminal, .device: way = .plain
        }
        holdsSignals = way != .quiet && SystemCall.mayRaiseSignals(kind)
        if kind == .file { SystemCall.surviveFileLimits() }
        self.descriptor = own
        self.waitsAtMost = waitsAtMost
        self.isTorn = isTorn
    }

    deinit {
        if descriptor >= 0 { SystemCall.closeDescriptor(descriptor) }
    }

    /// What became of a line.
    internal enum Outcome: Equatable {
        /// It is written whole.
        case written
        /// There was no room in time.
        case full
        /// Nobody is at the other end.
        case gone(Errno)
        /// It was refused.
        case refused(Errno)

        internal var isWritten: Bool { self == .written }
    }

    /// Writes a line with its line feed: in one call where the sink takes it at once.
    internal func writeLine(_ line: UnsafeRawBufferPointer) -> (outcome: Outcome, done: Int) {
        settle(line, writeLines(line))
    }

    /// Writes the rest of a line of which ``begin(_:)`` has written `begun` bytes.
    internal func writeLine(_ line: UnsafeRawBufferPointer, begun: Int) -> (outcome: Outcome, done: Int) {
        settle(line, writeRest(lines: line, begun: begun))
    }

    private func settle(
        _ line: UnsafeRawBufferPointer,
        _ result: (outcome: Outcome, done: Int)
    ) -> (outcome: Outcome, done: Int) {
        let (outcome, done) = result
        // A line that lacks its line feed alone is there, and the next one begins with it.
        return (done > 0 && done == line.count - 1 ? .written : outcome, done)
    }

    /// Writes whole lines together, and says how many of their bytes the sink has.
    internal func writeLines(_ lines: UnsafeRawBufferPointer) -> (outcome: Outcome, done: Int) {
        let begun = begin(lines)
        return begun == lines.count ? (.written, begun) : writeRest(lines: lines, begun: begun)
    }

    /// Writes whole lines in one call where the sink takes them at once, which is as good as always all that is to be done:
    /// how many bytes of them it took.
    @inline(__always)
    internal func begin(_ lines: UnsafeRawBufferPointer) -> Int {
        guard isReady else { return 0 }
        return max(0, SystemCall.writeAtOnce(descriptor, way, lines))
    }

    /// Whether a write can be tried by itself: no line is torn, nothing holds signals back or waits without bound, and the
    /// last line found room.
    private var isReady: Bool {
        @inline(__always) get {
            !isTorn && !holdsSignals && !blocks && !isStalled && descriptor >= 0 && way != .socket
        }
    }

    @inline(never)
    private func writeRest(lines: UnsafeRawBufferPointer, begun: Int) -> (outcome: Outcome, done: Int) {
        guard descriptor >= 0 else { return (.gone(.badDescriptor), 0) }
        let rest = writeRest(UnsafeRawBufferPointer(rebasing: lines[begun...]))
        if rest.done == 0, begun > 0 { isTorn = lines[begun - 1] != 0x0A }
        return (rest.outcome, begun + rest.done)
    }

    @inline(never)
    private func writeRest(_ lines: UnsafeRawBufferPointer) -> (outcome: Outcome, done: Int) {
        var result = writeLinesOnce(lines)
        if case .refused(let error) = result.outcome, way == .quiet, error.isUnsupported {
            // An older kernel, which has written nothing.
            way = .plain
            holdsSignals = SystemCall.mayRaiseSignals(kind)
            result = writeLinesOnce(lines)
        }
        isStalled = result.outcome == .full
        return result
    }

    private func writeLinesOnce(_ lines: UnsafeRawBufferPointer) -> (outcome: Outcome, done: Int) {
        var signals = HeldSignals(needed: holdsSignals)
        let result = writeLines(lines, holding: &signals)
        signals.release()
        return result
    }

    private func writeLines(
        _ lines: UnsafeRawBufferPointer,
        holding signals: inout HeldSignals
    ) -> (outcome: Outcome, done: Int) {
        var deadline: Int64?
        if isTorn {
            let end: StaticString = "\n"
            let outcome = writeAll(UnsafeRawBufferPointer(start: end.utf8Start, count: 1), &deadline, &signals).outcome
            guard outcome.isWritten else { return (outcome, 0) }
            isTorn = false
        }
        let (outcome, done) = writeAll(lines, &deadline, &signals)
        isTorn = done > 0 && lines[done - 1] != 0x0A
        return (outcome, done)
    }

    private func writeAll(
        _ bytes: UnsafeRawBufferPointer,
        _ deadline: inout Int64?,
        _ signals: inout HeldSignals
    ) -> (outcome: Outcome, done: Int) {
        var done = 0
        while done < bytes.count {
            // 4096 bytes never wait once a pipe says that it has room.
            let length = blocks ? min(4096, bytes.count - done) : bytes.count - done
            if blocks, !waitForRoom(&deadline) { return (.full, done) }
            do {
                done += try SystemCall.write(
                    descriptor,
                    way,
                    UnsafeRawBufferPointer(rebasing: bytes[done..<done + length])
                )
            } catch {
                if error == .interrupted { continue }
                signals.consume(error)
                if error.isFull {
                    if !waitForRoom(&deadline) { return (.full, done) }
                } else {
                    return (error.isGone ? .gone(error) : .refused(error), done)
                }
            }
        }
        return (.written, done)
    }

    /// Waits for room until the line's deadline; not at all while the sink is stalled.
    private func waitForRoom(_ deadline: inout Int64?) -> Bool {
        let now = Clocks.monotonic()
        let (latest, isNever) = now.addingReportingOverflow(isStalled ? 0 : waitsAtMost)
        let end = deadline ?? (isNever ? .max : latest)
        let isFirst = deadline == nil
        deadline = end
        // Rounded up, so that what is left of the time is waited for.
        let milliseconds = end > now ? Int32(clamping: (end - now) / 1_000_000 + 1) : 0
        guard isFirst || milliseconds > 0 else { return false }
        return SystemCall.waitWritable(descriptor, milliseconds: milliseconds)
    }

    // ------------------------------------------------------------------------------------------------ the rest

    /// Has the disk keep what was written.
    internal func synchronise() -> Bool {
        guard descriptor >= 0 else { return false }
        do {
            try SystemCall.synchronise(descriptor)
            return true
        } catch {
            return false
        }
    }

    /// Has the file system find room for bytes of a file that are yet to come; answers whether it did.
    internal func setAside(_ bytes: Range<Int64>) -> Bool {
        descriptor >= 0 && SystemCall.setAside(descriptor, bytes)
    }

    /// Lets go of the sink; every later line finds it gone.
    internal func close() {
        if descriptor >= 0 { SystemCall.closeDescriptor(descriptor) }
        descriptor = -1
    }
}
