internal import TxaioLog

/// What a send came to.
package enum JournalOutcome: Sendable, Hashable {
    /// The kernel has it.
    case sent
    /// There was no room within the time allowed.
    case full
    /// Nobody listens at the path; the error's number.
    case gone(Int32)
    /// It exceeds a datagram, and no memory file could be made for it; the error's number.
    case tooLarge(Int32)
    /// It was refused; the error's number.
    case failed(Int32)
}

/// Decides, for one entry, what follows on each error of the system.
///
/// Pure: it holds no descriptor and waits for nothing.
///
/// Invariant: every sequence of errors ends with `give` after a bounded number of steps, waits aside, which the
/// caller's deadline bounds.
package struct JournalSendState {
    /// What the caller does next.
    package enum Step: Hashable {
        /// Call again as before.
        case again
        /// Send it as a sealed memory file from now on.
        case seal
        /// Give up the spare descriptor, then call again.
        case useSpare
        /// Connect once more, then call again.
        case reconnect
        /// The descriptor is no socket of ours any more: make another, connect it, then call again.
        case renew
        /// Wait for room if time allows, then call again.
        case wait
        /// It is over.
        case give(JournalOutcome)
    }

    package private(set) var isSealing = false
    private var interruptions = 0
    private var hasReconnected = false
    private var hasUsedSpare = false

    package init() {}

    /// The next step after an error of a plain or sealed send.
    ///
    /// - Parameters:
    ///   - error: The error's number.
    ///   - isMade: Of a sealed send: whether the file was there, so that the error is the socket's.
    package mutating func step(after error: Int32, isMade: Bool = true) -> Step {
        guard isMade else { return stepWithoutFile(error) }
        switch error {
        case 0:
            return .give(.sent)
        case ErrorNumber.interrupted:
            interruptions += 1
            return interruptions <= 16 ? .again : .give(.failed(error))
        case ErrorNumber.tryAgain, ErrorNumber.tooManyReferences:
            // Too many descriptors in flight goes away as soon as journald takes some of them.
            return .wait
        case ErrorNumber.tooLong:
            return seal(error)
        case ErrorNumber.noBuffers:
            // A large datagram, or, of a memory file, a kernel without memory for the moment.
            return isSealing ? .wait : seal(error)
        case ErrorNumber.refused, ErrorNumber.notConnected, ErrorNumber.reset, ErrorNumber.brokenPipe,
            ErrorNumber.noEntry, ErrorNumber.noDirectory:
            return once(.reconnect, else: .gone(error))
        case ErrorNumber.badDescriptor, ErrorNumber.noSocket:
            return once(.renew, else: .gone(error))
        default:
            return .give(.failed(error))
        }
    }

    private mutating func stepWithoutFile(_ error: Int32) -> Step {
        switch error {
        case ErrorNumber.processFiles, ErrorNumber.systemFiles:
            if hasUsedSpare { return .give(.tooLarge(error)) }
            hasUsedSpare = true
            return .useSpare
        default:
            return .give(.tooLarge(error))
        }
    }

    private mutating func seal(_ error: Int32) -> Step {
        if isSealing { return .give(.tooLarge(error)) }
        isSealing = true
        return .seal
    }

    private mutating func once(_ step: Step, else outcome: JournalOutcome) -> Step {
        if hasReconnected { return .give(outcome) }
        hasReconnected = true
        return step
    }
}
