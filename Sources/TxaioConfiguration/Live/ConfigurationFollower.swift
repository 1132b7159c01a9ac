#if Configuration
internal import CTxaio
internal import TxaioLog

/// The thread that follows a configuration's file, and the signals that it obeys.
internal final class ConfigurationFollower: Sendable {
    private let live: LiveConfiguration
    private let path: String
    private let watch: FileWatch

    /// Answers `nil` where there is no file to follow.
    internal init?(_ live: LiveConfiguration) {
        guard let path = live.path, let watch = FileWatch(path: path) else { return nil }
        self.live = live
        self.path = path
        self.watch = watch
    }

    /// Begins to follow; `identity` is the file's at the time when it was read.
    internal func start(from identity: FileIdentity?) {
        let following = live.configuration.following
        if following.hangup { note(txaio_wake_on_signal(Platform.hangup, watch.wakeUp), "SIGHUP") }
        if following.verbosity {
            note(txaio_wake_on_signal(Platform.louder, watch.wakeUp), "SIGUSR1")
            note(txaio_wake_on_signal(Platform.quieter, watch.wakeUp), "SIGUSR2")
        }
        guard following.watch || following.hangup || following.verbosity else { return }
        TxaioLog.Platform.startThread(named: "txaio-config") { [self] in run(from: identity, following.watch) }
    }

    private func note(_ error: Int32, _ signal: StaticString) {
        guard error != 0 else { return }
        LiveConfiguration.log.warn("{signal} cannot be handled: error {errno}", ("signal", signal), ("errno", error))
    }

    private func run(from identity: FileIdentity?, _ isWatching: Bool) {
        var pace = ReloadPace(identity: identity, isWatched: watch.isWatching)
        while live.session.isInForce {
            for sight in watch.wait(nanoseconds: pace.wait(at: Clocks.monotonic())) {
                pace.saw(sight, at: Clocks.monotonic())
            }
            obey(&pace)
            if isWatching { pace.found(Platform.identity(of: path), at: Clocks.monotonic()) }
            guard pace.takeTurn(at: Clocks.monotonic()) else { continue }
            let before = Platform.identity(of: path)
            let reading = live.read { [self] in
                let sights = watch.sights()
                for sight in sights { pace.saw(sight, at: Clocks.monotonic()) }
                return sights.isEmpty && Platform.identity(of: path) == before
            }
            if reading == nil { pace.missed() }
        }
    }

    private func obey(_ pace: inout ReloadPace) {
        if txaio_take_signals(Platform.hangup) > 0 { pace.demand() }
        let louder = Int(txaio_take_signals(Platform.louder))
        let quieter = Int(txaio_take_signals(Platform.quieter))
        guard louder != quieter else { return }
        do {
            try live.shiftLevels(by: louder - quieter)
        } catch {
            LiveConfiguration.log.error("Levels cannot be changed: {fault}", ("fault", "\(error)"))
        }
    }
}
#endif
