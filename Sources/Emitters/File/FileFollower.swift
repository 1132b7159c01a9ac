internal import TxaioLog

/// Keeps a sink at its path: opens it anew where the file was moved away, and puts it aside where its rotation says so.
///
/// A plain state machine over the system's calls, none of which waits for anybody: who shares it holds a lock.
internal final class FileFollower {
    private let file: LogFile
    private let waitsAtMost: Int64
    private let rotatedFiles: RotatedFiles?
    /// The file that lines go into.
    private var identity: SystemCall.Identity
    private var boundary: Int64
    private var reserve: FileReserve
    private var tellers: [Trouble.Kind: FaultInterval] = [:]

    /// Trouble that is told of, and survived.
    internal struct Trouble {
        internal enum Kind { case reopening, rotation }
        let kind: Kind
        let reason: String
    }

    /// What a look found.
    internal struct Look {
        /// Where lines go from now on, if no longer to the old one.
        var descriptor: LineDescriptor?
        var watch: FileWatch
        /// Bytes of the file to be set aside on the disk.
        var room: Range<Int64>?
        /// To be told of once the lock is released.
        var told: Trouble?
        /// Whether a file was put aside.
        var isRotated = false
    }

    internal init(_ file: LogFile, _ opened: OpenedFile, waitsAtMost: Int64, rotatedFiles: RotatedFiles?) {
        self.file = file
        self.waitsAtMost = waitsAtMost
        self.rotatedFiles = rotatedFiles
        identity = opened.status.identity
        boundary = Self.boundary(file, opened.status)
        reserve = FileReserve(size: opened.status.size)
    }

    /// Where a file is not empty its time began with what was written to it last, which an earlier run may have done.
    private static func boundary(_ file: LogFile, _ status: SystemCall.Status) -> Int64 {
        file.rotation?.boundary(after: status.size > 0 ? status.modified : Clocks.wall()) ?? .max
    }

    /// Has what was put aside deleted or compressed, on a thread of its own.
    internal func tidy() { rotatedFiles?.tidySoon() }

    /// Looks at the path before `count` bytes of an event at `time` are written.
    internal func look(at time: Int64, adding count: Int) -> Look {
        let requests = Reopening.requests
        let ceiling = file.rotation?.ceiling ?? .max
        var outcome = follow()
        if outcome.result == .done, outcome.size > 0, file.rotation != nil {
            if outcome.size > ceiling &- Int64(count) || time >= boundary { outcome = rotate(after: outcome) }
        }
        // An empty file's time begins with its first line.
        if outcome.size == 0, outcome.descriptor == nil, outcome.result == .done, time >= boundary {
            boundary = file.rotation?.boundary(after: time) ?? .max
        }
        let room =
            outcome.result == .done
            ? reserve.room(at: time, size: outcome.size, adding: count, ceiling: ceiling) : nil
        return Look(
            descriptor: outcome.descriptor,
            watch: FileWatch(
                at: time,
                size: outcome.size,
                ceiling: min(ceiling, reserve.mark),
                boundary: boundary,
                requests: requests,
                outcome.result
            ),
            room: room,
            told: told(outcome, at: time),
            isRotated: outcome.isRotated
        )
    }

    /// Notes whether the file system has set aside what was asked for, and how long that took.
    internal func setAside(_ isThere: Bool, in time: Int64) {
        if isThere { reserve.took(time) } else { reserve.refused() }
    }

    // ------------------------------------------------------------------------------------------------ effects

    private struct Outcome {
        var result: FileWatch.Result
        var size: Int64
        var descriptor: LineDescriptor?
        var trouble: Trouble?
        var isRotated = false

        static func failed(_ trouble: Trouble) -> Outcome { Outcome(result: .failed, size: 0, trouble: trouble) }
    }

    /// Sees to it that lines go to the file at the path.
    private func follow() -> Outcome {
        do {
            let status = try SystemCall.status(at: file.path, followsLink: file.rotation == nil)
            return status.identity == identity ? Outcome(result: .done, size: status.size) : reopen()
        } catch {
            return error.isMissing ? reopen() : .failed(Trouble(kind: .reopening, reason: error.description))
        }
    }

    /// Opens the path anew; the old file stays where that fails.
    private func reopen(asBefore status: SystemCall.Status? = nil) -> Outcome {
        do {
            let opened = try OpenedFile(file)
            guard opened.kind == .file else {
                SystemCall.closeDescriptor(opened.descriptor)
                return .failed(Trouble(kind: .reopening, reason: "it is no regular file"))
            }
            if let status { SystemCall.copyAccess(from: status, to: opened.descriptor) }
            return Outcome(result: .done, size: opened.status.size, descriptor: take(opened))
        } catch {
            return .failed(Trouble(kind: .reopening, reason: error.reason))
        }
    }

    private func take(_ opened: OpenedFile) -> LineDescriptor {
        identity = opened.status.identity
        boundary = Self.boundary(file, opened.status)
        reserve = FileReserve(size: opened.status.size)
        // Whoever made the file anew is alive and writes: what looks like a torn line is one that it is about to end.
        return LineDescriptor(opened.descriptor, opened.kind, waitsAtMost: waitsAtMost)
    }

    /// Puts the file aside in which lines go after `before`.
    private func rotate(after before: Outcome) -> Outcome {
        var outcome = before
        do {
            guard let status = try PutAside.move(file.path, identity) else {
                // Most often it is done by now.
                let again = follow()
                if again.descriptor != nil { return again }
                outcome.result = .busy
                return outcome
            }
            // From here on the name is free: where it cannot be opened, lines go on into the file that was put aside, and the
            // next look tries again.
            let opened = reopen(asBefore: status)
            outcome.result = opened.result
            outcome.size = opened.size
            outcome.trouble = opened.trouble
            outcome.descriptor = opened.descriptor ?? before.descriptor
            outcome.isRotated = true
        } catch {
            outcome.result = .failed
            outcome.trouble = Trouble(kind: .rotation, reason: error.reason)
        }
        return outcome
    }

    /// What is to be told now: trouble once, and again once it was over, at most once a minute.
    private func told(_ outcome: Outcome, at time: Int64) -> Trouble? {
        if let trouble = outcome.trouble {
            return tellers[trouble.kind, default: FaultInterval()].begins(at: time) ? trouble : nil
        }
        if outcome.result == .done, !tellers.isEmpty {
            for kind in tellers.keys { tellers[kind]?.ends() }
        }
        return nil
    }
}

/// Decides when lasting trouble is told of: when it begins, and after it was over again, at most once a minute.
///
/// Pure.
internal struct FaultInterval {
    private static let pause: UInt64 = 60_000_000_000
    private var toldAt: Int64?
    private var isOver = true

    internal init() {}

    /// Notes that there is trouble; answers whether to tell of it.
    internal mutating func begins(at time: Int64) -> Bool {
        guard isOver else { return false }
        isOver = false
        if let toldAt, (time &- toldAt).magnitude < Self.pause { return false }
        toldAt = time
        return true
    }

    /// Notes that it is over.
    internal mutating func ends() { isOver = true }
}
