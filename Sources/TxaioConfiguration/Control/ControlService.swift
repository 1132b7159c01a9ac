#if Configuration
internal import Foundation
package import TxaioLog

/// Does what clients of the control socket ask for.
internal struct ControlService: Sendable {
    private let live: LiveConfiguration

    internal init(_ live: LiveConfiguration) { self.live = live }

    /// The answer's line.
    internal func answer(_ line: ControlLines.Line) -> [UInt8] {
        do {
            switch line {
            case .fault(let message): throw ControlRequest.Fault(message)
            case .request(let text): return try answer(ControlRequest(parsing: text))
            }
        } catch let fault as ControlRequest.Fault {
            return Self.error(fault.message)
        } catch let fault as LevelRulesError {
            return Self.error(fault.description)
        } catch {
            return Self.error("\(error)")
        }
    }

    /// An error of one line.
    internal static func error(_ message: String) -> [UInt8] {
        Array("error \(message.split(separator: "\n").joined(separator: "; "))".utf8)
    }

    private func answer(_ request: ControlRequest) throws -> [UInt8] {
        switch request {
        case .status: return try ok(status)
        case .levels: return try ok(levels)
        case .set(let text):
            try setTemporaryLevels(text)
            return try ok(levels)
        case .reset:
            resetTemporaryLevels()
            return try ok(levels)
        case .reload:
            let isInForce = live.reload()
            return try ok(
                ControlAnswers.Reload(
                    inForce: isInForce,
                    generation: live.generation,
                    lastError: live.lastError?.description
                )
            )
        case .flush(let limit): return try ok(ControlAnswers.Flush(complete: live.session.flush(within: limit)))
        case .explain(let namespace, let level): return try ok(explain(namespace, level))
        }
    }

    private func ok(_ answer: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array("ok ".utf8) + (try encoder.encode(answer))
    }

    private var status: ControlAnswers.Status {
        let ledger = live.session.ledger
        return ControlAnswers.Status(
            process: ProcessInfo.processInfo.processIdentifier,
            program: CommandLine.arguments.first ?? "",
            configuration: live.source,
            generation: live.generation,
            lastError: live.lastError?.description,
            offered: ledger.offered,
            delivered: ledger.delivered,
            recovered: ledger.recovered,
            waiting: ledger.waiting,
            refused: ledger.refused,
            dropped: ledger.dropped,
            suppressed: ledger.suppressed,
            recorded: .init(ledger.recorded),
            delivery: live.configuration.queue == nil ? "direct" : "queued",
            emitters: ledger.emitters.map { .init($0) },
            retired: ledger.retired.map { .init($0) }
        )
    }

    private var levels: ControlAnswers.Levels {
        ControlAnswers.Levels(
            rules: live.configuration.rules.description,
            environment: NamespaceRegistry.shared.environment?.rulesText,
            temporary: TemporaryLevelStore.shared.entries.map { entry in
                .init(rules: entry.levels.rulesText, remaining: entry.remaining.map { max(0, $0 / .seconds(1)) })
            }
        )
    }

    private func explain(_ namespace: String, _ level: LogLevel) -> [ControlAnswers.Explanation] {
        let environment = NamespaceRegistry.shared.environment.map { [(EnvironmentLevels.variable, $0)] } ?? []
        return ControlAnswers.Explanation.all(
            live.configuration,
            above: environment + TemporaryLevelStore.shared.entries.map { ("temporary", $0.levels) },
            byHand: NamespaceRegistry.shared.levelByHand(of: namespace),
            namespace: namespace,
            level: level
        )
    }
}

extension ControlAnswers.Recorded {
    fileprivate init(_ counts: RecorderCounts) {
        self.init(
            kept: counts.kept,
            written: counts.written,
            lost: counts.lost,
            discarded: counts.discarded,
            held: counts.held
        )
    }
}

extension ControlAnswers.Emitter {
    fileprivate init(_ counts: EmitterCounts) {
        self.init(
            name: counts.name,
            filtered: counts.filtered,
            refused: counts.refused,
            accepted: counts.accepted,
            handedOver: counts.handedOver,
            inFlight: counts.inFlight,
            dropped: Dictionary(uniqueKeysWithValues: counts.dropped.filter { $0.value > 0 }.map { ("\($0)", $1) })
        )
    }
}

extension ControlAnswers.Explanation {
    /// What becomes of events at each emitter of a configuration.
    ///
    /// - Parameters:
    ///   - above: What holds above it, the strongest last, each with what it is called.
    ///   - byHand: The level that was set on a logger: the last word.
    package static func all(
        _ configuration: LoggingConfiguration,
        above: [(name: String, levels: TemporaryLevels)] = [],
        byHand: LogLevel? = nil,
        namespace: String,
        level: LogLevel
    ) -> [Self] {
        let scoped = byHand == nil ? configuration.scoped + above.compactMap(\.levels.scoped) : []
        let everywhere = above.filter { $0.levels.condition == nil }
        var found = configuration.emitters.map { emitter in
            let chain = RuleChain(
                configuration.rules,
                below: everywhere,
                byHand: byHand,
                namespace: namespace,
                emitter: emitter.name
            )
            return Self(chain, scoped: scoped, namespace: namespace, level: level, emitter: emitter)
        }
        // What passes anywhere is not recorded.
        if byHand == nil, !found.contains(where: \.passes),
            let rule = configuration.recorder?.rule(for: namespace), level <= rule.level
        {
            for index in found.indices where level <= configuration.emitters[index].level {
                found[index].recorded = rule.description
            }
        }
        return found
    }

    private init(
        _ chain: RuleChain,
        scoped: [ScopedLevels],
        namespace: String,
        level: LogLevel,
        emitter: LoggingConfiguration.Emitter
    ) {
        let threshold = min(chain.level, emitter.level)
        self.init(
            namespace: namespace,
            level: level.description,
            emitter: emitter.name,
            passes: level <= threshold,
            threshold: threshold.description,
            emitterLevel: emitter.level.description,
            rules: chain.steps.map {
                Step(rule: $0.rule, level: $0.level.description, decides: $0.decides, reason: $0.reason)
            },
            scopes: scoped.compactMap { levels in
                levels.rule(for: namespace).map { rule in
                    Condition(
                        rule: rule.description,
                        condition: levels.condition.description,
                        passes: level <= min(rule.level, emitter.level)
                    )
                }
            }
        )
    }
}
#endif
