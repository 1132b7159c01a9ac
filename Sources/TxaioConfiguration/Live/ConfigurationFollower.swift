#if Configuration
internal import CTxaio
internal import TxaioLog

/// The thread that follows a configuration's file, and the signals that it obeys.
internal final class ConfigurationFollower: Sendable {
    private let live: LiveConfiguration
    private let file: FollowedFile
    private let following: LoggingConfiguration.Following
    private let watch: FileWatch

    /// Answers `nil` where nothing is to be followed.
    internal init?(_ live: LiveConfiguration, _ file: FollowedFile) {
        following = live.configuration.following
        guard following.watch || following.hangup || following.verbosity, let watch = FileWatch(path: file.path) else {
            return nil
        }
        self.live = live
        self.file = file
        self.watch = watch
    }

    /// Begins to follow.
    internal func start() {
        if following.hangup { note(txaio_wake_on_signal(Platform.hangup, watch.wakeUp), "SIGHUP") }
        if following.verbosity {
            note(txaio_wake_on_signal(Platform.louder, watch.wakeUp), "SIGUSR1")
            note(txaio_wake_on_signal(Platform.quieter, watch.wakeUp), "SIGUSR2")
        }
        TxaioLog.Platform.startThread(named: "txaio-config") { [self] in run() }
    }

    private func note(_ error: Int32, _ signal: StaticString) {
        guard error != 0 else { return }
        LiveConfiguration.log.warn("{signal} cannot be handled: error {errno}", ("signal", signal), ("errno", error))
    }

    private func run() {
        var pace = ReloadPace(identity: file.identity, isWatched: watch.isWatching)
        while live.session.isInForce {
            for sight in watch.wait(nanoseconds: pace.wait(at: Clocks.monotonic())) {
                if following.watch { pace.saw(sight, at: Clocks.monotonic()) }
            }
            obey(&pace)
            if following.watch { pace.found(Platform.identity(of: file.path), at: Clocks.monotonic()) }
            guard pace.takeTurn(at: Clocks.monotonic()) else { continue }
            let before = Platform.identity(of: file.path)
            let reading = live.read { [self] in
                let sights = watch.sights()
                for sight in sights { pace.saw(sight, at: Clocks.monotonic()) }
                return sights.isEmpty && Platform.identity(of: file.path) == before
            }
            if reading == .overtaken { pace.missed() }
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
