package import Synchronization
package import TxaioLog

/// A datagram socket connected to journald: one entry, one datagram, one system call.
///
/// Any number of threads send at once; no lock is held, so a fork at any moment leaves nothing locked in the child.
/// The socket stays the same for the life of the emitter and is connected anew when journald went away, so that
/// nothing which needs a new descriptor stands between a fault and its end.
package final class JournalSocket: Sendable {
    /// How long nobody tries to connect after an attempt that failed: nanoseconds.
    private static let retryInterval: Int64 = 100_000_000
    /// What is asked for where the option is left alone: as much as libsystemd asks for.
    ///
    /// With the kernel's default one sender gets 278 small entries into journald's queue, with this one as many as
    /// the queue takes.
    package static let defaultSendBuffer = 8 << 20

    /// Between these lies the time that a batch waits before it looks for room again: nanoseconds.
    package static let shortestPause: Int64 = 20_000
    private static let longestPause: Int64 = 5_000_000

    package let path: String
    private let sendBuffer: Int?
    private let descriptor = Atomic<Int32>(-1)
    private let spare = Atomic<Int32>(-1)
    /// When to connect next, where nobody listened; 0 while connected.
    private let retryAt = Atomic<Int64>(0)
    private let lastError = Atomic<Int32>(0)
    private let safe = Atomic<Int>(4096)
    private let isClosed = Atomic<Bool>(false)

    /// Entries that went as a memory file.
    package let sealed = Atomic<UInt64>(0)
    /// Connections made, the first included.
    package let connections = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - path: Where journald listens.
    ///   - sendBuffer: How many bytes may be on their way, `nil` to leave the kernel's default.
    package init(path: String, sendBuffer: Int? = JournalSocket.defaultSendBuffer) {
        self.path = path
        self.sendBuffer = sendBuffer
        spare.store(SpareDescriptor.open(), ordering: .relaxed)
        if renew() { _ = connect() }
    }

    deinit {
        closeIfOpen(descriptor.load(ordering: .relaxed))
        closeIfOpen(spare.load(ordering: .relaxed))
    }

    /// Sends one entry.
    ///
    /// - Parameters:
    ///   - bytes: The entry, in the native protocol's form.
    ///   - deadline: Until when to wait for room; `nil` not to wait.
    package func send(_ bytes: UnsafeRawBufferPointer, until deadline: Deadline? = nil) -> JournalOutcome {
        if isClosed.load(ordering: .relaxed) { return .gone(ErrorNumber.notConnected) }
        if retryAt.load(ordering: .acquiring) != 0, !connect() { return .gone(lastError.load(ordering: .relaxed)) }
        let error = DatagramSocket.send(descriptor.load(ordering: .relaxed), bytes)
        return error == 0 ? .sent : resolve(error, bytes, until: deadline)
    }

    /// Sends entries that lie one behind the other, each as a datagram of its own, in one call.
    ///
    /// - Parameters:
    ///   - entries: The entries, in the native protocol's form.
    ///   - start: Where the first of those to be sent begins.
    ///   - ends: Where each of those to be sent ends.
    /// - Returns: How many were sent, which are the first ones, and where none was whether there was no room. That it was
    ///   none for another reason is no verdict: what is to be done about it ``send(_:until:)`` knows.
    package func sendMany(
        _ entries: UnsafeRawBufferPointer,
        from start: Int,
        _ ends: UnsafeBufferPointer<Int>
    ) -> (sent: Int, isFull: Bool) {
        guard let base = entries.baseAddress, !isClosed.load(ordering: .relaxed),
            retryAt.load(ordering: .acquiring) == 0
        else { return (0, false) }
        let (sent, error) = DatagramSocket.sendMany(descriptor.load(ordering: .relaxed), base, from: start, ends)
        return (sent, error == ErrorNumber.tryAgain)
    }

    /// Waits until journald has probably taken about half of what it was sent.
    ///
    /// Who asks to be woken as soon as there is room is woken for each single entry, which costs journald more than the
    /// entry costs us.
    ///
    /// - Parameters:
    ///   - pause: How long to wait: nanoseconds. Becomes longer or shorter by what was seen.
    ///   - deadline: Until when to wait at most.
    /// - Returns: Whether it is worth another try.
    package func waitForHalf(_ pause: inout Int64, until deadline: Deadline) -> Bool {
        let left = deadline.nanoseconds - Clocks.monotonic()
        guard left > 0 else { return false }
        let socket = descriptor.load(ordering: .relaxed)
        let before = DatagramSocket.unsent(socket)
        Pause.sleep(nanoseconds: min(left, pause))
        let after = DatagramSocket.unsent(socket)
        if after <= before / 4 {
            pause = max(Self.shortestPause, pause / 2)
        } else if after > before / 2 {
            pause = min(Self.longestPause, pause + pause / 2)
        }
        return true
    }

    @inline(never)
    private func resolve(
        _ firstError: Int32,
        _ bytes: UnsafeRawBufferPointer,
        until deadline: Deadline?
    ) -> JournalOutcome {
        var state = JournalSendState()
        var error = firstError
        var isMade = true
        var waits = 0
        while true {
            switch state.step(after: error, isMade: isMade) {
            case .give(let outcome):
                if outcome == .sent, state.isSealing { sealed.wrappingAdd(1, ordering: .relaxed) }
                return outcome
            case .again, .seal: break
            case .useSpare:
                closeIfOpen(spare.exchange(-1, ordering: .acquiringAndReleasing))
            case .reconnect:
                guard connect() else { return .gone(lastError.load(ordering: .relaxed)) }
            case .renew:
                guard renew(), connect() else { return .gone(lastError.load(ordering: .relaxed)) }
            case .wait:
                guard let deadline, waitForRoom(until: deadline, round: waits) else { return .full }
                waits += 1
            }
            if state.isSealing {
                (error, isMade) = DatagramSocket.sendSealed(descriptor.load(ordering: .relaxed), bytes)
                keepSpare()
            } else {
                (error, isMade) = (DatagramSocket.send(descriptor.load(ordering: .relaxed), bytes), true)
            }
        }
    }

    /// Opens the spare descriptor again where it was given up.
    private func keepSpare() {
        guard spare.load(ordering: .relaxed) < 0 else { return }
        let fresh = SpareDescriptor.open()
        guard fresh >= 0 else { return }
        let (isOurs, _) = spare.compareExchange(expected: -1, desired: fresh, ordering: .acquiringAndReleasing)
        if !isOurs { closeIfOpen(fresh) }
    }

    /// Waits for room.
    ///
    /// The socket may be writable though this entry does not fit: from the second round on a short pause comes first,
    /// so that it never spins.
    private func waitForRoom(until deadline: Deadline, round: Int) -> Bool {
        var left = deadline.nanoseconds - Clocks.monotonic()
        guard left > 0 else { return false }
        if round > 0 {
            Pause.sleep(nanoseconds: min(left, 100_000 << Int64(min(round, 6))))
            left = deadline.nanoseconds - Clocks.monotonic()
        }
        // A rest of less than a millisecond, or an early end: the caller tries once more, and time decides.
        if left >= 1_000_000 {
            let milliseconds = Int32(clamping: left / 1_000_000)
            _ = SystemCall.waitWritable(descriptor.load(ordering: .relaxed), milliseconds: milliseconds)
        } else if left > 0 {
            Pause.sleep(nanoseconds: left)
        }
        return true
    }

    /// Makes a socket.
    ///
    /// The old number, if there was one, is somebody else's by now and is left alone.
    private func renew() -> Bool {
        let (fresh, error) = DatagramSocket.make()
        guard fresh >= 0 else {
            postpone(error)
            return false
        }
        if let sendBuffer { DatagramSocket.setSendBuffer(fresh, to: sendBuffer) }
        safe.store(max(4096, min(DatagramSocket.sendBuffer(fresh) / 4, 64 << 10)), ordering: .relaxed)
        descriptor.store(fresh, ordering: .releasing)
        return true
    }

    /// Connects, unless the last attempt failed a moment ago.
    private func connect() -> Bool {
        let next = retryAt.load(ordering: .acquiring)
        if next != 0, Clocks.monotonic() < next { return false }
        if descriptor.load(ordering: .relaxed) < 0, !renew() { return false }
        let error = DatagramSocket.connect(descriptor.load(ordering: .relaxed), to: path)
        guard error == 0 else {
            postpone(error)
            return false
        }
        connections.wrappingAdd(1, ordering: .relaxed)
        retryAt.store(0, ordering: .releasing)
        return true
    }

    private func postpone(_ error: Int32) {
        lastError.store(error, ordering: .relaxed)
        retryAt.store(Clocks.monotonic() + Self.retryInterval, ordering: .releasing)
    }

    /// No entry is sent any more.
    ///
    /// The descriptor is closed once no thread can be using it.
    package func close() { isClosed.store(true, ordering: .relaxed) }

    /// The largest datagram that surely fits beside others: what an entry is cut down to where no memory file can be
    /// had.
    package var safeSize: Int { safe.load(ordering: .relaxed) }
}

private func closeIfOpen(_ descriptor: Int32) {
    if descriptor >= 0 { SystemCall.closeDescriptor(descriptor) }
}
