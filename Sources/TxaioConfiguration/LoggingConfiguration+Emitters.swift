#if Configuration
internal import TxaioEmitters
public import TxaioLog
internal import TxaioRecovery

extension LoggingConfiguration {
    /// Makes the emitters, and with them what `startLogging` of TxaioLog takes.
    ///
    /// Here files are opened and sockets connected, after all emitters' options have been checked. If one of the emitters
    /// cannot be made, those made before it are closed. A queue that survives the process gets its file; what dead
    /// processes left is recovered by `startLogging(configuration:)` alone, or by `Recovery`.
    ///
    /// - Throws: ``ConfigurationError`` with every fault that was found.
    public func makeSetup() throws(ConfigurationError) -> LoggingSetup { try makeParts().setup }

    /// What it says, with emitters that were made.
    internal func setup(with emitters: [EmitterSetup], delivery: LogDelivery = .direct) -> LoggingSetup {
        LoggingSetup(
            emitters: emitters,
            rules: rules,
            delivery: delivery,
            recordLimit: recordLimit,
            noise: noise,
            scoped: scoped,
            recorder: recorder
        )
    }

    /// Makes the setup, and with it the file of its rings, which goes again if logging cannot be started.
    internal func makeParts() throws(ConfigurationError) -> (setup: LoggingSetup, file: RingFile?) {
        let made = try makeEmitters().all
        var file: RingFile?
        do throws(ConfigurationError) {
            // Last: nothing of it is left behind where an emitter cannot be made.
            file = try queue?.makeFile()
        } catch {
            for setup in made { setup.emitter.close(until: .after(.zero)) }
            throw error
        }
        let storage: any RingStorage = file ?? MemoryRingStorage()
        let delivery = queue.map { LogDelivery.queued($0.options, storage: storage) } ?? .direct
        return (setup(with: made, delivery: delivery), file)
    }

    /// Makes the emitters, but for those that go on.
    ///
    /// - Parameter kept: Emitters that are taken as they are.
    /// - Throws: ``ConfigurationError`` with every fault; then those that were made are closed.
    internal func makeEmitters(
        keeping kept: [EmitterSetup] = []
    ) throws(ConfigurationError) -> (all: [EmitterSetup], new: [any LogEmitter]) {
        let found = faultsOfEmitters()
        guard found.isEmpty else { throw ConfigurationError(found) }
        var all: [EmitterSetup] = []
        var new: [any LogEmitter] = []
        var faults: [ConfigurationError.Fault] = []
        for emitter in emitters {
            if let kept = kept.first(where: { $0.emitter.name == emitter.name }) {
                all.append(EmitterSetup(kept.emitter, level: emitter.level))
                continue
            }
            do {
                let options = EmitterOptions(name: emitter.name, emitter.options, at: emitter.position)
                let sink = try EmitterRegistry.make(emitter.type, at: emitter.typePosition, options: options)
                all.append(EmitterSetup(sink, level: emitter.level))
                new.append(sink)
            } catch {
                faults += error.faults.map { Self.fault($0, of: emitter) }
            }
        }
        guard faults.isEmpty else {
            for emitter in new { emitter.close(until: .after(.zero)) }
            throw ConfigurationError(faults)
        }
        return (all, new)
    }

    /// What is wrong with the emitters' types and options.
    ///
    /// No emitter is made: an option that nobody can know makes each factory stop at its `finish()`, where it has read
    /// all options and opened nothing yet.
    internal func faultsOfEmitters() -> [ConfigurationError.Fault] {
        var faults: [ConfigurationError.Fault] = []
        for emitter in emitters {
            let stop = OptionEntry(Self.stop, OptionValue(.null))
            let options = EmitterOptions(name: emitter.name, emitter.options + [stop], at: emitter.position)
            do {
                let sink = try EmitterRegistry.make(emitter.type, at: emitter.typePosition, options: options)
                sink.close(until: .after(.zero))
            } catch {
                faults += error.faults.filter { $0.option != Self.stop }.map { Self.fault($0, of: emitter) }
            }
        }
        return faults
    }

    /// No file can hold it: a NUL is refused.
    private static let stop = "\u{0}"

    private static func fault(_ fault: EmitterOptionsError.Fault, of emitter: Emitter) -> ConfigurationError.Fault {
        if fault.code == .unusable {
            return .init("emitter '\(emitter.name)' cannot be made: \(fault.message)", at: fault.position)
        }
        // An emitter does not know the keys that are read for it.
        if fault.code == .unknownKey, fault.suggestion == nil {
            let near = Suggestion.closest(to: fault.option, among: ConfigurationReader.emitterKeys)
            return .init(fault.message, at: fault.position, suggestion: near)
        }
        return .init(fault)
    }
}
#endif
