internal import TxaioLog

/// Looks after the files that were put aside for a path: deletes those that are too many, compresses the rest.
///
/// On a thread of its own, which ends when there is nothing left to do.
internal final class RotatedFiles: Sendable {
    private struct State {
        var isRunning = false
        var isAskedAgain = false
        var teller = FaultInterval()
    }

    private let state = Lock(State())
    private let emitter: String
    private let path: String
    private let rotation: LogRotation

    /// How often, two seconds apart, a file is tried that another process still writes to.
    private static let attempts = 5

    internal init(path: String, _ rotation: LogRotation, emitter: String) {
        self.path = path
        self.rotation = rotation
        self.emitter = emitter
    }

    /// Has it done soon; never waits.
    internal func tidySoon() {
        let starts = state.withLock { state in
            if state.isRunning {
                state.isAskedAgain = true
                return false
            }
            state.isRunning = true
            return true
        }
        guard starts else { return }
        Platform.startThread(named: "txaio-files") { self.run() }
    }

    private func run() {
        var attempts = Self.attempts
        while true {
            let isLeft = tidy()
            let (isAskedAgain, isOver) = state.withLock { state -> (Bool, Bool) in
                let isAskedAgain = state.isAskedAgain
                state.isAskedAgain = false
                state.isRunning = isAskedAgain || isLeft && attempts > 0
                return (isAskedAgain, !state.isRunning)
            }
            if isOver { return }
            if isAskedAgain {
                attempts = Self.attempts
            } else {
                attempts -= 1
                Platform.sleep(microseconds: 2_000_000)
            }
        }
    }

    /// Does it once; answers whether another process still holds a file that is to be compressed.
    private func tidy() -> Bool {
        let base = LogPath(path).name
        do throws(Errno) {
            try removeTooMany(base, bySize: !rotation.compresses)
            guard rotation.compresses else { return false }
            var isLeft = false
            for name in try names(base) where name.form == .plain {
                switch Compression(path: path, name.stamp).run() {
                case .done: state.withLock { $0.teller.ends() }
                case .busy: isLeft = true
                case .failed(let reason): tell("cannot compress '\(name.name(of: path))': \(reason)")
                }
            }
            try removeTooMany(base, bySize: true)
            return isLeft
        } catch {
            tell("cannot read '\(LogPath(path).directory)': \(error.description)")
            return false
        }
    }

    /// The files that were put aside, oldest first.
    private func names(_ base: String) throws(Errno) -> [RotatedName] {
        try SystemCall.names(in: LogPath(path).directory).compactMap { RotatedName($0, of: base) }
            .sorted { $0.stamp.utf8.lexicographicallyPrecedes($1.stamp.utf8) }
    }

    private func candidates(_ base: String) throws(Errno) -> [Retention.Candidate] {
        var found: [Retention.Candidate] = []
        let device = try SystemCall.status(at: LogPath(path).directory, followsLink: true).identity.device
        for name in try names(base) where name.form != .unfinished {
            guard let status = own(name), status.identity.device == device else { continue }
            found.append(Retention.Candidate(name: name, size: status.size))
        }
        return found
    }

    /// The status of a file that was put aside, if it is none that somebody else made; `nil` where it is.
    private func own(_ name: RotatedName) -> SystemCall.Status? {
        guard let status = try? SystemCall.status(at: name.name(of: path), followsLink: false) else { return nil }
        return status.refusal == nil ? status : nil
    }

    private func removeTooMany(_ base: String, bySize: Bool) throws(Errno) {
        let retention = Retention(rotation, now: Clocks.wall(), bySize: bySize)
        for candidate in retention.tooMany(of: try candidates(base)) {
            let doomed = candidate.name.name(of: path)
            do {
                try SystemCall.remove(doomed)
            } catch {
                // Another process may have been quicker.
                if !error.isMissing { tell("cannot delete '\(doomed)': \(error.description)") }
            }
        }
    }

    private func tell(_ text: String) {
        let isTold = state.withLock { $0.teller.begins(at: Clocks.monotonic()) }
        if isTold { StandardError.tell("emitter '\(emitter)' \(text)") }
    }
}
